"""Whether the series is stationary, by tests with opposite null hypotheses."""

import warnings
from typing import Any

import numpy as np
from statsmodels.tools.sm_exceptions import InterpolationWarning, SingularMatrixWarning
from statsmodels.tsa.stattools import adfuller, kpss

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError

Row = dict[str, Any]

SIGNIFICANCE = 0.05
# ADF's own choice of lags takes time that grows faster than the series: half a minute for 100,000 steps.
MAX_TESTED = 10_000
MIN_TESTED = 12


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
