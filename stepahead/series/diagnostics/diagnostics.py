"""What a series is like before anything is predicted: how many lags it needs, and whether it is stationary.

Each function returns plain rows: numbers, and a verdict in words.
"""

import warnings
from typing import Any

import numpy as np
from scipy.stats import chi2
from statsmodels.tools.sm_exceptions import InterpolationWarning, SingularMatrixWarning
from statsmodels.tsa.stattools import acf, adfuller, kpss

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError

Row = dict[str, Any]

SIGNIFICANCE = 0.05
# ADF's own choice of lags takes time that grows faster than the series: half a minute for 100,000 steps.
MAX_TESTED = 10_000
MIN_TESTED = 12


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
    _check_not_constant(series)
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


def stationarity(series: Array) -> list[Row]:
    """The ADF test (null: unit root, not stationary) and the KPSS test (null: stationary) of the series (T,).

    Of a series longer than `MAX_TESTED` steps, the last ones are tested.

    Returns:
        A row for each test: test, steps (tested), statistic, lags, p_value, p_is_bound (the tables of KPSS end there:
        its true p-value lies beyond 0.01 or 0.1), stationary, verdict. ADF's numbers are None where
        the series has no noise.

    Raises:
        StepaheadError: the series is constant, or too short for the tests.
    """
    series = series[-MAX_TESTED:]
    if len(series) < MIN_TESTED:
        raise StepaheadError(
            f"series: {len(series)} steps are too few to test for stationarity, which takes {MIN_TESTED}; "
            "choose a longer series"
        )
    _check_not_constant(series)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # p_is_bound says it
        warnings.simplefilter("error", SingularMatrixWarning)
        try:
            adf = _row("ADF", len(series), adfuller(series, autolag="AIC", result_object=True))
        except SingularMatrixWarning:
            verdict = "the series follows from its own past without noise, which the test cannot take"
            adf = _untested("ADF", len(series), "stationary", verdict)
        return [adf, _row("KPSS", len(series), kpss(series, nlags="auto", result_object=True))]


def residual_autocorrelation(residuals: Array, lags: int, fitted: int = 0) -> Row:
    """The Ljung–Box test (null: no autocorrelation up to `lags`) of one-step residuals (T,).

    Args:
        fitted: AR coefficients of the model, which the degrees of freedom lack; fewer than `lags`.

    Returns:
        A row: test, steps, statistic, lags, p_value, p_is_bound (never), correlated, verdict. The numbers and
        `correlated` are None where the residuals are too few or all the same.
    """
    if fitted >= lags:
        raise ValueError(f"lags = {lags} must be more than fitted = {fitted}")
    if lags >= len(residuals) or np.ptp(residuals) == 0:
        verdict = f"residuals that are {'too few' if lags >= len(residuals) else 'all the same'} for {lags} lags"
        return _untested("Ljung–Box", len(residuals), "correlated", verdict)
    statistic = acf(residuals, nlags=lags, qstat=True, result_object=True).qstat[-1]
    p_value = float(chi2.sf(statistic, lags - fitted))
    correlated = p_value < SIGNIFICANCE
    return {
        "test": "Ljung–Box",
        "steps": len(residuals),
        "statistic": float(statistic),
        "lags": lags,
        "p_value": p_value,
        "p_is_bound": False,
        "correlated": correlated,
        "verdict": (
            f"the residuals are correlated within {lags} lags (p {_p_text(p_value)}): there is more to learn"
            if correlated
            else f"no sign of correlation in the residuals within {lags} lags (p {_p_text(p_value)})"
        ),
    }


def _row(test: str, steps: int, result: Any) -> Row:
    p_value = float(result.pvalue)
    bound = {0.01: "below 0.01", 0.1: "above 0.1"}.get(p_value) if test == "KPSS" else None
    rejected = p_value < SIGNIFICANCE
    null = "a unit root" if test == "ADF" else "stationarity"
    stationary = rejected == (test == "ADF")
    return {
        "test": test,
        "steps": steps,
        "statistic": float(result.statistic),
        "lags": int(result.lags),
        "p_value": p_value,
        "p_is_bound": bound is not None,
        "stationary": stationary,
        "verdict": (
            f"{null} is {'rejected' if rejected else 'not rejected'} (p {bound or _p_text(p_value)}): "
            f"the series looks {'stationary' if stationary else 'not stationary'}"
        ),
    }


def _untested(test: str, steps: int, outcome: str, verdict: str) -> Row:
    numbers = {"statistic": None, "lags": None, "p_value": None, "p_is_bound": False}
    return {"test": test, "steps": steps, **numbers, outcome: None, "verdict": verdict}


def _p_text(p_value: float) -> str:
    return "below 0.001" if p_value < 0.001 else f"= {p_value:.2g}"


def _check_not_constant(series: Array) -> None:
    if np.ptp(series) == 0:
        raise StepaheadError("series: it is constant, so the tests have nothing to go by; choose another series")
