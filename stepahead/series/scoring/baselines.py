"""What every model must beat, and what none can. All see and predict a series in its own unit."""

from dataclasses import dataclass, field, replace

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Forecaster
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.scale import Scale
from stepahead.series.data.windows import windows_before

NAIVE = ("persistence", "mean", "drift", "seasonal_naive")
"""The rows that learn nothing but a mean. A model's skill at a horizon is measured against the best of them there: what
a person would do without a model, who is allowed to know which of these is the best."""


@dataclass(eq=False)
class Persistence:
    """The last value seen, at every horizon."""

    def fit(self, series: Array) -> None:
        """Nothing to estimate."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        return np.repeat(series[origins - 1][:, None], horizon, axis=1)


@dataclass(eq=False)
class SeasonalNaive:
    """The last value seen at the same place in the season, `season` steps before or the least multiple of them."""

    season: int

    def fit(self, series: Array) -> None:
        """Nothing to estimate."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """Raises ValueError if an origin has no season before it."""
        last = windows_before(series, origins, self.season)
        return np.tile(last, -(-horizon // self.season))[:, :horizon]


@dataclass(eq=False)
class Drift:
    """The straight line from the first value to the last one seen goes on (Hyndman & Athanasopoulos 2021, 5.2)."""

    def fit(self, series: Array) -> None:
        """Nothing to estimate."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        last = series[origins - 1]
        slope = (last - series[0]) / np.maximum(origins - 1, 1)
        forecast: Array = last[:, None] + slope[:, None] * np.arange(1, horizon + 1)
        return forecast


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
    """The noiseless signal (T,): its error is the floor on exactly these targets."""

    signal: Array

    def fit(self, series: Array) -> None:
        """Nothing to estimate."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:  # noqa: ARG002
        return np.lib.stride_tricks.sliding_window_view(self.signal, horizon)[origins]


def baselines(series: Series, refit_every: int) -> dict[str, Fits]:
    """The rows beside the models: those of `NAIVE`, the seasonal one where a season is known that the training part
    holds; and the oracle where the signal is known."""
    rows: dict[str, Forecaster] = {"persistence": Persistence(), "mean": Mean(), "drift": Drift()}
    if series.season and series.season <= series.n_train:
        rows["seasonal_naive"] = SeasonalNaive(series.season)
    if series.signal is not None:
        rows["oracle"] = Oracle(series.signal)
    plain = replace(series, scale=Scale())
    return {name: Fits(fit_all(row, plain, refit_every), plain.scale) for name, row in rows.items()}
