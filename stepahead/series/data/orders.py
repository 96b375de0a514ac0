"""How many lags a linear model of the series needs."""

from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError

MAX_TAU = 64  # orders compared

Row = dict[str, Any]


def chosen_tau(tau: int | str, train: Array) -> int:
    """`tau`, or where it is auto the order with the lowest BIC on `train` (T,), what models see of the training part.

    Raises:
        StepaheadError: as `order_selection` does.
    """
    if isinstance(tau, int):
        return tau
    return int(min(orders(train), key=lambda row: row["bic"])["tau"])


def orders(train: Array) -> list[Row]:
    """`order_selection` up to `MAX_TAU`, or a third of the steps: with fewer targets a lag, BIC prefers too many."""
    return order_selection(train, max(min(MAX_TAU, len(train) // 3 - 1), 1))


def order_selection(series: Array, max_tau: int) -> list[Row]:
    """AIC and BIC of the linear model with an offset and tau lags, for tau = 1 … max_tau.

    All are fitted by least squares on the same targets, series[max_tau:], without which their likelihoods could not
    be compared. Where so many lags predict the series exactly (it has no noise), more are not tried.
    With n targets and tau + 2 parameters (noise variance included), AIC = n ln σ² + 2 (tau + 2) and
    BIC = n ln σ² + ln n (tau + 2), up to a constant that is the same for all (Brockwell & Davis 1991, section 9.3).

    Args:
        series: (T,).

    Returns:
        Rows of tau, noise_variance, aic, bic, verdict; the verdict names the best by each criterion.

    Raises:
        StepaheadError: fewer than 2 max_tau + 3 values, or the series is constant.
    """
    if len(series) < 2 * max_tau + 3:
        raise StepaheadError(
            f"tau = {max_tau} needs {2 * max_tau + 3} or more training steps to compare orders, "
            f"and there are {len(series)}; lower tau or raise series.n_train"
        )
    n = len(series) - max_tau
    lags = np.lib.stride_tricks.sliding_window_view(series, max_tau + 1)[:, ::-1]  # (n, target, lag 1, …, lag max_tau)
    design = np.column_stack([np.ones(n), lags[:, 1:], lags[:, 0]])
    # One triangular factor serves every order: what is left of the target's column below row tau is what tau misses.
    triangle = np.asarray(np.linalg.qr(design, mode="r"))
    if np.ptp(series) == 0:
        raise StepaheadError("series: it is constant, so no lag tells anything; choose another series")
    independent = np.abs(triangle.diagonal()[1:-1]) > 1e-12 * np.abs(triangle).max()
    max_tau = max(1, int(np.argmin([*independent, False])))
    unexplained = np.cumsum(triangle[::-1, -1] ** 2)[::-1]  # after 0, 1, … columns
    tau = np.arange(1, max_tau + 1)
    variance = np.maximum(unexplained[2 : max_tau + 2] / n, np.finfo(float).tiny)
    aic = n * np.log(variance) + 2 * (tau + 2)
    bic = n * np.log(variance) + np.log(n) * (tau + 2)
    return [
        {
            "tau": int(tau[i]),
            "noise_variance": float(variance[i]),
            "aic": float(aic[i]),
            "bic": float(bic[i]),
            "verdict": " and ".join(
                f"lowest {name}" for name, values in (("AIC", aic), ("BIC", bic)) if i == values.argmin()
            ),
        }
        for i in range(max_tau)
    ]
