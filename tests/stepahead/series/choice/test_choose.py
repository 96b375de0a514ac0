"""Chosen for a series is the mean of the models that do best on what they have not seen, or else a naive row."""

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.choice.choose import Combination, Mixed, choose, models
from stepahead.series.scoring.future import future

T = np.arange(120)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=120)
NAMES = ("ols", "lvar", "mlp_direct")
SEASONAL = np.exp(3 + 0.01 * T + 0.4 * np.sin(np.pi * T / 3) + 0.02 * NOISE)


def test_of_a_walk_a_naive_row_is_chosen() -> None:
    found = [choose(np.random.default_rng(seed).normal(size=96).cumsum(), 3, None)[0] for seed in range(10)]
    assert all(trial.candidate.naive for trial in found)


def test_of_noise_the_mean_is_chosen() -> None:
    trials = choose(NOISE, 4, None)
    assert trials[0].candidate.name == "mean"


def test_of_a_growing_season_a_model_with_the_right_transform_is_chosen() -> None:
    best = choose(SEASONAL, 6, 6)[0]
    assert best.score < 0.3
    assert isinstance(best.candidate, Combination)
    assert any("log" in part.transforms for part in best.candidate.parts)


def test_the_best_of_each_family_are_averaged() -> None:
    chosen, *others = choose(SEASONAL, 6, 6)
    assert isinstance(chosen.candidate, Combination)
    single = [trial for trial in others if not trial.candidate.naive]
    best = [min((t.score, str(t.candidate)) for t in single if t.candidate.name == name) for name in NAMES]
    assert [str(part) for part in chosen.candidate.parts] == [name for _, name in sorted(best)]
    origins = np.array([70, 100])
    parts = [part.fit(SEASONAL, 60, 6).forecast(SEASONAL, origins, 6) for part in chosen.candidate.parts]
    by_seed = [part if part.ndim == 3 else part[None] for part in parts]
    expected = np.mean([part.mean(axis=0) for part in by_seed], axis=0)
    np.testing.assert_allclose(chosen.candidate.fit(SEASONAL, 60, 6).forecast(SEASONAL, origins, 6), expected)


def test_the_intervals_of_a_mean_are_from_its_own_errors_and_relative_where_those_of_all_parts_are() -> None:
    ways = {str(way): way for way in models(SEASONAL, 60, 6, 6)}
    logs, plain = ([way for way in ways.values() if way.transforms == chain][:2] for chain in (("log",), ()))
    for parts, measure in ((logs, np.log), (plain, np.array), ([logs[0], plain[1]], np.array)):
        mean = Combination(tuple(parts)).fit(SEASONAL, 60, 6)
        origins = np.arange(60, 120)
        forecasts = mean.forecast(SEASONAL, origins, 1)[:, 0]
        errors = np.sort(abs(measure(forecasts) - measure(SEASONAL[60:])))
        found = future(mean, SEASONAL, 1, known_from=60)
        distance = measure(found.intervals[0.8][1]) - measure(found.forecast)
        assert distance[0] == pytest.approx(errors[48])  # of 60 the 49th: 61 times 0.8, rounded up
    assert Mixed([mean]).reach == max(part.fit(SEASONAL, 60, 6).reach for part in (logs[0], plain[1]))


def test_the_score_is_that_of_fits_by_hand() -> None:
    trials = choose(SEASONAL, 6, 6)
    for trial in trials:
        late = trial.candidate.fit(SEASONAL, 90, 6)
        origins = np.arange(90, 115)
        forecasts = late.forecast(SEASONAL, origins, 6)
        np.testing.assert_allclose(trial.fits.forecast(SEASONAL, origins, 6), forecasts)
    naive = [trial for trial in trials if trial.candidate.naive]
    assert min(trial.score for trial in naive) == pytest.approx(1)
    assert naive[0].candidate.name == "seasonal_naive"
    apart = [(SEASONAL[60 + k : 115 + k] - SEASONAL[54 + k : 109 + k]) ** 2 for k in range(6)]
    np.testing.assert_allclose(naive[0].mse, [each.mean() for each in apart])
    bars = np.array([[each[:30].mean(), each[30:].mean()] for each in apart])
    flat = [(SEASONAL[60 + k : 115 + k] - SEASONAL[59:114]) ** 2 for k in range(6)]
    shares = np.array([[each[:30].mean(), each[30:].mean()] for each in flat]) / bars
    [persistence] = [trial.score for trial in naive if trial.candidate.name == "persistence"]
    assert persistence == pytest.approx(np.exp(np.log(shares).mean()))


def test_the_end_of_a_series_changes_no_fit_before_it() -> None:
    changed = SEASONAL.copy()
    changed[90:] *= 2
    before, after = ({str(c): c.fit(values, 60, 6) for c in models(values, 60, 6, 6)} for values in (SEASONAL, changed))
    assert before.keys() == after.keys()
    for name, fits in before.items():
        origins = np.arange(60, 80)
        expected = fits.forecast(SEASONAL, origins, 6)
        np.testing.assert_array_equal(after[name].forecast(changed, origins, 6), expected)


def test_negative_values_are_tried_without_logarithms() -> None:
    assert not [trial for trial in choose(NOISE, 4, None) if "log" in str(trial.candidate)]


def test_more_steps_than_can_be_tried_are_refused() -> None:
    assert choose(NOISE, 30, None)
    with pytest.raises(StepaheadError, match=r"31 steps ahead cannot be tried on the last quarter of 120 values"):
        choose(NOISE, 31, None)
