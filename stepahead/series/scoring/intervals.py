"""Prediction intervals around a model's forecasts: how wide, and how often the truth lies inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.losses import block_means
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Predictor
from stepahead.series.scoring.conformal import coverage, fewest_residuals, half_widths
from stepahead.series.scoring.kstep import forecast_errors, forecasts_and_errors

LEVELS = (0.8, 0.95)


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals around the forecasts, the forecast in the middle; all arrays (levels, horizon), mean over the seeds."""

    levels: Sequence[float]
    width: Array
    """From end to end, in the unit of the series."""
    coverage: Array
    """The share of held-out targets inside."""


@dataclass(frozen=True, eq=False)
class Score:
    """How a model did on the held-out part."""

    mse: Array
    """(n_seeds, horizon), as `squared_errors` gives it."""
    intervals: Intervals
    forecasts: Array
    """The first seed's from the first `shown` origins in the original unit, (shown, horizon)."""
    losses: Array
    """The squared errors origin by origin, mean over the seeds, as `block_means`: (len(horizons), blocks)."""


def calibration_origins(calibration_end: int, n_train: int, horizon: int) -> Array:
    """Every origin whose targets all lie in the calibration part, the end of the training part, (n_cal,)."""
    return np.arange(calibration_end, n_train - horizon + 1)


def possible_levels(n_cal: int) -> list[float]:
    """Those of `LEVELS` that n_cal calibration origins suffice for."""
    return [level for level in LEVELS if fewest_residuals(level) <= n_cal]


def score(model: Predictor, series: Series, origins: Array, horizons: Sequence[int], shown: int = 0) -> Score:
    """The mean squared error of `model` from `origins`, its prediction intervals, and forecasts to show.

    The intervals are split-conformal, calibrated on the end of the training part; each weight seed gets its own widths,
    from its own errors. A level that has too few calibration origins is left out. All of it comes from one pass,
    because forecasting is what takes the time.

    Args:
        model: must predict a calibration origin as fitted on what came before the calibration part.
        horizons: in their order; the last is the longest there is, the losses are kept at each.
    """
    horizon, at = horizons[-1], np.array(horizons) - 1
    levels, halves = _calibrate(model, series, horizon)
    squares, covered, kept = np.zeros(()), np.zeros((len(levels), horizon)), np.empty((0, horizon))
    losses = []
    for forecasts, errors in forecasts_and_errors(model, series, origins, horizon):  # (S, n, horizon) each
        kept = np.concatenate([kept, forecasts[0, : shown - len(kept)]])
        squared = errors**2
        squares = squares + squared.sum(axis=1)
        losses.append(squared[:, :, at].mean(axis=0).T)
        if levels:
            shares = [coverage(seed, half) for seed, half in zip(errors, halves, strict=True)]
            covered += np.mean(shares, axis=0) * errors.shape[1]
    intervals = Intervals(levels, 2 * halves.mean(axis=0), covered / len(origins))
    return Score(squares / len(origins), intervals, kept, block_means(np.concatenate(losses, axis=1)))


def _calibrate(model: Predictor, series: Series, horizon: int) -> tuple[list[float], Array]:
    """The levels there can be, and the half-widths of each seed's intervals, (n_seeds, levels, horizon)."""
    origins = calibration_origins(series.calibration_end, series.n_train, horizon)
    levels = possible_levels(len(origins))
    if not levels:
        return [], np.empty((1, 0, horizon))
    residuals = np.concatenate(list(forecast_errors(model, series, origins, horizon)), axis=1)
    return levels, np.stack([half_widths(np.abs(seed), levels) for seed in residuals])


def interval_table(intervals: Mapping[str, Intervals]) -> dict[str, Any]:
    """Columns model, level, k, coverage, width for every k."""
    rows = [
        (model, level, k + 1, float(each.coverage[i, k]), float(each.width[i, k]))
        for model, each in intervals.items()
        for i, level in enumerate(each.levels)
        for k in range(each.width.shape[1])
    ]
    names = ("model", "level", "k", "coverage", "width")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}
