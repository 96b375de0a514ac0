"""Prediction intervals: that they cover what they claim, and what the metrics and tables say of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from stepahead.series.data.dataset import sine, standardised
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.scale import Scale, fit_scale
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.mlp import MLP
from stepahead.series.scoring import intervals, kstep
from stepahead.series.scoring.baselines import Persistence
from stepahead.series.scoring.intervals import (
    LEVELS,
    Intervals,
    first_half_widths,
    interval_table,
    score,
    scored,
    training_residuals,
)
from stepahead.series.scoring.kstep import forecast_in_unit, held_out_origins, squared_errors

OLS = LinearAR(2, "ols", "drop")


def simulated(length=6000, n_train=4000, seed=0):
    """x_t = 1.3 x_{t−1} − 0.6 x_{t−2} + N(0, 0.5²), around 40."""
    noise = np.random.default_rng(seed).normal(0, 0.5, length + 200)
    return standardised("ar2", 40 + lfilter([1.0], [1.0, -1.3, 0.6], noise)[200:], None, n_train)


def measured(series, horizon=8, model=OLS):
    origins = held_out_origins(series.n_train, len(series.values), horizon)
    found = score(Fits(fit_all(model, series, 0), series.scale), series, origins, [horizon])
    assert found.mse.shape == (1, horizon)
    return found.intervals


@pytest.mark.parametrize("method", ["adaptive", "fixed"])
def test_they_cover_what_they_claim_on_simulated_data(method):
    found = measured(simulated())[method]
    np.testing.assert_allclose(found.coverage[0], 0.80, atol=0.04)
    np.testing.assert_allclose(found.coverage[1], 0.95, atol=0.02)


@pytest.mark.parametrize("method", ["adaptive", "fixed"])
def test_their_width_is_the_known_one_in_the_original_unit(method):
    found = measured(simulated(60_000, 50_000))[method]
    weights = lfilter([1.0], [1.0, -1.3, 0.6], np.eye(8)[0])  # ψ weights: the k-step error's sd is 0.5 √Σψ²
    deviation = 0.5 * np.sqrt(np.cumsum(weights**2))
    np.testing.assert_allclose(found.width[0], 2 * 1.2816 * deviation, rtol=0.06)
    np.testing.assert_allclose(found.width[1], 2 * 1.9600 * deviation, rtol=0.06)
    best = 2 * deviation * (1.2816 + np.exp(-(1.2816**2) / 2) / np.sqrt(2 * np.pi) / 0.1 - 1.2816)  # Winkler at 80 %
    np.testing.assert_allclose(found.winkler[0], best, rtol=0.06)


def test_the_latent_model_has_the_least_width_that_holds_on_the_sine():
    found = [
        measured(sine(1000, 0.01, 0.2, 604, np.random.default_rng(seed)), 64, LatentAR(2, 300))["gaussian"]
        for seed in range(6)
    ]
    coverage, width = (np.mean([getattr(each, name)[0] for each in found], axis=0) for name in ("coverage", "width"))
    np.testing.assert_allclose(coverage, 0.8, atol=0.03)
    np.testing.assert_allclose(width, 2 * 1.2816 * 0.2, rtol=0.03)  # the floor's


def growing(seed=0, length=600, n_train=300, times=1.0, transforms=("log", "difference")):
    """log x_t = log x_{t−1} + 0.01 + N(0, 0.1²): twenty times as high at the end as at the end of training."""
    values = times * np.exp(0.01 * np.arange(length) + np.random.default_rng(seed).normal(0, 0.1, length).cumsum())
    scale = fit_scale("growing", values, n_train, transforms)
    return replace(standardised("growing", values, None, n_train), scale=scale)


@pytest.mark.parametrize("method", ["adaptive", "fixed"])
def test_on_a_series_that_grows_by_shares_they_hold_what_they_claim(method):
    """From errors in the unit of the series, which was far lower in training, they hold 56 % and 27 % here."""
    found = [measured(growing(seed), 4)[method].coverage[0] for seed in range(10)]
    np.testing.assert_allclose(np.mean(found, axis=0), 0.8, atol=0.05)


@settings(max_examples=10)
@given(seed=st.integers(0, 99), times=st.floats(1e-3, 1e3))
@pytest.mark.parametrize("transforms", [(), ("difference",), ("log",), ("log", "difference")], ids=str)
def test_of_a_series_so_many_times_as_large_they_are_so_many_times_as_wide(transforms, seed, times):
    plain, larger = (measured(growing(seed, 120, 80, each, transforms), 4) for each in (1.0, times))
    for method, expected in plain.items():
        np.testing.assert_allclose(larger[method].width, times * expected.width, rtol=1e-6)
        np.testing.assert_allclose(larger[method].winkler, times * expected.winkler, rtol=1e-6)


def test_a_model_without_a_distribution_has_no_gaussian_intervals():
    assert measured(simulated(300, 200)).keys() == {"adaptive", "fixed"}


def test_the_first_width_comes_from_the_errors_known_at_the_end_of_training():
    series = simulated(300, 200)
    model = Fits(fit_all(OLS, series, 0), series.scale)
    residuals = training_residuals(model, series, 8, 1)
    assert residuals.shape == (198, 1, 8)  # from every origin that has a window
    for k in (1, 5, 8):
        errors = [
            abs(forecast_in_unit(model, series, np.array([origin]), 8)[0, 0, k - 1] - series.values[origin + k - 1])
            for origin in range(2, 200 - k + 1)
        ]
        rank = int(np.ceil((len(errors) + 1) * 0.8 - 1e-9))
        np.testing.assert_allclose(first_half_widths(residuals)[0, 0, k - 1], np.sort(errors)[rank - 1])


def test_the_errors_are_those_of_the_model_that_predicts():
    series = simulated(300, 200)
    fits = fit_all(OLS, series, 30)
    residuals = training_residuals(Fits(fits, series.scale), series, 3, 1)
    alone = training_residuals(Fits({200: fits[200]}, series.scale), series, 3, 1)
    np.testing.assert_array_equal(residuals, alone)


def test_each_seed_has_intervals_of_its_own():
    forecasts = np.array([[[1.0], [3.0]], [[1.0], [-3.0]]])  # (N, seeds, horizon)
    found = scored(Scale(), forecasts, np.zeros((2, 1, 1)), np.array([[[[1.0], [2.0]]] * 2]))
    np.testing.assert_allclose(found.coverage, [[0.5], [0.5]])
    np.testing.assert_allclose(found.width, [[3.0], [3.0]])
    series = simulated(200, 100)
    model = Fits(fit_all(MLP(2, 4, 3, 16, 0.01, 2, 0, "drop"), series, 0), series.scale)
    assert first_half_widths(training_residuals(model, series, 4, 2)).shape == (2, 2, 4)


def test_the_error_is_that_of_squared_errors():
    series = simulated(300, 200)
    model, origins = Fits(fit_all(OLS, series, 0), series.scale), held_out_origins(200, 300, 8)
    np.testing.assert_allclose(score(model, series, origins, [8]).mse, squared_errors(model, series, origins, 8))


def test_the_losses_are_kept_origin_by_origin_at_the_reported_horizons(monkeypatch):
    series = simulated(300, 200)
    model, origins = Fits(fit_all(OLS, series, 0), series.scale), held_out_origins(200, 300, 8)
    monkeypatch.setattr(kstep, "CHUNK", 50)
    found = score(model, series, origins, [1, 8]).losses
    forecasts = forecast_in_unit(model, series, origins, 8)[0]
    assert found.shape == (2, len(origins))
    np.testing.assert_allclose(found[0], (forecasts[:, 0] - series.values[origins]) ** 2)
    np.testing.assert_allclose(found[1], (forecasts[:, 7] - series.values[origins + 7]) ** 2)


@pytest.mark.parametrize("shown", [1, 30, 75, 93])
def test_the_forecasts_to_show_are_those_from_the_first_origins(shown, monkeypatch):
    series = simulated(300, 200)
    model, origins = Fits(fit_all(OLS, series, 0), series.scale), held_out_origins(200, 300, 8)
    monkeypatch.setattr(kstep, "CHUNK", 50)
    expected = forecast_in_unit(model, series, origins[:shown], 8)[0]
    np.testing.assert_allclose(score(model, series, origins, [8], shown).forecasts, expected, rtol=1e-12)


def test_a_long_series_is_scored_on_its_first_origins(monkeypatch):
    series = simulated(400, 200)
    model = Fits(fit_all(OLS, series, 0), series.scale)
    expected = score(model, series, np.arange(200, 250), [8]).intervals["fixed"]
    monkeypatch.setattr(kstep, "CHUNK", 50)
    found = score(model, series, np.arange(200, 393), [8]).intervals["fixed"]
    np.testing.assert_array_equal(found.coverage, expected.coverage)
    monkeypatch.setattr(intervals, "CHUNK", 50)
    assert len(training_residuals(model, series, 8, 1)) == 50


@pytest.mark.parametrize(
    ("n_train", "reach"), [(9, (4, 0)), (20, (8, 0)), (24, (8, 4)), (40, (8, 8))], ids=lambda value: str(value)
)
def test_a_level_reaches_as_far_as_there_are_errors_to_start_from(n_train, reach):
    series = simulated(200, n_train)
    found = measured(series)
    for each in found.values():
        for part in (each.width, each.coverage, each.winkler):
            assert tuple((~np.isnan(part)).sum(axis=1)) == reach
            assert not np.isnan(part[0, : reach[0]]).any()
    table = interval_table({"ols": found}, [8])
    assert [
        k
        for k, level, method in zip(table["k"], table["level"], table["method"], strict=True)
        if level == 0.8 and method == "adaptive"
    ] == list(range(1, reach[0] + 1))


def test_a_horizon_longer_than_the_training_part_has_no_interval():
    series = simulated(200, 9)
    found = measured(series, 20, Persistence())["adaptive"]
    assert tuple((~np.isnan(found.width)).sum(axis=1)) == (5, 0)


def test_table_by_hand():
    one = Intervals(*(np.array([[1.0, 2], [3, 4]]) * scale for scale in (0.5, 1, 0.1, 10)))
    assert interval_table({"ols": {"adaptive": one, "fixed": one}}, [2]) == {
        "model": ["ols"] * 6,
        "method": ["adaptive"] * 4 + ["fixed"] * 2,
        "level": [0.8, 0.8, 0.95, 0.95, 0.8, 0.95],
        "k": [1, 2, 1, 2, 2, 2],
        "coverage": pytest.approx([0.1, 0.2, 0.3, 0.4, 0.2, 0.4]),
        "half_width": [0.5, 1.0, 1.5, 2.0, 1.0, 2.0],
        "width": [1.0, 2.0, 3.0, 4.0, 2.0, 4.0],
        "winkler": [10.0, 20.0, 30.0, 40.0, 20.0, 40.0],
    }
    assert len(LEVELS) == 2
