"""A forecaster refitted on an expanding window, as one predictor: from any origin the latest fit that had ended by then
predicts, and from an origin inside the first fit's steps the first."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Forecaster, Gaussian, Predictor
from stepahead.series.data.scale import Scale

Model = TypeVar("Model", bound=Forecaster)


class InUnit(Predictor, Protocol):
    """A predictor of a series in its own unit."""

    @property
    def scale(self) -> Scale:
        """Its `distance` tells how errors are measured."""

    @property
    def reach(self) -> int:
        """How many values there must be before an origin."""


@dataclass(eq=False)
class Fits:
    """Predicts each origin in the series' own unit, with the latest fit that ends by then, or else the first."""

    by_end: Mapping[int, Predictor]
    """Each fit by the number of steps it was fitted on."""
    scale: Scale
    """Of what the fits see."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """As in `Predictor`, of a series in its own unit. An origin before the end of the first fit is predicted by
        what has seen the steps that follow it: its errors tell how far off the model is at best."""
        ends, latest = self._latest(origins)
        used = sorted(set(latest.tolist()))
        groups = [np.flatnonzero(latest == fit) for fit in used]
        seen, shifted = self.scale.seen(series), origins - self.scale.lost
        parts = [
            self.by_end[int(ends[fit])].forecast(seen, shifted[group], horizon)
            for fit, group in zip(used, groups, strict=True)
        ]
        back = np.argsort(np.concatenate(groups))
        forecasts = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)[..., back, :]
        return self.scale.in_unit(forecasts, series, origins)

    def deviation(self, origins: Array, horizon: int) -> Array | None:
        """The standard deviation of the model's own predictive distribution from `origins` (N,), (N, horizon); None
        where it has none, or one of something else than the values, of their logarithms or changes."""
        if self.scale.log or self.scale.differences or self.scale.from_last:
            return None
        ends, latest = self._latest(origins)
        fits = [self.by_end[int(end)] for end in ends]
        deviations = [fit.deviation(horizon) for fit in fits if isinstance(fit, Gaussian)]
        return np.stack(deviations)[latest] * self.scale.std if deviations else None

    @property
    def reach(self) -> int:
        """How many values there must be before an origin."""
        looks_at = [getattr(fit, "tau", getattr(fit, "season", 1)) for fit in self.by_end.values()]
        return max(looks_at) + self.scale.lost

    def _latest(self, origins: Array) -> tuple[Array, Array]:
        """Where each fit ends, in order, and which of them predicts from each of `origins` (N,), (N,)."""
        ends = np.sort(list(self.by_end))
        return ends, np.maximum(np.searchsorted(ends, origins, side="right") - 1, 0)


def fit_all(forecaster: Model, series: Series, refit_every: int) -> dict[int, Model]:
    """Fit copies of `forecaster` on the training part and, where `refit_every` is above zero, anew on all that is known
    after every so many held-out steps.

    Returns:
        The fits by the number of steps they were fitted on. The scale of the series stays the training part's.

    Raises:
        StepaheadError: as `fit` does.
    """
    refits = range(series.n_train + refit_every, len(series.values), refit_every) if refit_every else ()
    return {end: _fitted(forecaster, series, end) for end in (series.n_train, *refits)}


def _fitted(forecaster: Model, series: Series, end: int) -> Model:
    copy = dataclasses.replace(forecaster)  # type: ignore[type-var]
    copy.fit(series.scaled[: max(end - series.scale.lost, 0)])
    return copy
