"""A forecaster fitted on ever longer starts of a series, as one predictor.

From any origin the latest fit that had ended by then predicts. So one rule serves a rolling origin, which refits on
the way, and the calibration of prediction intervals, which takes origins near the end of the training part and so gets
a fit that ended before them.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Forecaster, Predictor
from stepahead.series.data.scale import Scale

Model = TypeVar("Model", bound=Forecaster)


@dataclass(eq=False)
class Fits:
    """Predicts each origin with the latest fit that ends at or before it, in the series' own unit."""

    by_end: Mapping[int, Predictor]
    """Each fit by the number of steps it was fitted on."""
    scale: Scale
    """Of what the fits see."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """As in `Predictor`, of a series in its own unit.

        Raises:
            ValueError: an origin lies before the end of the first fit.
        """
        ends = np.sort(list(self.by_end))
        latest = np.searchsorted(ends, origins, side="right") - 1  # (N,)
        if (latest < 0).any():
            raise ValueError(f"an origin lies before step {ends[0]}, where the first fit ends")
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


def fit_all(forecaster: Model, series: Series, refit_every: int) -> dict[int, Model]:
    """Fit copies of `forecaster` on the training part, on what of it comes before the calibration part, and, where
    `refit_every` is above zero, anew on all that is known after every so many held-out steps.

    Returns:
        The fits by the number of steps they were fitted on. The scale of the series stays the training part's.

    Raises:
        StepaheadError: as `fit` does.
    """
    refits = range(series.n_train + refit_every, len(series.values), refit_every) if refit_every else ()
    fits = {end: _fitted(forecaster, series, end) for end in (series.n_train, *refits)}
    try:
        return {series.calibration_end: _fitted(forecaster, series, series.calibration_end)} | fits
    except StepaheadError as error:
        raise StepaheadError(
            f"{error} (to calibrate its intervals the model is also fitted on the first {series.calibration_end} "
            f"of {series.n_train} training steps)"
        ) from None


def _fitted(forecaster: Model, series: Series, end: int) -> Model:
    copy = dataclasses.replace(forecaster)  # type: ignore[type-var]
    copy.fit(series.scaled[: max(end - series.scale.lost, 0)])
    return copy
