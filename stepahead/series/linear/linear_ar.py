"""Linear autoregression, fed its own predictions beyond one step."""

from dataclasses import dataclass, field

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.windows import lag_windows, recurse, windows_before, with_padding
from stepahead.series.linear.yule_walker import yule_walker

METHODS = ("ols", "yule_walker", "ols_coarse")


@dataclass(eq=False)
class LinearAR:
    """x_t = intercept + Σ a_i x_(t-i), i = 1 … tau.

    Args:
        method: 'ols' (least squares on lag windows), 'yule_walker' (from the sample autocovariances), or 'ols_coarse'
            (least squares where lags share a coefficient, see `doubling`).
        pad, from_last: as in `lag_windows`; yule_walker takes the autocovariances of the series so padded. They
            already treat what lies outside the series as if it were its mean, so 'zero' changes nothing where the mean
            is zero. From the last value, it takes those of the differences, of which tau values have tau - 1.
    """

    tau: int
    method: str
    pad: str
    from_last: bool = False
    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        features, labels = lag_windows(series, self.tau, self.pad, self.from_last)
        if self.method == "yule_walker":
            padded = with_padding(series, self.tau, self.pad)
            if self.from_last:
                padded = np.diff(padded)
            recent_first, _ = yule_walker(padded, self.tau - self.from_last)
            intercept = padded.mean() * (1 - recent_first.sum())
            if self.from_last:  # a difference is one window value less the next
                recent_first = np.diff(recent_first, prepend=0, append=0)
            coefficients = recent_first[::-1].copy()
        else:
            merged = doubling(self.tau) if self.method == "ols_coarse" else np.eye(self.tau)
            design = np.column_stack([features @ merged, np.ones(len(labels))])
            *found, intercept = np.linalg.lstsq(design, labels)[0]
            coefficients = merged @ found
        self.weights = {"coefficients": np.array(coefficients), "intercept": np.array(intercept)}  # oldest lag first

    def one_step(self, windows: Array) -> Array:
        """(…, N, tau) -> (…, N)"""
        following: Array = windows @ self.weights["coefficients"] + self.weights["intercept"]
        return following

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        # a forecast is linear in its window, so recursing from a zero and from unit windows gives them all
        units = np.vstack([np.zeros(self.tau), np.eye(self.tau)])
        paths = recurse(self.one_step, units, horizon, self.from_last)
        constant, responses = paths[0], paths[1:] - paths[0]  # (horizon,), (tau, horizon)
        forecast: Array = windows_before(series, origins, self.tau) @ responses + constant
        return forecast


def coarse_reach(n_features: int, length: int) -> int:
    """How many lags `ols_coarse` merges into `n_features`: the last value, the one before, the mean of the next two, of
    the next four, and so on (d2l 8.1, exercise 1c: older observations at a constant number of features).

    Raises:
        StepaheadError: a training part of `length` is too short.
    """
    reach: int = 2 ** (n_features - 1)
    if reach >= length:
        raise StepaheadError(
            f"tau = {n_features} lets ols_coarse look 2^{n_features - 1} steps back, but there are {length} training "
            "steps (series.n_train); lower tau"
        )
    return reach


def doubling(reach: int) -> Array:
    """Windows (N, reach), oldest first, times this (reach, features) are the features of `coarse_reach`."""
    feature = np.ceil(np.log2(np.arange(reach, 0, -1))).astype(int)  # of lag 1: 0, of lag 2: 1, of lags 3 and 4: 2
    sizes = np.bincount(feature)
    merged: Array = np.where(feature[:, None] == np.arange(len(sizes)), 1 / sizes, 0)
    return merged
