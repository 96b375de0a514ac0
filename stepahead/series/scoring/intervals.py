"""Prediction intervals around a model's forecasts: how wide, and how often the truth lies inside.

The errors that they come from are measured by the `distance` of the model's scale: of a model that sees logarithms they
are relative, so its intervals grow with the level of the series. What is said of them is in the unit of the series.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.losses import block_means
from stepahead.series.data.dataset import Series
from stepahead.series.data.refits import Fits, InUnit
from stepahead.series.data.scale import Scale
from stepahead.series.scoring.conformal import adaptive_half_widths, interval_scores, split_half_widths
from stepahead.series.scoring.kstep import CHUNK, forecasts_and_targets

LEVELS = (0.8, 0.95)
MEASURES = ("coverage", "half_width", "width", "winkler")
DEFAULT = "adaptive"
"""The method whose intervals are drawn; see docs/results.md for why."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals around the forecasts; all arrays (levels, horizon), mean over the origins and the seeds, NaN where a
    level has too few errors to start from."""

    half_width: Array
    """From the forecast to either end, as a `distance` of the model's scale."""

    width: Array
    """From end to end, in the unit of the series."""
    coverage: Array
    """The share of held-out targets inside."""
    winkler: Array
    """The interval score."""


@dataclass(frozen=True, eq=False)
class Score:
    """How a model did on the held-out part."""

    mse: Array
    """(n_seeds, horizon), as `squared_errors` gives it."""
    intervals: dict[str, Intervals]
    """By method: `adaptive`, whose first width, at the end of training, comes from the errors on the training part;
    `fixed`, which keeps that width; and `gaussian`, the model's own, where it has a distribution."""
    forecasts: Array
    """The first seed's from the first `shown` origins in the original unit, (shown, horizon)."""
    losses: Array
    """The squared errors origin by origin, mean over the seeds, as `block_means`: (len(horizons), blocks)."""


def score(model: Fits, series: Series, origins: Array, horizons: Sequence[int], shown: int = 0) -> Score:
    """The mean squared error of `model` from `origins`, its prediction intervals, and forecasts to show.

    Each weight seed has intervals of its own, from its own errors. They are scored on the first `CHUNK` origins, which
    is enough. All of it comes from one pass, because forecasting is what takes the time.

    Args:
        origins: one after another, from the end of training on.
        horizons: in their order; the last is the longest there is, the losses are kept at each.
    """
    horizon, at = horizons[-1], np.array(horizons) - 1
    squares, kept, losses = np.zeros(()), np.empty((0, horizon)), []
    intervals: dict[str, Intervals] = {}
    for forecasts, targets in forecasts_and_targets(model, series, origins, horizon):
        kept = np.concatenate([kept, forecasts[0, : shown - len(kept)]])
        squared = (forecasts - targets) ** 2  # (S, n, horizon)
        squares = squares + squared.sum(axis=1)
        losses.append(squared[:, :, at].mean(axis=0).T)
        intervals = intervals or _intervals(model, series, forecasts.swapaxes(0, 1), targets[:, None])
    return Score(squares / len(origins), intervals, kept, block_means(np.concatenate(losses, axis=1)))


def _intervals(model: Fits, series: Series, forecasts: Array, targets: Array) -> dict[str, Intervals]:
    """By method, of forecasts (N, n_seeds, horizon) from the end of training on."""
    n_seeds, horizon = forecasts.shape[1:]
    residuals = model.scale.distance(forecasts, targets)
    before = training_residuals(model, series, horizon, n_seeds)
    start = first_half_widths(before)
    half_widths = {
        "adaptive": adaptive_half_widths(before, residuals, start, LEVELS),
        "fixed": start[None],
    }
    deviation = model.deviation(np.arange(series.n_train, series.n_train + len(forecasts)), horizon)
    if deviation is not None:
        reach = np.array([NormalDist().inv_cdf((1 + level) / 2) for level in LEVELS])[:, None, None]
        half_widths["gaussian"] = deviation[:, None, None] * reach  # (N, levels, 1, horizon)
    return {method: scored(model.scale, forecasts, targets, each) for method, each in half_widths.items()}


def training_residuals(model: InUnit, series: Series, horizon: int, n_seeds: int) -> Array:
    """Errors from the origins in the training part, `CHUNK` at most, (at least horizon, n_seeds, horizon).

    They are of the very model that predicts from the end of training on; it was fitted on these steps, so it will
    hardly be less far off. NaN stands in front where there are fewer origins than `horizon`.
    """
    first = max(model.reach, series.n_train - CHUNK)
    origins = np.arange(first, series.n_train)
    none = np.full((max(horizon - len(origins), 0), n_seeds, horizon), np.nan)
    pairs = forecasts_and_targets(model, series, origins, horizon)
    return np.concatenate([none, *(model.scale.distance(each, targets).swapaxes(0, 1) for each, targets in pairs)])


def first_half_widths(residuals: Array, levels: Sequence[float] = LEVELS) -> Array:
    """Split-conformal half-widths (levels, n_seeds, horizon), for each k from the errors that are known at the end of
    training: all but the last k − 1 of those (n, n_seeds, horizon) that `training_residuals` gives."""
    n, horizon = len(residuals), residuals.shape[-1]
    late = np.arange(n)[:, None] + np.arange(horizon) >= n  # (n, horizon)
    return split_half_widths(np.where(late[:, None], np.nan, residuals), levels)


def scored(scale: Scale, forecasts: Array, targets: Array, half_widths: Array) -> Intervals:
    """Intervals of these half-widths (N or 1, levels, n_seeds or 1, horizon) around forecasts (N, n_seeds, horizon) of
    targets (N, 1, horizon)."""
    residuals = scale.distance(forecasts, targets)
    parts = []
    for level, half in zip(LEVELS, half_widths.swapaxes(0, 1), strict=True):
        low, high = scale.around(forecasts, half)
        covered = np.where(np.isnan(half), np.nan, residuals <= half)
        each = (half, high - low, covered, interval_scores(low, high, targets, level))
        parts.append([part.mean(axis=(0, 1)) for part in each])
    return Intervals(*np.stack(parts, axis=1))


def interval_table(intervals: Mapping[str, Mapping[str, Intervals]], horizons: Sequence[int]) -> dict[str, Any]:
    """Columns model, method, level, k and `MEASURES` from model -> method -> intervals: every k of the default method,
    the reported ones of the others."""
    rows = [
        (model, method, level, k + 1, *(float(getattr(each, name)[i, k]) for name in MEASURES))
        for model, by_method in intervals.items()
        for method, each in by_method.items()
        for i, level in enumerate(LEVELS)
        for k in range(each.width.shape[1])
        if (method == DEFAULT or k + 1 in horizons) and not np.isnan(each.width[i, k])
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "method", "level", "k", *MEASURES))}
