"""What comes after a series: the forecast from its end, and the intervals that the model's errors so far give it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.forecaster import Predictor, as_ensemble
from stepahead.series.data.refits import InUnit
from stepahead.series.scoring.conformal import split_half_widths
from stepahead.series.scoring.intervals import LEVELS
from stepahead.series.scoring.kstep import CHUNK
from stepahead.sources.continuation import dates_after, decimals


@dataclass(frozen=True, eq=False)
class Future:
    """The steps that follow a series, in its unit."""

    forecast: Array
    """(steps,), the mean over the weight seeds."""
    intervals: Mapping[float, tuple[Array, Array]]
    """Level -> the lower and the upper end, (steps,) each; NaN further ahead than a level reaches."""
    first: int
    """The first origin whose forecast told how wide they must be."""

    def reach(self, level: float) -> int:
        """How many steps ahead the intervals of a level reach."""
        return int(np.isfinite(self.intervals[level][0]).sum())


def future(model: InUnit, values: Array, steps: int, known_from: int, before: Predictor | None = None) -> Future:
    """The forecast of `steps` after the last of `values` (T,), in split-conformal intervals.

    Args:
        model: says with its scale how errors are measured.
        known_from: the first origin from which `before` forecasts what it was not fitted on. Its errors from there on
            make the intervals: k steps ahead, those of all origins whose k-th value is known.
        before: where it is not `model`: the same one fitted on less.
    """
    forecast = _mean(model, values, np.array([len(values)]), steps)[0]
    origins = np.arange(max(known_from, len(values) - CHUNK), len(values))
    halves = np.full((len(LEVELS), steps), np.nan)
    if len(origins):
        targets = np.lib.stride_tricks.sliding_window_view(np.append(values, np.full(steps, np.nan)), steps)
        errors = model.scale.distance(_mean(before or model, values, origins, steps), targets[origins])
        halves = split_half_widths(errors, LEVELS)
    intervals = {level: model.scale.around(forecast, half) for level, half in zip(LEVELS, halves, strict=True)}
    return Future(forecast, intervals, int(origins[0]) if len(origins) else len(values))


def future_table(future: Future, values: Array, dates: Sequence[str] | None) -> dict[str, Any]:
    """Columns step, date where the spacing of `dates` is known, forecast, and low and high of each interval, with as
    many decimals as `values` tell; empty beyond a level's reach, and without a level that reaches nowhere.
    """
    steps, digits = len(future.forecast), decimals(values)
    after = dates_after(dates, steps)
    columns: dict[str, Any] = {"step": range(1, steps + 1)} | ({"date": after} if after else {})
    columns["forecast"] = _rounded(future.forecast, digits)
    for level, (low, high) in future.intervals.items():
        if future.reach(level):
            percent = f"{100 * level:.0f}"
            columns |= {f"low_{percent}": _rounded(low, digits), f"high_{percent}": _rounded(high, digits)}
    return columns


def _rounded(numbers: Array, digits: int) -> list[float | None]:
    return [None if np.isnan(each) else round(each, digits) + 0.0 for each in numbers.tolist()]


def _mean(model: Predictor, values: Array, origins: Array, steps: int) -> Array:
    mean: Array = as_ensemble(model.forecast(values, origins, steps), len(origins), steps).mean(axis=0)
    return mean
