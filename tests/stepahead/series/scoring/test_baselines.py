from dataclasses import replace

import numpy as np
import pytest

from stepahead.report import results
from stepahead.series.data.dataset import sine, standardised
from stepahead.series.data.scale import fit_scale
from stepahead.series.scoring.baselines import NAIVE, Drift, Mean, Oracle, Persistence, SeasonalNaive, baselines

X = np.array([1.0, 2, 3, 6, 7])


def test_persistence_repeats_the_last_value_before_the_origin():
    forecast = Persistence().forecast(X, np.array([1, 3]), 2)
    np.testing.assert_array_equal(forecast, [[1, 1], [3, 3]])


def test_mean_is_that_of_the_training_part():
    model = Mean()
    model.fit(X[:4])
    np.testing.assert_array_equal(model.forecast(X, np.array([4]), 1), [[3]])


def test_oracle_knows_the_signal():
    forecast = Oracle(X * 10).forecast(X, np.array([0, 3]), 2)
    np.testing.assert_array_equal(forecast, [[10, 20], [60, 70]])


def test_seasonal_naive_repeats_the_last_season():
    forecast = SeasonalNaive(2).forecast(X, np.array([2, 5]), 5)
    np.testing.assert_array_equal(forecast, [[1, 2, 1, 2, 1], [6, 7, 6, 7, 6]])


def test_drift_goes_on_from_the_first_value_through_the_last():
    forecast = Drift().forecast(X, np.array([1, 5]), 2)
    np.testing.assert_allclose(forecast, [[1, 1], [8.5, 10]])


@pytest.mark.parametrize(("season", "seasonal"), [(None, False), (1, True), (8, True), (9, False)])
def test_there_is_a_seasonal_row_where_a_season_can_be_repeated(season, seasonal):
    values = np.arange(12.0)
    series = replace(standardised("mine.csv", values, None, 8), season=season)
    rows = baselines(series, 0)
    assert ("seasonal_naive" in rows) == seasonal
    assert set(rows) - {"seasonal_naive"} == {"persistence", "mean", "drift"}


def test_the_rows_are_in_the_unit_whatever_the_models_see():
    series = sine(60, 0.5, 0.2, 40, np.random.default_rng(0))
    plain = replace(series, values=series.values + 3, signal=series.signal + 3)
    changed = replace(plain, scale=fit_scale("sine", plain.values, 40, ("log", "difference")))
    for name, row in baselines(changed, 5).items():
        expected = baselines(plain, 5)[name].forecast(plain.values, np.arange(40, 50), 4)
        np.testing.assert_array_equal(row.forecast(changed.values, np.arange(40, 50), 4), expected)


def test_the_report_knows_the_rows_that_learn_nothing():
    assert set(results.NAIVE) == set(NAIVE)
