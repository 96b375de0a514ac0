"""The season that a series shows, and that one without a season shows none."""

import numpy as np
import pytest
from statsmodels.datasets import sunspots

from stepahead.series.data.season import find_season


@pytest.mark.parametrize("season", [4, 7, 12, 24])
@pytest.mark.parametrize("seed", range(5))
def test_a_season_in_noise_and_trend_is_found(season: int, seed: int) -> None:
    rng, t = np.random.default_rng(seed), np.arange(15 * season)
    shape = rng.normal(size=season)
    values = 5 + 0.1 * t + 3 * shape[t % season] / shape.std() + rng.normal(0, 1, len(t))
    assert find_season(values) == season


def test_sunspots_come_back_after_eleven_years() -> None:
    assert find_season(sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()[:220]) == 11


@pytest.mark.parametrize("walk", [0, 1, 2], ids=["noise", "walk", "smooth walk"])
def test_what_has_no_season_seldom_seems_to_have_one(walk: int) -> None:
    found = 0
    for seed in range(200):
        values = np.random.default_rng(seed).normal(size=120)
        for _ in range(walk):
            values = values.cumsum()
        found += find_season(values) is not None
    assert found <= 6


@pytest.mark.parametrize("values", [np.arange(60.0), np.ones(60), np.sin(0.01 * np.arange(600)), np.ones(2)])
def test_a_line_and_a_wave_that_does_not_come_three_times_have_none(values: np.ndarray) -> None:
    assert find_season(values) is None
