import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg

from stepahead.series.linear import LinearAR
from stepahead.series.series import sine

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


def test_padding_changes_what_is_fitted():
    dropped, padded = LinearAR(8, "ols", "drop"), LinearAR(8, "ols", "zero")
    dropped.fit(SERIES[:60])
    padded.fit(SERIES[:60])
    assert abs(dropped.weights["intercept"] - padded.weights["intercept"]) > 1e-3
