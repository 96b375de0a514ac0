import numpy as np
import pytest
from statsmodels.regression.linear_model import yule_walker as statsmodels_yule_walker

from stepahead.core.errors import StepaheadError
from stepahead.series.linear.yule_walker import yule_walker


def simulate_ar2(length: int, rng: np.random.Generator) -> np.ndarray:
    """x_t = 1.3 x_{t−1} − 0.6 x_{t−2} + N(0, 0.5²), around 5."""
    from scipy.signal import lfilter

    return 5 + lfilter([1.0], [1.0, -1.3, 0.6], rng.normal(0, 0.5, length + 200))[200:]


@pytest.mark.parametrize("order", [1, 2, 8, 64])
def test_matches_statsmodels(order: int) -> None:
    series = simulate_ar2(400, np.random.default_rng(3))
    expected, sigma = statsmodels_yule_walker(series, order=order, method="mle", result_object=True)[:2]

    coefficients, variance = yule_walker(series, order)

    np.testing.assert_allclose(coefficients, expected, rtol=1e-8, atol=1e-10)
    assert variance == pytest.approx(sigma**2, rel=1e-8)


def test_recovers_a_simulated_ar2() -> None:
    coefficients, variance = yule_walker(simulate_ar2(100_000, np.random.default_rng(0)), 2)

    np.testing.assert_allclose(coefficients, [1.3, -0.6], atol=0.01)
    assert variance == pytest.approx(0.25, rel=0.02)


def test_one_lag_by_hand() -> None:
    # Deviations −1, 0, 1: autocovariances 2/3 at lag 0 and 0 at lag 1.
    assert yule_walker(np.array([1.0, 2.0, 3.0]), 1) == (pytest.approx([0.0]), pytest.approx(2 / 3))


@pytest.mark.parametrize(("series", "message"), [(np.arange(4.0), "tau = 4 needs more"), (np.ones(9), "constant")])
def test_refuses_what_has_no_answer(series: np.ndarray, message: str) -> None:
    with pytest.raises(StepaheadError, match=message):
        yule_walker(series, 4)
