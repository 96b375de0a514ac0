"""Lag windows: the tau values before a step, oldest first."""

from collections.abc import Callable
from functools import partial

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError

PADS = ("drop", "zero")

OneStep = Callable[[Array], Array]
"""Maps windows (…, N, tau) to the next value of each, (…, N); may put an axis of seeds in front."""

# Windows recursed at once. What a network holds for them stays in the processor's cache, and its matrix products stay
# too small for BLAS to spread over threads, which on a busy machine makes them ten times slower.
BLOCK = 64


def lag_windows(series: Array, tau: int, pad: str = "drop", from_last: bool = False) -> tuple[Array, Array]:
    """Every step of `series` (T,) that can be predicted from its tau predecessors.

    Args:
        pad: what happens to the first tau steps, which have fewer (d2l 8.1): 'drop' leaves them out, 'zero' sets
            their missing lags to zero.
        from_last: subtract a window's last value from it and from its label (as NLinear does, Zeng et al. 2023).

    Returns:
        features (N, tau), oldest lag first, and labels (N,), with N = T - tau ('drop') or T ('zero').

    Raises:
        StepaheadError: tau is too large for the series.
    """
    if tau >= len(series):
        raise StepaheadError(
            f"tau = {tau} needs more than {len(series)} training steps (series.n_train); "
            "lower tau or raise series.n_train"
        )
    padded = with_padding(series, tau, pad)
    windows, labels = np.lib.stride_tricks.sliding_window_view(padded, tau)[:-1], padded[tau:]
    return (windows - windows[:, -1:], labels - windows[:, -1]) if from_last else (windows, labels)


def with_padding(series: Array, tau: int, pad: str) -> Array:
    """The series with tau zeros in front where `pad` is 'zero', and as it is where `pad` is 'drop'."""
    return np.concatenate([np.zeros(tau), series]) if pad == "zero" else series


def windows_before(series: Array, origins: Array, tau: int) -> Array:
    """The tau values before each origin, oldest first, (N, tau); an origin may be one past the end of the series.

    Raises:
        ValueError: an origin has fewer than tau values before it, or lies further out.
    """
    if len(origins) and not (tau <= origins.min() and origins.max() <= len(series)):
        raise ValueError(f"origins must be from tau = {tau} to {len(series)}, not {origins.min()} … {origins.max()}")
    windows: Array = np.lib.stride_tricks.sliding_window_view(series, tau)[origins - tau]
    return windows


def recurse(one_step: OneStep, windows: Array, horizon: int, from_last: bool = False) -> Array:
    """Predict `horizon` steps on from `windows` (N, tau) by feeding predictions back (d2l 8.1.3), (…, N, horizon).

    Args:
        from_last: as in `lag_windows`: each window is given to `one_step` less its last value, which is added again.
    """
    if from_last:
        one_step = partial(_step_from_last, one_step)
    starts = range(0, max(len(windows), 1), BLOCK)
    paths = [_recurse_block(one_step, windows[start : start + BLOCK], horizon) for start in starts]
    return np.concatenate(paths, axis=-2, dtype=np.float64)


def _step_from_last(one_step: OneStep, windows: Array) -> Array:
    last = windows[..., -1:]
    following: Array = one_step(windows - last) + last[..., 0]
    return following


def _recurse_block(one_step: OneStep, windows: Array, horizon: int) -> Array:
    tau = windows.shape[-1]
    first = one_step(windows)  # (…, N)
    path = np.empty((*first.shape, tau + horizon), dtype=first.dtype)
    path[..., :tau] = windows
    path[..., tau] = first
    for k in range(1, horizon):
        path[..., tau + k] = one_step(path[..., k : k + tau])
    return path[..., tau:]
