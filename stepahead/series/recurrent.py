"""Nonlinear autoregression by a recurrent network that reads the lag window as a sequence."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stepahead.artifacts import Array
from stepahead.nn import cells
from stepahead.series.windows import lag_windows, recurse, windows_before

if TYPE_CHECKING:
    import torch


@dataclass(eq=False)
class Recurrent:
    """A one-layer network of `cell` ('rnn', 'gru' or 'lstm') over tau scalars from a zero state, its last hidden state
    put through a linear layer; trained with Adam on squared error from `n_seeds` seeds, `seed` and those after it.

    Beyond one step it is fed its own predictions. Forecasting needs NumPy only.
    """

    cell: str
    tau: int
    num_hiddens: int
    epochs: int
    batch_size: int
    lr: float
    n_seeds: int
    seed: int
    pad: str
    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        """Raises StepaheadError if tau does not fit or the loss stops being finite."""
        from stepahead.nn import ensemble
        from stepahead.nn.unrolled import Network

        network = Network(self.cell, self.num_hiddens)
        packed = ensemble.train(
            lambda generator: network.pack(self._initial_weights(generator)),
            network.squared_error,
            *lag_windows(series, self.tau, self.pad),
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            n_seeds=self.n_seeds,
            seed=self.seed,
            section="recurrent",
        )
        self.weights = network.unpack(packed)

    def one_step(self, windows: Array) -> Array:
        """(N, tau) or (S, N, tau) -> (S, N)"""
        state = cells.zero_state(self.cell, self.weights, windows.shape[:-1])
        for t in range(self.tau):
            state = cells.step(self.cell, self.weights, windows[..., t : t + 1], state)
        outputs = state[0] @ self.weights["output_weight"].mT + self.weights["output_bias"][..., None, :]  # (S, N, 1)
        following: Array = outputs[..., 0]
        return following

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        windows = windows_before(series, origins, self.tau).astype(np.float32)
        return recurse(self.one_step, windows, horizon)

    def _initial_weights(self, generator: "torch.Generator") -> dict[str, "torch.Tensor"]:
        """One seed's weights, U(±1/√H) throughout, as torch's recurrent and linear layers draw them."""
        from stepahead.nn.ensemble import uniform

        rows = cells.GATES[self.cell] * self.num_hiddens
        shapes = {
            "weight_ih": (rows, 1),
            "weight_hh": (rows, self.num_hiddens),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
            "output_weight": (1, self.num_hiddens),
            "output_bias": (1,),
        }
        return {name: uniform(shape, 1 / math.sqrt(self.num_hiddens), generator) for name, shape in shapes.items()}
