"""Prediction intervals: that they cover what they claim, and what the metrics and tables say of them."""

import numpy as np
import pytest
from scipy.signal import lfilter

from stepahead.series.data.dataset import standardised
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.scoring import kstep
from stepahead.series.scoring.intervals import (
    Intervals,
    calibration_origins,
    interval_table,
    possible_levels,
    score,
)
from stepahead.series.scoring.kstep import forecast_in_unit, held_out_origins, squared_errors


def simulated(length=6000, n_train=4000, seed=0):
    """x_t = 1.3 x_{t−1} − 0.6 x_{t−2} + N(0, 0.5²), around 40."""
    noise = np.random.default_rng(seed).normal(0, 0.5, length + 200)
    return standardised("ar2", 40 + lfilter([1.0], [1.0, -1.3, 0.6], noise)[200:], None, n_train)


def measured(series, horizon=8):
    model = Fits(fit_all(LinearAR(2, "ols", "drop"), series, 0), series.scale)
    found = score(model, series, held_out_origins(series.n_train, len(series.values), horizon), [horizon])
    assert found.mse.shape == (1, horizon)
    return found.intervals


def test_they_cover_what_they_claim_on_simulated_data():
    found = measured(simulated())
    np.testing.assert_allclose(found.coverage[0], 0.80, atol=0.04)
    np.testing.assert_allclose(found.coverage[1], 0.95, atol=0.02)


def test_their_width_is_the_known_one_in_the_original_unit():
    found = measured(simulated(60_000, 50_000))
    weights = lfilter([1.0], [1.0, -1.3, 0.6], np.eye(8)[0])  # ψ weights: the k-step error's sd is 0.5 √Σψ²
    deviation = 0.5 * np.sqrt(np.cumsum(weights**2))
    np.testing.assert_allclose(found.width[0], 2 * 1.2816 * deviation, rtol=0.04)
    np.testing.assert_allclose(found.width[1], 2 * 1.9600 * deviation, rtol=0.04)


def test_the_error_is_that_of_squared_errors():
    series = simulated(300, 200)
    model, origins = Fits(fit_all(LinearAR(2, "ols", "drop"), series, 0), series.scale), held_out_origins(200, 300, 8)
    np.testing.assert_allclose(score(model, series, origins, [8]).mse, squared_errors(model, series, origins, 8))


def test_the_losses_are_kept_origin_by_origin_at_the_reported_horizons(monkeypatch):
    series = simulated(300, 200)
    model, origins = Fits(fit_all(LinearAR(2, "ols", "drop"), series, 0), series.scale), held_out_origins(200, 300, 8)
    monkeypatch.setattr(kstep, "CHUNK", 50)
    found = score(model, series, origins, [1, 8]).losses
    forecasts = forecast_in_unit(model, series, origins, 8)[0]
    assert found.shape == (2, len(origins))
    np.testing.assert_allclose(found[0], (forecasts[:, 0] - series.values[origins]) ** 2)
    np.testing.assert_allclose(found[1], (forecasts[:, 7] - series.values[origins + 7]) ** 2)


@pytest.mark.parametrize("shown", [1, 30, 75, 93])
def test_the_forecasts_to_show_are_those_from_the_first_origins(shown, monkeypatch):
    series = simulated(300, 200)
    model, origins = Fits(fit_all(LinearAR(2, "ols", "drop"), series, 0), series.scale), held_out_origins(200, 300, 8)
    monkeypatch.setattr(kstep, "CHUNK", 50)
    expected = forecast_in_unit(model, series, origins[:shown], 8)[0]
    np.testing.assert_allclose(score(model, series, origins, [8], shown).forecasts, expected, rtol=1e-12)


def test_calibration_targets_lie_in_the_end_of_the_training_part():
    series = simulated(200, 100)
    np.testing.assert_array_equal(calibration_origins(series.calibration_end, 100, 20), np.arange(75, 81))


@pytest.mark.parametrize(("n_cal", "levels"), [(-5, []), (3, []), (4, [0.8]), (18, [0.8]), (19, [0.8, 0.95])])
def test_a_level_needs_enough_calibration_origins(n_cal, levels):
    assert possible_levels(n_cal) == levels


@pytest.mark.parametrize(("n_train", "levels"), [(40, 0), (64, 1), (120, 2)])
def test_a_short_training_part_has_fewer_levels_and_still_a_result(n_train, levels):
    found = measured(simulated(200, n_train))
    assert found.width.shape == found.coverage.shape == (levels, 8)
    assert len(interval_table({"ols": found})["k"]) == levels * 8


def test_table_by_hand():
    intervals = {"ols": Intervals((0.8, 0.95), np.array([[1.0, 2], [3, 4]]), np.array([[0.7, 0.8], [0.9, 1]]))}
    assert interval_table(intervals) == {
        "model": ["ols"] * 4,
        "level": [0.8, 0.8, 0.95, 0.95],
        "k": [1, 2, 1, 2],
        "coverage": [0.7, 0.8, 0.9, 1.0],
        "width": [1.0, 2.0, 3.0, 4.0],
    }
