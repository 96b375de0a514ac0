"""Nonlinear autoregression by a recurrent network that reads the lag window as a sequence."""

import math
from dataclasses import dataclass, field

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.windows import lag_windows, recurse, windows_before
from stepahead.series.networks import ensemble
from stepahead.series.networks.bptt import Unrolled
from stepahead.series.networks.cells import CELLS, present

# Multiplications in a matrix product. OpenBLAS spreads larger ones over threads, which for those not much larger is
# slower, on a busy machine many times; and what the network holds for so many windows stays in the processor's cache.
PRODUCT = 2**18


@dataclass(eq=False)
class Recurrent:
    """A one-layer network of `cell` ('rnn', 'gru' or 'lstm') over tau scalars from a zero state, its last hidden state
    put through a linear layer; trained with Adam on squared error from `n_seeds` weight seeds.

    Beyond one step it is fed its own predictions. Weights: as in bptt.py.
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
    from_last: bool = False
    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        """Raises StepaheadError if tau does not fit or the loss stops being finite."""
        windows, labels = lag_windows(series, self.tau, self.pad, self.from_last)
        self.weights = ensemble.train(
            self._initial_weights,
            Unrolled(self.cell).squared_error,
            np.ascontiguousarray(windows.T),
            labels[None],
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            n_seeds=self.n_seeds,
            seed=self.seed,
            section="recurrent",
            held=8 * self.tau * self.num_hiddens,
        )

    def one_step(self, windows: Array) -> Array:
        """(N, tau) or (S, N, tau) -> (S, N)"""
        return self._paths(windows, 1)[..., 0]

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        windows = windows_before(series, origins, self.tau)
        if self.from_last:  # a step is another number in every window that holds it
            return recurse(self.one_step, windows, horizon, from_last=True)
        return self._paths(windows, horizon)

    def _paths(self, windows: Array, horizon: int) -> Array:
        """`horizon` steps on from each of `windows` (N, tau) or (S, N, tau) by feeding predictions back,
        (S, N, horizon)."""
        size = PRODUCT // self.weights["recurrent"][0].size // min(self.tau, horizon)
        size = max(4, size // 4 * 4)  # BLAS takes four rows at a time, and rounds those left over otherwise
        starts = range(0, max(windows.shape[-2], 1), size)
        paths = [self._block_of_paths(windows[..., start : start + size, :], horizon) for start in starts]
        return np.concatenate(paths, axis=1, dtype=np.float64)

    def _block_of_paths(self, windows: Array, horizon: int) -> Array:
        """Window k of a path holds its steps k … k + tau − 1. A step is read by all windows that hold it at once."""
        kind, recurrent, readout = CELLS[self.cell], self.weights["recurrent"], self.weights["readout"]
        seeds, size = len(readout), readout.shape[-1] - 1
        tau, held, n = self.tau, min(self.tau, horizon), windows.shape[-2]
        path = np.empty((seeds, tau + horizon, n), np.float32)  # (S, steps, N)
        path[:, :tau] = windows.mT
        read = np.ones((seeds, size + 2, held, n), np.float32)  # window k in place k % held
        state = [read[:, :size], *np.zeros((kind.arrays - 1, seeds, size, held, n), np.float32)]
        for t in range(tau + horizon - 1):
            if t < horizon:
                for array in state:
                    array[:, :, t % held] = 0
            read[:, -1] = path[:, None, t]
            started = [array[:, :, : t + 1] for array in state]
            gates = recurrent @ read[:, :, : t + 1].reshape(seeds, size + 2, -1)  # (S, C, windows · N)
            kind.forward(gates.reshape(*gates.shape[:2], min(t + 1, held), n), started, started)
            if t >= tau - 1:
                path[:, t + 1] = (readout @ read[:, :-1, (t - tau + 1) % held])[:, 0]
        return path[:, tau:].mT

    def _initial_weights(self, generator: np.random.Generator) -> dict[str, Array]:
        """One network's weights, U(±1/√H) throughout, as torch's recurrent and linear layers draw them."""
        mask, bound = present(self.cell, self.num_hiddens), 1 / math.sqrt(self.num_hiddens)
        return {
            "recurrent": mask * generator.uniform(-bound, bound, mask.shape),
            "readout": generator.uniform(-bound, bound, (1, self.num_hiddens + 1)),
        }
