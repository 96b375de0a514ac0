"""Whether a fitted model leaves something to learn."""

from typing import Any

import numpy as np
from scipy.special import chdtrc

from stepahead.core.artifacts import Array

SIGNIFICANCE = 0.05


def residual_autocorrelation(residuals: Array, lags: int, fitted: int = 0) -> dict[str, Any]:
    """The Ljung–Box test (null: no autocorrelation up to `lags`) of one-step residuals (T,).

    Q = T (T + 2) Σ_k ρ_k² / (T − k) over k = 1 … lags, which under the null is χ² with lags − fitted degrees of freedom
    (Ljung & Box 1978).

    Args:
        fitted: AR coefficients of the model, which the degrees of freedom lack; fewer than `lags`.

    Returns:
        A row: test, steps, statistic, lags, p_value, correlated, verdict. The numbers and `correlated` are None where
        the residuals are too few or all the same.
    """
    if fitted >= lags:
        raise ValueError(f"lags = {lags} must be more than fitted = {fitted}")
    n = len(residuals)
    row: dict[str, Any] = {"test": "Ljung–Box", "steps": n}
    if lags >= n or np.ptp(residuals) == 0:
        verdict = f"residuals that are {'too few' if lags >= n else 'all the same'} for {lags} lags"
        return {**row, "statistic": None, "lags": None, "p_value": None, "correlated": None, "verdict": verdict}
    deviations = residuals - residuals.mean()
    k = np.arange(1, lags + 1)
    products = np.array([deviations[lag:] @ deviations[:-lag] for lag in k.tolist()])
    statistic = float(n * (n + 2) * np.sum((products / (deviations @ deviations)) ** 2 / (n - k)))
    p_value = float(chdtrc(lags - fitted, statistic))
    correlated = p_value < SIGNIFICANCE
    p = "below 0.001" if p_value < 0.001 else f"= {p_value:.2g}"
    verdict = (
        f"the residuals are correlated within {lags} lags (p {p}): there is more to learn"
        if correlated
        else f"no sign of correlation in the residuals within {lags} lags (p {p})"
    )
    return {
        **row,
        "statistic": statistic,
        "lags": lags,
        "p_value": p_value,
        "correlated": correlated,
        "verdict": verdict,
    }
