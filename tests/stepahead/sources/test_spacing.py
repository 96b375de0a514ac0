"""How far apart rows are, what is missing between them, and what is put there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepahead.sources.spacing import fill_times, fill_values, spacing, without_summer_time

DAYS = np.arange("2020-01-01", "2020-06-01", dtype="M8[D]").astype("M8[us]")
WEEKDAYS = DAYS[np.is_busday(DAYS.astype("M8[D]"))]
MONTHS = np.arange("1949-01", "1961-01", dtype="M8[M]").astype("M8[us]")
MONTH_ENDS = (np.arange("1949-02", "1961-02", dtype="M8[M]").astype("M8[D]") - 1).astype("M8[us]")
HOURS = np.arange("2020-01-01", "2020-03-01", dtype="M8[h]").astype("M8[us]")
DAY = np.timedelta64(1, "D")
MARKET = HOURS[np.isin(HOURS.astype("M8[h]").astype(int) % 24, range(9, 17)) & np.is_busday(HOURS.astype("M8[D]"))]


@pytest.mark.parametrize(
    ("times", "unit", "season"),
    [
        (DAYS, "day", 7),
        (DAYS[::2], "2 days", None),
        (DAYS[::7], "week", 52),
        (WEEKDAYS, "weekday", 5),
        (WEEKDAYS[:9], "weekday", 5),
        (MONTHS, "month", 12),
        (MONTH_ENDS, "month", 12),
        (MONTHS[::3], "quarter", 4),
        (MONTHS[::12], "year", None),
        (HOURS, "hour", 24),
        (HOURS[::3], "3 hours", 8),
        (MARKET, "hour", None),
        (DAYS[0] + np.arange(100) * np.timedelta64(15, "m"), "15 minutes", 96),
    ],
)
def test_even_steps(times, unit, season):
    found = spacing(times)
    assert (found.unit, found.season, found.gaps.tolist(), found.late) == (unit, season, [], 0)


@pytest.mark.parametrize("times", [DAYS, WEEKDAYS, MONTHS, MONTH_ENDS, MONTHS[::3], HOURS, MARKET, DAYS[::7]])
@given(st.data())
def test_a_gap_is_what_was_taken_out_and_its_times_come_back(times, data):
    gone = sorted(data.draw(st.sets(st.integers(5, len(times) - 6), max_size=5)))
    left = np.delete(times, gone)
    found = spacing(left)
    assert found.gaps.sum() == len(gone)
    assert found.unit == spacing(times).unit
    filled = fill_times(left, found)
    # a month's end that follows a short month is filled in on the day that both have
    unit = "M8[M]" if times is MONTH_ENDS else "M8[us]"
    np.testing.assert_array_equal(filled.astype(unit), times.astype(unit))


def test_holidays_are_short_gaps_in_weekdays():
    assert spacing(np.delete(WEEKDAYS, [10, 11, 40])).holidays
    assert not spacing(np.delete(WEEKDAYS, range(20, 40))).holidays
    assert not spacing(np.delete(DAYS, [10])).holidays


def test_rows_that_come_late_are_counted():
    late = DAYS.copy()
    late[[5, 9]] += np.timedelta64(3, "h")
    found = spacing(late)
    assert (found.unit, found.late, found.gaps.tolist()) == ("day", 4, [])


def test_steps_that_differ_have_no_unit():
    found = spacing(DAYS[np.cumsum([0, 3, 4, 3, 4, 3, 9, 1])])
    assert (found.unit, found.season, found.gaps.tolist()) == ("", None, [])


@pytest.mark.parametrize("step", ["1h", "30m", "15m"])
def test_the_hour_that_comes_twice_is_the_end_of_summer_time(step):
    size = np.timedelta64(int(step[:-1]), step[-1])
    true = np.arange(np.datetime64("2020-03-28T00:00"), np.datetime64("2020-11-01T00:00"), size)  # in UTC
    summer = (true >= np.datetime64("2020-03-29T01:00")) & (true < np.datetime64("2020-10-25T01:00"))
    local = (true + np.timedelta64(1, "h") + summer * np.timedelta64(1, "h")).astype("M8[us]")
    even = without_summer_time(local)
    assert set(np.diff(even).astype(int)) == {size.astype("m8[us]").astype(int)}
    assert even[0] == local[0]


def test_any_other_time_that_comes_twice_stays():
    twice = np.sort(np.concatenate([HOURS, HOURS[50:51]]))
    np.testing.assert_array_equal(without_summer_time(twice), twice)
    np.testing.assert_array_equal(without_summer_time(DAYS), DAYS)


def test_filled_values():
    values = np.array([np.nan, 1, np.nan, np.nan, 4, np.nan])
    np.testing.assert_array_equal(fill_values(values, "previous", None), [np.nan, 1, 1, 1, 4, 4])
    np.testing.assert_array_equal(fill_values(values, "linear", None), [np.nan, 1, 2, 3, 4, np.nan])


def test_a_season_is_filled_in_from_the_seasons_beside_it():
    season = np.array([1.0, 10, 100])
    values = np.concatenate([season + year for year in range(4)])
    holes = values.copy()
    holes[[4, 6]] = np.nan
    np.testing.assert_allclose(fill_values(holes, "seasonal", 3), values)


@given(st.lists(st.sampled_from([1.0, 2.0, np.nan]), max_size=12), st.sampled_from(["previous", "linear", "seasonal"]))
def test_only_ends_can_stay_missing(values, how):
    values = np.array(values)
    filled = fill_values(values, how, 3)
    known = np.flatnonzero(np.isfinite(values))
    if len(known):
        assert np.isfinite(filled[known[0] : known[-1] + 1]).all()
    np.testing.assert_array_equal(filled[known], values[known])
