"""The book's nonlinear autoregression: a small perceptron on lag windows (d2l 8.1)."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.windows import lag_windows, recurse, windows_before
from stepahead.series.networks import ensemble, perceptron
from stepahead.series.networks.ensemble import Weights


@dataclass(eq=False)
class MLP:
    """tau-hidden-1 with ReLU, trained with Adam on squared error from `n_seeds` weight seeds.

    Beyond one step it is fed its own predictions.
    """

    tau: int
    hidden: int
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
            partial(perceptron.initial_weights, self.tau, self.hidden, 1),
            squared_error,
            perceptron.with_ones(windows.T),
            labels[None],
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            n_seeds=self.n_seeds,
            seed=self.seed,
            section="mlp",
            held=4 * self.hidden,
        )

    def one_step(self, windows: Array) -> Array:
        """(N, tau) or (S, N, tau) -> (S, N)"""
        following: Array = perceptron.outputs(self.weights, perceptron.with_ones(windows.mT))[:, 0]
        return following

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        windows = windows_before(series, origins, self.tau).astype(np.float32)
        return recurse(self.one_step, windows, horizon, self.from_last)


def squared_error(weights: Weights, inputs: Array, labels: Array, gradients: Weights) -> Array:
    """As `ensemble.Gradient`, summed over the outputs."""
    losses, shared, output = perceptron.task_gradients(weights, inputs, labels)
    gradients["hidden"][:] = shared.sum(1)
    gradients["output"][:] = output
    total: Array = losses.sum(-1)
    return total
