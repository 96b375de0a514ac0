"""Dates as they are written, and what cannot be told from the cells alone."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.sources.dates import are_times, is_named, look_like_dates, read_dates

GOOD = {
    "iso": (["2020-01-05", "2020-01-06"], ["2020-01-05", "2020-01-06"]),
    "slashes": (["2020/1/5", "2020/1/6"], ["2020-01-05", "2020-01-06"]),
    "german": (["31.12.2021", "1.1.2022"], ["2021-12-31", "2022-01-01"]),
    "american": (["12/31/2021", "1/1/2022"], ["2021-12-31", "2022-01-01"]),
    "american, two digits": (["12/31/98", "1/1/99"], ["1998-12-31", "1999-01-01"]),
    "short month": (["Jan 1990", "FEB 1990"], ["1990-01", "1990-02"]),
    "spreadsheet month": (["Jan-90", "Feb-90"], ["1990-01", "1990-02"]),
    "long month": (["January 5, 1990", "Feb 28, 1990"], ["1990-01-05", "1990-02-28"]),
    "day month year": (["5 Jan 1990", "06-Sept-1990", "7.May.1991"], ["1990-01-05", "1990-09-06", "1991-05-07"]),
    "sas": (["01JAN2020", "02JAN2020"], ["2020-01-01", "2020-01-02"]),
    "weekday": (["Mon, 06 Jan 2020", "Tuesday 07 Jan 2020"], ["2020-01-06", "2020-01-07"]),
    "quarters": (["1990-Q1", "1990Q2", "Q3 1990", "4Q1990"], ["1990-Q1", "1990-Q2", "1990-Q3", "1990-Q4"]),
    "month number": (["1990M01", "1990-M12"], ["1990-01", "1990-12"]),
    "month and year": (["2020-01", "2020/2"], ["2020-01", "2020-02"]),
    "year last": (["1/2020", "12/2020"], ["2020-01", "2020-12"]),
    "week": (["2020-W01", "2020W02"], ["2019-12-30", "2020-01-06"]),
    "chinese": (["2020年1月5日", "2020年12月6日"], ["2020-01-05", "2020-12-06"]),
    "minutes": (["2020-01-01 0:00", "2020-01-01 13:05"], ["2020-01-01 00:00", "2020-01-01 13:05"]),
    "midnight": (["2020-01-01 24:00", "2020-01-02"], ["2020-01-02 00:00", "2020-01-02 00:00"]),
    "am and pm": (["1/13/2020 12:05 AM", "1/13/2020 1:05 p.m."], ["2020-01-13 00:05", "2020-01-13 13:05"]),
    "zones": (["2020-03-01T01:00:00+01:00", "2020-03-29T03:00:00+0200"], ["2020-03-01 00:00Z", "2020-03-29 01:00Z"]),
    "utc": (["2020-01-01T00:00:00Z", "2020-01-01 00:00:01 UTC"], ["2020-01-01 00:00:00Z", "2020-01-01 00:00:01Z"]),
    "basic": (["20200105T120000Z", "20200105T130000Z"], ["2020-01-05 12:00Z", "2020-01-05 13:00Z"]),
}
DIGITS = {
    "day": (["20200105", "20200106"], ["2020-01-05", "2020-01-06"]),
    "month": (["202001", "202012"], ["2020-01", "2020-12"]),
    "year": (["1700", "1701.0"], ["1700", "1701"]),
    "hour": (["2020010100", "2020010123"], ["2020-01-01 00:00", "2020-01-01 23:00"]),
    "seconds": (["999999940", "1000000000"], ["2001-09-09 01:45:40Z", "2001-09-09 01:46:40Z"]),
    "milliseconds": (["1577836800000", "1577923200000"], ["2020-01-01 00:00Z", "2020-01-02 00:00Z"]),
    "months behind a point": (["2020.01", "2020.12"], ["2020-01", "2020-12"]),
    "day month year": (["31122021", "01012022"], ["2021-12-31", "2022-01-01"]),
}


def read(cells, digits=False, day_first=None):
    return read_dates(cells, digits, day_first, "my.csv: column date")


@pytest.mark.parametrize(("cells", "labels"), GOOD.values(), ids=GOOD)
def test_understood(cells, labels):
    found = read(cells)
    assert found.labels(found.times) == labels


@pytest.mark.parametrize(("cells", "labels"), DIGITS.values(), ids=DIGITS)
def test_digits_are_dates_only_where_the_name_says_so(cells, labels):
    found = read(cells, digits=True)
    assert found.labels(found.times) == labels
    assert read(cells) is None


@pytest.mark.parametrize(
    ("parts", "first", "label"),
    [(12, 1959, "1959-02"), (4, 1959, "1959-Q2"), (1, 1959.5, "1960"), (12, 1959.0411, "1959-02")],
)
def test_years_with_decimals_are_as_exact_as_their_steps(parts, first, label):
    found = read_dates([f"{first + i / parts:.3f}" for i in range(3 * parts)], True, None, "my.csv: column time")
    assert found.labels(found.times)[1] == label


def test_numbers_that_count_on_from_1_are_no_years():
    assert read_dates([str(i) for i in range(1, 3001)], True, None, "my.csv: column day") is None


def test_years_with_decimals_fall_into_their_month():
    cells = [f"{1958 + (month + 0.5) / 12:.4f}" for month in range(24)]
    months = read(cells, digits=True).times.astype("M8[M]")
    np.testing.assert_array_equal(months, np.arange("1958-01", "1960-01", dtype="M8[M]"))


@pytest.mark.parametrize(
    "cells", [["1.5", "2.5"], ["a", "b"], ["12.34", "45.67"], ["store 12", "store 13"], ["", "NA"], ["100", "101"]]
)
def test_no_dates(cells):
    assert read(cells, digits=True) is None
    assert not look_like_dates(cells, "value")


@pytest.mark.parametrize(
    "cells", [["Ene 1990", "Abr 1990"], ["2020-01-01 00:00 CET"] * 2, ["2020-21", "2021-22"], ["1990-H1", "1990-H2"]]
)
def test_dates_that_are_not_understood_are_seen_to_be_some(cells):
    assert read(cells) is None
    assert look_like_dates(cells, "date")


def test_a_cell_that_is_no_date_is_not_a_time():
    times = read(["2020-02-28", "2020-02-29", "2020-02-30", "", "soon"]).times
    np.testing.assert_array_equal(np.isnat(times), [False, False, True, True, True])
    zoned = read(["2020-01-01T00:00Z", "2020-01-01T01:00Z", "2020-01-01T02:00"]).times
    np.testing.assert_array_equal(np.isnat(zoned), [False, False, True])


def test_the_column_decides_which_number_is_the_day():
    assert read(["01/02/2020", "13/02/2020"]).times[0] == np.datetime64("2020-02-01")
    assert read(["01/02/2020", "02/13/2020"]).times[0] == np.datetime64("2020-01-02")
    months = [f"01/{month:02d}/{year}" for year in (2019, 2020) for month in range(1, 13)]
    assert read(months).times[1] == np.datetime64("2019-02-01")  # in even steps only one way


def test_where_it_does_not_the_param_is_named():
    cells = ["01/02/2020", "05/02/2020", "09/03/2020"]
    with pytest.raises(StepaheadError, match=r"^my\.csv: column date holds 01/02/2020, which can be day month year or"):
        read(cells)
    assert read(cells, day_first=True).times[0] == np.datetime64("2020-02-01")
    assert read(cells, day_first=False).times[0] == np.datetime64("2020-01-02")


def test_a_year_of_two_digits_in_two_centuries_is_refused():
    with pytest.raises(
        StepaheadError, match="holds Jan-49, and in years of two digits such as 49, which may be 1949 or 2049; write"
    ):
        read(["Jan-49", "Feb-49"])


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%d %b %Y", "%B %d, %Y", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M%S"]
)
@given(st.lists(st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(2999, 1, 1)), min_size=1, max_size=9))
def test_any_date_is_read_back(form, times):
    expected = [datetime.datetime.strptime(f"{time:{form}}", form) for time in times]
    cells = [f"{time:{form}}" for time in times]
    found = read(cells, day_first=True)
    np.testing.assert_array_equal(found.times, np.array(expected, "M8[us]"))


def test_names_of_dates():
    yes = ["date", "Date", "order_date", "utc_timestamp", "openTime", "日期", "YEAR", "TIME_PERIOD", "date_utc", "ds"]
    no = ["update", "value", "units", "day_ahead_price", "t", "datum_count"]
    assert [*filter(is_named, [*yes, *no])] == yes


def test_times_of_day():
    assert are_times(["00:00", "13:30:15", "1:05 PM", ""])
    assert not are_times(["2020-01-01", "5"])
