"""Prediction intervals by split-conformal calibration, one width per horizon."""

from collections.abc import Sequence

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError


def half_widths(residuals: Array, levels: Sequence[float]) -> Array:
    """How far from the forecast an interval must reach on either side (Lei et al. 2018, algorithm 2).

    The half-width is the ⌈(n_cal + 1) · level⌉-th smallest residual, which covers a new one with probability `level`
    or more where it is exchangeable with those of the calibration. Successive residuals of a forecaster are not
    independent, nor need a series stay as it was, so measure the coverage too.

    Args:
        residuals: absolute errors (n_cal, horizon) on values that the forecaster was not fitted on.
        levels: each between 0 and 1, such as 0.8.

    Returns:
        (levels, horizon).

    Raises:
        StepaheadError: too few residuals for the highest level.
    """
    n_cal = len(residuals)
    # The tolerance keeps (19 + 1) · 0.95 at 19, where rounding would lift it over.
    ranks = np.ceil((n_cal + 1) * np.asarray(levels) - 1e-9).astype(int)
    if ranks.max(initial=1) > n_cal:
        level = max(levels)
        raise StepaheadError(
            f"{level:.0%} intervals need {fewest_residuals(level)} or more calibration origins, "
            f"and there are {n_cal}; raise series.n_train or lower kstep.horizons"
        )
    widths: Array = np.sort(residuals, axis=0)[ranks - 1]
    return widths


def fewest_residuals(level: float) -> int:
    """How many residuals an interval of this level needs."""
    return int(np.ceil(level / (1 - level) - 1e-9))


def coverage(errors: Array, widths: Array) -> Array:
    """The share of errors (N, horizon) inside intervals of these half-widths (levels, horizon): (levels, horizon)."""
    if errors.ndim != 2 or errors.shape[1:] != widths.shape[1:]:
        raise ValueError(f"errors {errors.shape} and half-widths {widths.shape} must end in the same horizon")
    covered: Array = np.mean(np.abs(errors) <= widths[:, None], axis=1)
    return covered
