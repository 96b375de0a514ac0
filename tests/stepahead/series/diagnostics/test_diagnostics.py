import json

import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import acorr_ljungbox

from stepahead.core.errors import StepaheadError
from stepahead.series.diagnostics.orders import order_selection
from stepahead.series.diagnostics.residuals import residual_autocorrelation
from stepahead.series.diagnostics.stationarity import stationarity


def simulate_ar3(length: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=length + 100)
    return 7 + lfilter([1.0], [1.0, -0.5, 0.2, -0.6], noise)[100:]


def best(rows: list[dict], criterion: str) -> int:
    return min(rows, key=lambda row: row[criterion])["tau"]


def test_order_selection_matches_statsmodels_up_to_a_constant() -> None:
    series, max_tau = simulate_ar3(200), 6
    rows = order_selection(series, max_tau)

    for row in rows:
        lags = [series[max_tau - lag : len(series) - lag] for lag in range(1, row["tau"] + 1)]
        peer = OLS(series[max_tau:], np.column_stack([np.ones(len(series) - max_tau), *lags])).fit()
        n = len(series) - max_tau
        # statsmodels leaves the noise variance out of the count of parameters.
        constant = n * (np.log(2 * np.pi) + 1)
        assert row["noise_variance"] == pytest.approx(peer.ssr / n)
        assert row["aic"] == pytest.approx(peer.aic - constant + 2)
        assert row["bic"] == pytest.approx(peer.bic - constant + np.log(n))
    assert [row["tau"] for row in rows] == [1, 2, 3, 4, 5, 6]


def test_bic_finds_the_order_of_a_simulated_series() -> None:
    rows = order_selection(simulate_ar3(3000), 10)

    assert best(rows, "bic") == 3
    assert best(rows, "aic") >= 3
    assert "BIC" in rows[2]["verdict"]
    assert sum("BIC" in row["verdict"] for row in rows) == 1


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


def test_a_series_without_noise_needs_no_more_lags_than_predict_it() -> None:
    rows = order_selection(np.sin(0.1 * np.arange(200)), 10)

    assert [row["tau"] for row in rows] == [1, 2]
    assert rows[1]["verdict"] == "lowest AIC and lowest BIC"


@pytest.mark.parametrize(("residuals", "why"), [(np.zeros(30), "all the same"), (np.arange(24.0), "too few")])
def test_residuals_that_cannot_be_tested_have_no_verdict(residuals: np.ndarray, why: str) -> None:
    row = residual_autocorrelation(residuals, lags=24, fitted=4)

    assert row["p_value"] is None
    assert row["correlated"] is None
    assert why in row["verdict"]


def test_rows_are_plain_and_finite() -> None:
    series = simulate_ar3(100)
    rows = [*order_selection(series, 4), *stationarity(series), residual_autocorrelation(series, 5)]

    json.dumps(rows, allow_nan=False)
    assert all(isinstance(row["verdict"], str) for row in rows)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: order_selection(np.arange(10.0), 4), "tau = 4 needs 11"),
        (lambda: order_selection(np.ones(30), 2), "constant"),
        (lambda: stationarity(np.ones(30)), "constant"),
        (lambda: stationarity(np.arange(5.0)), "too few"),
    ],
)
def test_refuses_what_has_no_answer(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(StepaheadError, match=message):
        call()
