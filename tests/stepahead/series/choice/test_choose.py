"""The model chosen for a series is the one that does best on what it has not seen; where none does, a naive row."""

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.choice.choose import choose, models

T = np.arange(120)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=120)
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
    assert "log" in best.candidate.transforms


def test_the_score_is_that_of_fits_by_hand() -> None:
    for trial in choose(SEASONAL, 6, 6):
        late = trial.candidate.fit(SEASONAL, 90, 6)
        origins = np.arange(90, 115)
        forecasts = late.forecast(SEASONAL, origins, 6)
        np.testing.assert_allclose(trial.fits.forecast(SEASONAL, origins, 6), forecasts)
    naive = [trial for trial in choose(SEASONAL, 6, 6) if trial.candidate.naive]
    assert min(trial.score for trial in naive) == pytest.approx(1)
    assert naive[0].candidate.name == "seasonal_naive"
    apart = [(SEASONAL[60 + k : 115 + k] - SEASONAL[54 + k : 109 + k]) ** 2 for k in range(6)]
    np.testing.assert_allclose(naive[0].mse, [each.mean() for each in apart])


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
    assert not [trial for trial in choose(NOISE, 4, None) if "log" in trial.candidate.transforms]


def test_more_steps_than_can_be_tried_are_refused() -> None:
    assert choose(NOISE, 30, None)
    with pytest.raises(StepaheadError, match=r"31 steps ahead cannot be tried on the last quarter of 120 values"):
        choose(NOISE, 31, None)
