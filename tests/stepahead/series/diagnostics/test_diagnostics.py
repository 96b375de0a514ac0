import json

import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.stats.diagnostic import acorr_ljungbox

from stepahead.core.errors import StepaheadError
from stepahead.series.diagnostics.residuals import residual_autocorrelation
from stepahead.series.diagnostics.stationarity import stationarity


def simulate_ar3(length: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=length + 100)
    return 7 + lfilter([1.0], [1.0, -0.5, 0.2, -0.6], noise)[100:]


def test_verdicts_on_known_series() -> None:
    noise = np.random.default_rng(0).normal(size=500)
    for series, stationary in ((noise, True), (noise.cumsum(), False)):
        rows = stationarity(series)
        assert [(row["test"], row["stationary"]) for row in rows] == [("ADF", stationary), ("KPSS", stationary)]
        assert all(("not stationary" in row["verdict"]) != stationary for row in rows)


def test_kpss_says_when_its_p_value_is_a_bound() -> None:
    noise = np.random.default_rng(0).normal(size=500)

    assert [row["p_is_bound"] for row in stationarity(noise)] == [False, True]
    assert "p above 0.1" in stationarity(noise)[1]["verdict"]
    assert "p below 0.01" in stationarity(noise.cumsum())[1]["verdict"]
    within = stationarity(noise + 0.0008 * np.arange(500))[1]
    assert 0.01 < within["p_value"] < 0.1
    assert not within["p_is_bound"]


def test_series_without_noise_has_no_adf_verdict() -> None:
    adf, kpss = stationarity(np.sin(0.1 * np.arange(200)))

    assert adf["stationary"] is None
    assert adf["statistic"] is None
    assert kpss["stationary"] is True


def test_ljung_box_matches_statsmodels() -> None:
    residuals = simulate_ar3(300)
    peer = acorr_ljungbox(residuals, lags=[10], model_df=4)

    row = residual_autocorrelation(residuals, lags=10, fitted=4)

    assert row["statistic"] == pytest.approx(peer["lb_stat"].iloc[0])
    assert row["p_value"] == pytest.approx(peer["lb_pvalue"].iloc[0], abs=1e-12)
    assert row["correlated"]


def test_ljung_box_on_noise_errs_one_time_in_twenty() -> None:
    rng = np.random.default_rng(0)

    found = [residual_autocorrelation(rng.normal(size=200), lags=5)["correlated"] for _ in range(400)]

    assert 0.02 < np.mean(found) < 0.09


@pytest.mark.parametrize(("residuals", "why"), [(np.zeros(30), "all the same"), (np.arange(24.0), "too few")])
def test_residuals_that_cannot_be_tested_have_no_verdict(residuals: np.ndarray, why: str) -> None:
    row = residual_autocorrelation(residuals, lags=24, fitted=4)

    assert row["p_value"] is None
    assert row["correlated"] is None
    assert why in row["verdict"]


def test_rows_are_plain_and_finite() -> None:
    series = simulate_ar3(100)
    rows = [*stationarity(series), residual_autocorrelation(series, 5)]

    json.dumps(rows, allow_nan=False)
    assert all(isinstance(row["verdict"], str) for row in rows)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stationarity(np.ones(30)), "constant"),
        (lambda: stationarity(np.arange(5.0)), "too few"),
    ],
)
def test_refuses_what_has_no_answer(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StepaheadError, match=message):
        call()
