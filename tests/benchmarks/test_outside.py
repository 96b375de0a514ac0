"""The benchmark beside statsforecast: its scores, and that settings are chosen on the training part alone."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.outside import (
    HOME,
    LEVELS,
    Forecasts,
    Setting,
    check,
    fitted,
    inside,
    origins_of,
    outside,
    score,
    validated,
    with_intervals,
)
from stepahead.series.data.dataset import Series, standardised

PARAMS = {
    "n_seeds": 2,
    "seed": 0,
    "tau": 4,
    "windows": {"pad": "drop"},
    "mlp": {"hidden": 3, "epochs": 2, "batch_size": 16, "lr": 0.01},
    "lvar": {"order": 2, "iterations": 3},
    "models": {"linear": ["ols"], "mlp": ["mlp"], "direct": [], "recurrent": [], "lvar": ["lvar"]},
}


def waves(length: int = 160, n_train: int = 120) -> Series:
    steps = np.arange(length)
    noise = np.random.default_rng(0).normal(0, 1, length)
    values = (30 + steps / 4) * (1 + 0.3 * np.sin(2 * np.pi * steps / 12)) + noise
    return replace(standardised("waves", values, None, n_train), season=12)


def test_scores_by_hand() -> None:
    series = standardised("five", np.array([1.0, 3, 2, 4, 8]), None, 3)
    low, high = np.array([[[3.5], [7]], [[3], [6.5]], [[3], [6]], [[2], [5]]]), np.array([[[5.0], [7.5]]] * 4)
    found = score(series, Forecasts(np.array([[4.5], [7.25]]), low, high), 1)  # of 4 and 8
    assert found["mse"] == pytest.approx((0.5**2 + 0.75**2) / 2)
    assert found["mase"] == pytest.approx((0.5 + 0.75) / 2 / 1.5)  # the naive was off by 2 and 1 in training
    assert found["coverage"] == 0.5
    pinball = []
    for y, mean, lows, highs in ((4.0, 4.5, [2, 3, 3, 3.5], [5.0] * 4), (8.0, 7.25, [5, 6, 6.5, 7], [7.5] * 4)):
        for decile, at in zip(np.arange(0.1, 0.95, 0.1), [*lows, mean, *highs], strict=True):
            pinball.append((y - at) * decile if y > at else (at - y) * (1 - decile))
    assert found["scaled_crps"] == pytest.approx(2 * np.mean(pinball) / 6)


@pytest.mark.slow
def test_persistence_is_statsforecasts_and_scores_are_utilsforecasts() -> None:
    python = HOME / "venv/bin/python"
    if not python.exists():
        pytest.skip("statsforecast is not installed; make outside does it")
    series = waves()
    theirs, checks = outside(str(python), series, (1, 4, 12))
    assert {"Naive", "SeasonalNaive", "AutoARIMA", "AutoETS", "AutoCES", "Theta"} == theirs.keys()
    check(series, (1, 4, 12), theirs, checks)
    checks["Theta"]["4"]["scaled_crps"] *= 1 + 1e-8
    with pytest.raises(AssertionError):
        check(series, (1, 4, 12), theirs, checks)


def test_what_comes_after_training_changes_no_setting() -> None:
    series, horizons = waves(), (1, 12)
    changed = replace(series, values=np.append(series.values[:120], series.values[120:] * 5))
    before, after = (inside(each, horizons, PARAMS) for each in (series, changed))
    settings = {name: each.setting for name, each in before.items()}
    assert settings == {name: each.setting for name, each in after.items()}
    assert {
        "ols",
        "mlp",
        "lvar",
        "ols, chosen",
        "mlp, chosen",
        "lvar, chosen",
        "seasonal_naive",
        "fit",
    } < settings.keys()
    assert {name for name, setting in settings.items() if setting} == {n for n in settings if "chosen" in n} | {"fit"}


def test_settings_that_a_series_is_too_short_for_are_left_out() -> None:
    tried = validated(waves(70, 40), (1, 4), PARAMS, "ols", [Setting((), 4), Setting((), 39), Setting((), 64)])
    assert tried.keys() == {Setting((), 4)} | {s for s in tried if s.size == 39}
    assert Setting((), 64) not in tried


def test_a_forecast_is_the_mean_over_the_weight_seeds_with_wider_intervals_around_it_at_higher_levels() -> None:
    series, horizons = waves(), (1, 4)
    model = fitted(series, horizons, PARAMS, "mlp", Setting((), 4))
    origins = origins_of(series, horizons)
    [part] = model.parts
    seeds = part.forecast(series.values, origins, 4)
    assert seeds.shape == (2, len(origins), 4)
    found = with_intervals(model, series, horizons)
    np.testing.assert_allclose(found.mean, seeds.mean(axis=0))
    assert found.low.shape == found.high.shape == (len(LEVELS), *found.mean.shape)
    np.testing.assert_allclose(found.high - found.mean, found.mean - found.low)
    assert (np.diff((found.high - found.low)[:, 0], axis=0) >= 0).all()
