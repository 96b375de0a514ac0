import numpy as np
import pytest
from scipy.signal import lfilter
from statsmodels.tsa.ar_model import AutoReg

from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import sine
from stepahead.series.data.windows import lag_windows
from stepahead.series.linear.linear_ar import LinearAR, coarse_reach, doubling

SERIES = 3 + sine(700, 0.05, 0.2, 600, np.random.default_rng(0)).values


@pytest.mark.parametrize("tau", [1, 4, 16])
def test_ols_fits_and_forecasts_as_statsmodels_does(tau):
    model, peer = LinearAR(tau, "ols", "drop"), AutoReg(SERIES[:600], tau).fit()
    model.fit(SERIES[:600])
    np.testing.assert_allclose(model.weights["intercept"], peer.params[0], rtol=1e-6)
    np.testing.assert_allclose(model.weights["coefficients"][::-1], peer.params[1:], rtol=1e-6)
    forecast = model.forecast(SERIES, np.array([600]), 64)
    np.testing.assert_allclose(forecast[0], peer.predict(600, 663), rtol=1e-6)


@pytest.mark.parametrize("method", ["ols", "yule_walker"])
def test_forecast_is_the_recursion_written_out(method):
    model = LinearAR(3, method, "drop")
    model.fit(SERIES[:600])
    path = list(SERIES[:650])
    for _ in range(10):
        path.append(model.weights["coefficients"] @ path[-3:] + model.weights["intercept"])
    np.testing.assert_allclose(model.forecast(SERIES, np.array([650]), 10)[0], path[650:])


def test_yule_walker_returns_to_the_training_mean():
    model = LinearAR(2, "yule_walker", "drop")
    model.fit(SERIES[:600])
    assert model.forecast(SERIES, np.array([600]), 5000)[0, -1] == pytest.approx(SERIES[:600].mean())


def test_ols_recovers_a_simulated_ar2():
    series = lfilter([1.0], [1.0, -1.3, 0.6], np.random.default_rng(0).normal(0, 0.5, 100_000))
    model = LinearAR(2, "ols", "drop")
    model.fit(series)
    np.testing.assert_allclose(model.weights["coefficients"], [-0.6, 1.3], atol=0.01)
    assert model.weights["intercept"] == pytest.approx(0, abs=0.01)


def test_zeros_in_front_change_yule_walker_where_the_mean_is_not_zero_alone():
    for mean, same in ((0.0, True), (3.0, False)):
        series = SERIES[:60] - SERIES[:60].mean() + mean
        dropped, padded = LinearAR(8, "yule_walker", "drop"), LinearAR(8, "yule_walker", "zero")
        dropped.fit(series)
        padded.fit(series)
        assert np.allclose(dropped.weights["coefficients"], padded.weights["coefficients"], atol=1e-9) == same


def test_padding_changes_what_is_fitted():
    dropped, padded = LinearAR(8, "ols", "drop"), LinearAR(8, "ols", "zero")
    dropped.fit(SERIES[:60])
    padded.fit(SERIES[:60])
    assert abs(dropped.weights["intercept"] - padded.weights["intercept"]) > 1e-3


def test_coarse_features_are_the_means_of_ever_longer_stretches():
    window = np.arange(8.0, 0, -1)[None] ** 2  # oldest first: lag 8 is 64, lag 1 is 1
    assert (window @ doubling(8)).tolist() == [[1, 4, (9 + 16) / 2, (25 + 36 + 49 + 64) / 4]]
    assert doubling(1).tolist() == [[1]]
    assert doubling(2).tolist() == [[0, 1], [1, 0]]
    assert coarse_reach(4, 9) == 8


def test_ols_coarse_is_least_squares_on_these_features():
    model = LinearAR(8, "ols_coarse", "drop")
    model.fit(SERIES[:600])
    windows, labels = lag_windows(SERIES[:600], 8)
    design = np.column_stack(
        [windows[:, 7], windows[:, 6], windows[:, 4:6].mean(1), windows[:, :4].mean(1), labels * 0 + 1]
    )
    found = np.linalg.lstsq(design, labels)[0]
    np.testing.assert_allclose(model.one_step(windows), design @ found)
    assert len(set(model.weights["coefficients"].round(12))) == 4


def test_a_reach_beyond_the_training_part_names_tau():
    with pytest.raises(StepaheadError, match=r"tau = 40 lets ols_coarse look 2\^39 steps back, but there are 604"):
        coarse_reach(40, 604)
