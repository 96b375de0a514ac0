"""How many lags BIC chooses, and where it is asked."""

import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.regression.linear_model import OLS

from stepahead.core.errors import StepaheadError
from stepahead.series.data.orders import chosen_tau, order_selection, orders


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


def test_a_series_without_noise_needs_no_more_lags_than_predict_it() -> None:
    rows = order_selection(np.sin(0.1 * np.arange(200)), 10)

    assert [row["tau"] for row in rows] == [1, 2]
    assert rows[1]["verdict"] == "lowest AIC and lowest BIC"


def test_auto_is_what_bic_chooses_and_a_number_is_itself() -> None:
    train = simulate_ar3(3000)
    assert chosen_tau("auto", train) == 3
    assert chosen_tau(7, train) == 7


@pytest.mark.parametrize(("steps", "most"), [(604, 64), (108, 35), (12, 3), (5, 1)])
def test_a_short_series_compares_fewer_orders(steps: int, most: int) -> None:
    assert [row["tau"] for row in orders(simulate_ar3(steps))] == list(range(1, most + 1))


@pytest.mark.parametrize(("series", "message"), [(np.arange(10.0), "tau = 4 needs 11"), (np.ones(30), "constant")])
def test_orders_of_what_has_none_are_refused(series: np.ndarray, message: str) -> None:
    with pytest.raises(StepaheadError, match=message):
        order_selection(series, 4)
