import numpy as np

from stepahead.series.scoring.baselines import Mean, Oracle, Persistence

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
