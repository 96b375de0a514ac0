"""Dropout for recurrent networks, from an explicit generator."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Dropout:
    """One mask for all steps of a minibatch row (Gal & Ghahramani 2016), so that the state is not blurred step by step.

    At the input whole tokens are dropped, each on its own; between layers and before the readout, hidden units; in the
    recurrence, weights from hidden to hidden, for the whole minibatch (DropConnect, Merity et al. 2018). What stays is
    scaled up by 1 / (1 − rate).
    """

    input: float
    recurrent: float
    layers: float
    output: float
    generator: torch.Generator

    def drop_tokens(self, inputs: Tensor) -> Tensor:
        """Inputs (T, B, E) with every feature of a dropped token zero."""
        return self._masked(inputs, (*inputs.shape[:2], 1), self.input)

    def drop_units(self, hidden: Tensor, top: bool) -> Tensor:
        """A layer's hidden states (T, B, H); `top` tells the last layer, whose rate is that of the output."""
        return self._masked(hidden, (1, *hidden.shape[1:]), self.output if top else self.layers)

    def drop_weights(self, weights: Tensor) -> Tensor:
        """A layer's weights from hidden to hidden (G·H, H)."""
        return self._masked(weights, tuple(weights.shape), self.recurrent)

    def _masked(self, values: Tensor, shape: tuple[int, ...], rate: float) -> Tensor:
        if rate == 0:
            return values
        mask = torch.empty(shape).bernoulli_(1 - rate, generator=self.generator).div_(1 - rate)
        return values * mask.to(values.device)
