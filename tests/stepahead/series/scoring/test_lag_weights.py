"""What each lag adds: the sum is the forecast."""

from dataclasses import replace

import numpy as np
import pytest

from stepahead.series.data.dataset import Series, standardised
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.scale import fit_scale
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.scoring.baselines import Persistence
from stepahead.series.scoring.kstep import forecast_in_unit
from stepahead.series.scoring.lag_weights import lag_weight_table, lag_weights


def a_series() -> Series:
    values = 50 + 7 * np.random.default_rng(0).standard_normal(80).cumsum()
    return standardised("walk", values, None, 60)


@pytest.mark.parametrize("method", ["ols", "yule_walker"])
@pytest.mark.parametrize("transforms", [(), ("last_value",), ("difference", "seasonal_difference")], ids=str)
def test_constant_and_lags_add_up_to_the_forecast_in_the_unit(method: str, transforms: tuple[str, ...]) -> None:
    series, horizon = a_series(), 5
    series = replace(series, scale=fit_scale("walk", series.values, 60, transforms, 4))
    fits = fit_all(LinearAR(3, method, "drop", series.scale.from_last), series, 0)
    model = Fits(fits, series.scale)
    assert model.reach == 3 + series.scale.lost
    table = lag_weight_table({"ols": (model, model.reach)}, horizon)
    weights = np.reshape(table["weight"], (horizon, model.reach + 1))
    seen = np.array([1.0, *series.values[70 - model.reach : 70][::-1]])
    np.testing.assert_allclose(weights @ seen, forecast_in_unit(model, series, np.array([70]), horizon)[0, 0])
    assert table["lag"][:4].tolist() == [0, 1, 2, 3]
    assert table["k"][-1] == horizon


def test_persistence_is_all_lag_one() -> None:
    constants, weights = lag_weights(Persistence(), 3, 4)
    assert (constants == 0).all()
    assert weights.tolist() == [[1, 0, 0]] * 4


def test_without_a_linear_model_the_table_has_no_row() -> None:
    assert lag_weight_table({}, 4) == {"model": [], "k": [], "lag": [], "weight": []}
