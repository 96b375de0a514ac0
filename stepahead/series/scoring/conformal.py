"""How far from a forecast a prediction interval must reach on either side, from the errors of the forecasts before.

`split_half_widths` is split conformal: one width, from errors on values that the model was not fitted on.
`adaptive_half_widths` moves the width at every step by whether the values just seen lay inside.
"""

from collections.abc import Sequence

import numpy as np

from stepahead.core.artifacts import Array

RATE = 0.01
"""How far an adaptive width moves at most in a step, as a share of the largest recent error. Chosen by
benchmarks/intervals.py on noise realisations of the sine that the docs do not show."""
RECENT = 100
"""Errors that are recent, the last that became known."""


def split_half_widths(residuals: Array, levels: Sequence[float]) -> Array:
    """The ⌈(n_cal + 1) · level⌉-th smallest residual (Lei et al. 2018, algorithm 2), (levels, …).

    It covers a new one with probability `level` or more where that is exchangeable with those given. Successive errors
    of a forecaster are not independent, nor need a series stay as it was, so measure the coverage too.

    Args:
        residuals: absolute errors (n_cal, …); NaN where there is none.
        levels: each between 0 and 1, such as 0.8.

    Returns:
        NaN where a level has too few residuals: 0.8 needs 4, 0.95 needs 19.
    """
    n_cal = np.sum(~np.isnan(residuals), axis=0)  # (…)
    # The tolerance keeps (19 + 1) · 0.95 at 19, where rounding would lift it over.
    ranks = np.stack([np.ceil((n_cal + 1) * level - 1e-9).astype(int) for level in levels])  # (levels, …)
    in_order = np.concatenate([np.sort(residuals, axis=0), np.full((1, *n_cal.shape), np.nan)])  # NaN stands last
    widths: Array = np.take_along_axis(in_order, np.where(ranks > n_cal, len(residuals), ranks - 1), axis=0)
    return widths


def adaptive_half_widths(
    before: Array, residuals: Array, start: Array, levels: Sequence[float], rate: float = RATE
) -> Array:
    """Half-widths that follow the errors: the quantile tracker of Angelopoulos et al. 2023, section 2.1.

    A half-width grows by rate · B · level when the error that has just become known lay outside its interval, and
    shrinks by rate · B · (1 − level) when it lay inside, where B is the largest of the `RECENT` errors; so over time
    the share inside tends to the level, whatever the errors are. An error k steps ahead becomes known k steps after its
    origin: the width issued at origin t has followed the errors of the origins up to t − k.

    Args:
        before: absolute errors for k = 1 … H from successive origins before the first width is issued, (n, …, H); NaN
            where there is none. Their intervals had the width `start`.
        residuals: those from the origins that follow, (N, …, H).
        start: the first half-widths (levels, …, H).

    Returns:
        (N, levels, …, H).
    """
    horizon, earlier = residuals.shape[-1], len(before)
    misses_allowed = 1 - np.reshape(levels, (-1, *[1] * (start.ndim - 1)))
    issued = np.empty((horizon + len(residuals), *start.shape))
    issued[: horizon + 1] = start
    none = np.full((horizon, *residuals.shape[1:]), np.nan)
    known, then = _just_known(np.concatenate([none, before, residuals])), _just_known(issued)
    width = start.copy()
    for t in range(1, len(residuals)):
        now = earlier + t
        largest = np.fmax.reduce(known[max(now + 1 - RECENT, 0) : now + 1])
        width += rate * largest * ((known[now] > then[t]) - misses_allowed)
        issued[horizon + t] = np.maximum(width, 0, out=width)
    return issued[horizon:]


def _just_known(each: Array) -> Array:
    """What becomes known at each of N origins: (N, …, H) whose entry [t, …, k − 1] is that of origin t − k.

    Args:
        each: (H + N, …, H), the first H of origins before.
    """
    horizon, row, entry = each.shape[-1], each.strides[0], each.strides[-1]
    shape, strides = (len(each) - horizon, *each.shape[1:]), (*each.strides[:-1], entry - row)
    return np.lib.stride_tricks.as_strided(each[horizon - 1 :], shape, strides, writeable=False)


def interval_scores(low: Array, high: Array, values: Array, level: float) -> Array:
    """The Winkler score of each interval: its width, and 2 / (1 − level) times how far the value lies outside
    (Gneiting & Raftery 2007, section 6.2), in the unit of the series; less is better."""
    outside = np.maximum(np.maximum(low - values, values - high), 0)
    scores: Array = high - low + 2 / (1 - level) * outside
    return scores
