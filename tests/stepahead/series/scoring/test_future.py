"""What comes after a series, and how sure that is."""

import numpy as np
import pytest

from stepahead.series.data.refits import Fits
from stepahead.series.data.scale import Scale
from stepahead.series.scoring.baselines import Mean, Persistence
from stepahead.series.scoring.future import future, future_table

VALUES = np.random.default_rng(0).normal(size=60).cumsum()
LAST = Fits({1: Persistence()}, Scale())


def test_the_intervals_reach_as_far_as_the_errors_so_far() -> None:
    found = future(LAST, VALUES, 3, known_from=20)
    np.testing.assert_array_equal(found.forecast, np.repeat(VALUES[-1], 3))
    assert found.first == 20
    for k, rank in ((1, 33), (2, 32), (3, 32)):  # of 41, 40 and 39 times 0.8, rounded up
        errors = np.sort([abs(VALUES[o + k - 1] - VALUES[o - 1]) for o in range(20, 61 - k)])
        low, high = found.intervals[0.8]
        assert high[k - 1] - found.forecast[k - 1] == pytest.approx(errors[rank - 1])
        assert found.forecast[k - 1] - low[k - 1] == pytest.approx(errors[rank - 1])
    assert (found.intervals[0.95][1] >= found.intervals[0.8][1]).all()


def test_the_errors_are_those_of_the_fit_before() -> None:
    now, before = Mean(), Mean()
    now.fit(VALUES)
    before.fit(VALUES[:30])
    found = future(Fits({60: now}, Scale()), VALUES, 1, known_from=30, before=before)
    errors = np.sort(abs(VALUES[30:] - VALUES[:30].mean()))
    assert found.intervals[0.8][1][0] - VALUES.mean() == pytest.approx(errors[24])


@pytest.mark.parametrize(
    ("known_from", "reach"), [(40, {0.8: 2, 0.95: 2}), (41, {0.8: 2, 0.95: 1}), (60, {0.8: 0, 0.95: 0})]
)
def test_a_level_needs_enough_errors(known_from: int, reach: dict[float, int]) -> None:
    found = future(LAST, VALUES, 2, known_from=known_from)
    assert {level: found.reach(level) for level in found.intervals} == reach


def test_the_table_has_dates_and_digits_and_is_empty_beyond_the_reach() -> None:
    values, dates = VALUES.round(1), [f"{2000 + i}" for i in range(60)]
    table = future_table(future(LAST, values, 2, known_from=41), values, dates)
    assert [*table] == ["step", "date", "forecast", "low_80", "high_80", "low_95", "high_95"]
    assert table["date"] == ["2060", "2061"]
    assert table["forecast"] == [values[-1]] * 2
    assert table["low_95"][1] is None
    assert table["high_95"][0] == round(table["high_95"][0], 2)
    none = future_table(future(LAST, values, 2, known_from=60), values, None)
    assert [*none] == ["step", "forecast"]


def test_of_a_model_that_sees_logarithms_they_grow_with_the_level() -> None:
    values = np.exp(0.05 * np.arange(60) + VALUES / 10)
    found = future(Fits({1: Persistence()}, Scale(log=True)), values, 1, known_from=20)
    share = np.exp(np.sort(abs(np.diff(np.log(values))[19:]))[32])  # of 40 errors the 33rd, as a factor
    low, high = found.intervals[0.8]
    np.testing.assert_allclose([low[0], high[0]], [values[-1] / share, values[-1] * share])
