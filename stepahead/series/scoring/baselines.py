"""What every model must beat, and what none can."""

from dataclasses import dataclass, field

import numpy as np

from stepahead.core.artifacts import Array


@dataclass(eq=False)
class Persistence:
    """The last value seen, at every horizon."""

    def fit(self, series: Array) -> None:
        """Nothing to estimate."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        return np.repeat(series[origins - 1][:, None], horizon, axis=1)


@dataclass(eq=False)
class Mean:
    """The mean of the training part, at every horizon."""

    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        self.weights = {"mean": np.array(series.mean())}

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:  # noqa: ARG002
        return np.full((len(origins), horizon), float(self.weights["mean"]))


@dataclass(eq=False)
class Oracle:
    """The noiseless signal (T,), in the unit of the scaled series: its error is the floor on exactly these targets."""

    signal: Array

    def fit(self, series: Array) -> None:
        """Nothing to estimate."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:  # noqa: ARG002
        return np.lib.stride_tricks.sliding_window_view(self.signal, horizon)[origins]
