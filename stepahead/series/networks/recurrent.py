"""Nonlinear autoregression by a recurrent network that reads the lag window as a sequence."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.windows import lag_windows, windows_before
from stepahead.series.networks import cells

if TYPE_CHECKING:
    import torch

# Multiplications in a matrix product. OpenBLAS spreads larger ones over threads, which for those not much larger is
# slower, on a busy machine many times; and what the network holds for so many windows stays in the processor's cache.
PRODUCT = 2**18


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
        from stepahead.series.networks import ensemble
        from stepahead.series.networks.bptt import Network

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
        """(N, tau) -> (S, N)"""
        return self._paths(windows, 1)[..., 0]

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        return self._paths(windows_before(series, origins, self.tau), horizon)

    def _paths(self, windows: Array, horizon: int) -> Array:
        """`horizon` steps on from each of `windows` (N, tau) by feeding predictions back, (S, N, horizon)."""
        size = PRODUCT // self.weights["weight_hh"][0].size // min(self.tau, horizon)
        size = max(4, size // 4 * 4)  # BLAS takes four rows at a time, and rounds those left over otherwise
        starts = range(0, max(len(windows), 1), size)
        paths = [self._block_of_paths(windows[start : start + size], horizon) for start in starts]
        return np.concatenate(paths, axis=1, dtype=np.float64)

    def _block_of_paths(self, windows: Array, horizon: int) -> Array:
        """Window k of a path holds its steps k … k + tau − 1. A step is read by all windows that hold it at once."""
        weights, tau, held = self.weights, self.tau, min(self.tau, horizon)
        path = np.empty((len(weights["weight_hh"]), tau + horizon, len(windows)), np.float32)  # (S, steps, N)
        path[:, :tau] = windows.T
        state = cells.zero_state(self.cell, weights, (held, len(windows)))  # window k in place k % held
        for t in range(tau + horizon - 1):
            if t < horizon:
                for part in state:
                    part[:, :, t % held] = 0
            cells.advance(self.cell, weights, path[:, None, t], [part[:, :, : t + 1] for part in state])
            if t >= tau - 1:
                hidden = np.ascontiguousarray(state[0][:, :, (t - tau + 1) % held].mT)  # (S, N, H)
                output = hidden @ weights["output_weight"].mT + weights["output_bias"][..., None, :]  # (S, N, 1)
                path[:, t + 1] = output[..., 0]
        return path[:, tau:].mT

    def _initial_weights(self, generator: "torch.Generator") -> dict[str, "torch.Tensor"]:
        """One seed's weights, U(±1/√H) throughout, as torch's recurrent and linear layers draw them."""
        from stepahead.series.networks.ensemble import uniform

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
