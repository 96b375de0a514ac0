"""Fits on ever longer starts of a series, and which of them predicts what."""

import numpy as np
import pytest

from stepahead.series.data.dataset import sine
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.scale import Scale
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.mlp import MLP
from stepahead.series.scoring.baselines import Mean
from stepahead.series.scoring.kstep import squared_errors

SERIES = sine(120, 0.1, 0.2, 80, np.random.default_rng(0))


def test_without_refits_there_is_one_fit():
    assert sorted(fit_all(Mean(), SERIES, 0)) == [80]
    assert sorted(fit_all(Mean(), SERIES, 15)) == [80, 95, 110]


def test_each_origin_gets_the_latest_fit_that_had_ended_or_else_the_first():
    forecast = Fits(fit_all(Mean(), SERIES, 15), SERIES.scale).forecast(
        SERIES.values, np.array([110, 60, 94, 79, 95]), 2
    )
    expected = [SERIES.scaled[:end].mean() for end in (110, 80, 80, 80, 95)]
    np.testing.assert_allclose(forecast, np.repeat(np.array(expected)[:, None], 2, axis=1))


def test_deviations_are_those_of_the_fit_that_predicts():
    fits = fit_all(LatentAR(2, 3), SERIES, 15)
    found = Fits(fits, SERIES.scale).deviation(np.array([80, 100]), 3)
    np.testing.assert_array_equal(found, [fits[80].deviation(3), fits[95].deviation(3)])
    assert Fits(fit_all(Mean(), SERIES, 0), SERIES.scale).deviation(np.array([80]), 3) is None
    assert Fits(fits, Scale(std=2.0)).deviation(np.array([80]), 3) == pytest.approx(2 * found[:1])
    for other in (Scale(log=True), Scale(differences=(1,)), Scale(from_last=True)):
        assert Fits(fits, other).deviation(np.array([80]), 3) is None  # not of the values


def test_reach_is_the_longest_window():
    assert Fits(fit_all(Mean(), SERIES, 0), SERIES.scale).reach == 1
    assert Fits(fit_all(LinearAR(3, "ols", "drop"), SERIES, 0), SERIES.scale).reach == 3


def test_refitting_at_every_origin_is_fitting_by_hand():
    horizon, origins = 5, np.arange(80, 116)
    by_hand = []
    for origin in origins:
        model = LinearAR(3, "ols", "drop")
        model.fit(SERIES.values[:origin])
        by_hand.append(model.forecast(SERIES.values[:origin], np.array([origin]), horizon)[0])
    targets = np.lib.stride_tricks.sliding_window_view(SERIES.values, horizon)[80:]
    errors = squared_errors(
        Fits(fit_all(LinearAR(3, "ols", "drop"), SERIES, 1), SERIES.scale), SERIES, origins, horizon
    )
    np.testing.assert_allclose(errors[0], np.mean((np.array(by_hand) - targets) ** 2, axis=0))


def test_seeds_keep_their_place_when_fits_change_on_the_way():
    fits = fit_all(MLP(3, 4, 1, 16, 0.01, 2, 0, "zero"), SERIES, 10)
    together = Fits(fits, SERIES.scale).forecast(SERIES.values, np.array([95, 85, 105]), 4)
    assert together.shape == (2, 3, 4)
    np.testing.assert_allclose(together[:, 1], fits[80].forecast(SERIES.scaled, np.array([85]), 4)[:, 0], atol=1e-6)
