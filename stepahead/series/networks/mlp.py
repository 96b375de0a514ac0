"""The book's nonlinear autoregression: a small perceptron on lag windows (d2l 8.1)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.windows import lag_windows, recurse, windows_before
from stepahead.series.networks import perceptron


@dataclass(eq=False)
class MLP:
    """tau-hidden-1 with ReLU, trained with Adam on squared error from `n_seeds` seeds, `seed` and those after it.

    Beyond one step it is fed its own predictions. Forecasting needs NumPy only.
    """

    tau: int
    hidden: int
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

        self.weights = ensemble.train(
            lambda generator: perceptron.initial_weights(self.tau, self.hidden, 1, generator),
            ensemble.by_autograd(_squared_error),
            *lag_windows(series, self.tau, self.pad),
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            n_seeds=self.n_seeds,
            seed=self.seed,
            section="mlp",
        )

    def one_step(self, windows: Array) -> Array:
        """(N, tau) or (S, N, tau) -> (S, N)"""
        following: Array = perceptron.outputs(self.weights, windows)[..., 0]
        return following

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        windows = windows_before(series, origins, self.tau).astype(np.float32)
        return recurse(self.one_step, windows, horizon)


def _squared_error(weights: Any, features: Any, labels: Any) -> Any:
    return ((perceptron.outputs(weights, features)[..., 0] - labels) ** 2).mean(-1)  # (S,)
