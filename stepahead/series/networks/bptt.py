"""The squared error of recurrent networks over windows, and its gradient by back-propagation through time (d2l 9.7).

Derived by hand, so that the series needs no torch, whose import takes as long as all these trainings.
"""

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.networks.cells import CELLS, State, present
from stepahead.series.networks.ensemble import Weights


class Unrolled:
    """A cell over the steps of a window, and a linear readout of its last hidden state."""

    def __init__(self, cell: str) -> None:
        self.cell = cell
        self.arrays: dict[tuple[int, ...], tuple[Array, Array, list[State]]] = {}

    def squared_error(self, weights: Weights, windows: Array, labels: Array, gradients: Weights) -> Array:
        """The mean squared errors (S,), as `ensemble.Gradient`.

        Args:
            weights: `recurrent` (S, C, H + 2) as in cells.py, and `readout` (S, 1, H + 1), the bias last.
            windows: (S, tau, B).
            labels: (S, 1, B).
        """
        cell, recurrent, readout = CELLS[self.cell], weights["recurrent"], weights["readout"]
        size, steps = readout.shape[-1] - 1, range(windows.shape[1])
        read, gates, states = self._arrays(windows.shape, size)
        read[:-1, :, -1] = windows.swapaxes(0, 1)
        for t in steps:
            np.matmul(recurrent, read[t], out=gates[t])
            cell.forward(gates[t], states[t], states[t + 1])
        last = read[-1, :, :-1]  # the hidden state, and the ones
        errors = readout @ last - labels  # (S, 1, B)
        delta = 2 / labels.shape[-1] * errors
        np.matmul(delta, last.mT, out=gradients["readout"])
        eta = [readout[:, :, :size].mT @ delta, *(np.zeros_like(array) for array in states[0][1:])]
        delta, back, gradient = np.empty_like(gates[0]), recurrent[:, :, :size].mT, gradients["recurrent"]
        gradient[:] = 0
        for t in reversed(steps):
            cell.backward(gates[t], states[t], states[t + 1], eta, delta)
            gradient += delta @ read[t].mT
            eta[0] += back @ delta
        gradient *= present(self.cell, size)
        mse: Array = (errors**2).mean((1, 2))
        return mse

    def _arrays(self, shape: tuple[int, ...], size: int) -> tuple[Array, Array, list[State]]:
        """What the steps read (T + 1, S, H + 2, B), their gates (T, S, C, B), and the T + 1 states.

        They serve every minibatch of one shape: to ask the system for so much memory each time takes a quarter longer.
        """
        if shape not in self.arrays:
            (seeds, tau, batch), cell = shape, CELLS[self.cell]
            read = np.ones((tau + 1, seeds, size + 2, batch))
            read[0, :, :size] = 0
            rest = np.zeros((tau + 1, cell.arrays - 1, seeds, size, batch))
            states: list[State] = [[read[t, :, :size], *rest[t]] for t in range(tau + 1)]
            self.arrays[shape] = read, np.empty((tau, seeds, cell.blocks * size, batch)), states
        return self.arrays[shape]
