"""The concise recurrent networks (d2l 9.6, 10.1–10.3): torch's own layers and a linear readout."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, linear, one_hot

from stepahead.text.architecture import Architecture
from stepahead.text.dropout import Dropout

# torch's kernel of each cell, which torch.nn's modules call too, and how many gates its weights stack up
KERNELS: dict[str, tuple[Any, int]] = {"rnn": (torch.rnn_tanh, 1), "gru": (torch.gru, 3), "lstm": (torch.lstm, 4)}


class LayerRNN:
    """Layers of torch's rnn, gru or lstm over tokens; parameters from U(±1/√num_hiddens), as in torch."""

    def __init__(self, architecture: Architecture, generator: torch.Generator, device: torch.device) -> None:
        self.architecture = a = architecture
        self.weights: dict[str, Tensor] = {}
        for i in range(a.num_layers):
            width = a.num_hiddens if i else a.embedding_size or a.vocab_size
            self.weights |= _layer_weights(a.cell, i, width, a.num_hiddens)
        if not a.tied:
            self.weights["weight"] = torch.empty(a.vocab_size, a.readout_size)
        self.weights["bias"] = torch.empty(a.vocab_size)
        if a.embedding_size:
            self.weights["embedding"] = torch.empty(a.vocab_size, a.embedding_size)
        bound = a.num_hiddens**-0.5
        for weight in self.weights.values():
            weight.uniform_(-bound, bound, generator=generator)
        if a.cell == "lstm":
            for i in range(a.num_layers):
                self.weights[f"bias_ih_l{i}"][a.num_hiddens : 2 * a.num_hiddens] += a.forget_bias
        self.weights = {name: weight.to(device).requires_grad_() for name, weight in self.weights.items()}

    def parameters(self) -> dict[str, Tensor]:
        return self.weights

    def initial_state(self, batch_size: int) -> tuple[Tensor, ...]:
        shape = (self.architecture.num_layers, batch_size, self.architecture.num_hiddens)
        count = 2 if self.architecture.cell == "lstm" else 1
        return tuple(torch.zeros(shape, device=self.weights["bias"].device) for _ in range(count))

    def hidden(
        self, ids: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """What the readout reads, and the state after it.

        Args:
            ids: tokens (T, B).
            state: the hidden state, and an LSTM's memory, each (L, B, H).

        Returns:
            (T, B, readout_size), and a state like the one given.
        """
        values = self._inputs(ids)  # (T, B, V) or (T, B, E)
        if dropout is not None:
            values = dropout.drop_tokens(values)
        outputs, lasts = [], []
        for i in range(self.architecture.num_layers):
            values, last = self._layer(i, values, tuple(part[i : i + 1] for part in state), dropout)  # (T, B, H)
            if dropout is not None:
                values = dropout.drop_units(values, top=i == self.architecture.num_layers - 1)
            outputs.append(values)
            lasts.append(last)
        read = torch.cat(outputs, dim=-1) if self.architecture.readout == "all" else values
        return read, tuple(torch.cat(parts) for parts in zip(*lasts, strict=True))

    def readout(self, hidden: Tensor) -> Tensor:
        """Hidden states (…, readout_size) to logits (…, V)."""
        return linear(hidden, self.weights["embedding" if self.architecture.tied else "weight"], self.weights["bias"])

    def _inputs(self, ids: Tensor) -> Tensor:
        if self.architecture.embedding_size:
            return embedding(ids, self.weights["embedding"])
        return one_hot(ids, self.architecture.vocab_size).to(self.weights["bias"].dtype)

    def _layer(
        self, i: int, inputs: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        kernel, _ = KERNELS[self.architecture.cell]
        names = (f"weight_ih_l{i}", f"weight_hh_l{i}", f"bias_ih_l{i}", f"bias_hh_l{i}")
        weights = [self.weights[name] for name in names]
        if dropout is not None:
            weights[1] = dropout.drop_weights(weights[1])
        options = (True, 1, 0.0, torch.is_grad_enabled(), False, False)  # biases, one layer, its own dropout off
        hidden, *last = kernel(inputs, state if len(state) > 1 else state[0], weights, *options)
        return hidden, tuple(last)


def _layer_weights(cell: str, i: int, width: int, num_hiddens: int) -> dict[str, Tensor]:
    """Layer i's parameters, not yet drawn, named and shaped as torch.nn's."""
    rows = KERNELS[cell][1] * num_hiddens
    return {
        f"weight_ih_l{i}": torch.empty(rows, width),
        f"weight_hh_l{i}": torch.empty(rows, num_hiddens),
        f"bias_ih_l{i}": torch.empty(rows),
        f"bias_hh_l{i}": torch.empty(rows),
    }
