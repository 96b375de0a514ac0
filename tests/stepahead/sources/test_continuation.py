"""The dates after the last one, and the digits of a forecast."""

import numpy as np
import pytest

from stepahead.sources.continuation import dates_after, decimals

DAYS = [f"2021-03-{day:02}" for day in range(1, 32)]


@pytest.mark.parametrize(
    ("dates", "after"),
    [
        (["1990-10", "1990-11", "1990-12"], ["1991-01", "1991-02", "1991-03"]),
        (["1990-Q2", "1990-Q3", "1990-Q4"], ["1991-Q1", "1991-Q2", "1991-Q3"]),
        (["1998", "1999", "2000", "2001"], ["2002", "2003", "2004"]),
        (["2021-10-31", "2021-11-30", "2021-12-31"], ["2022-01-31", "2022-02-28", "2022-03-31"]),
        (["2021-01-15", "2021-02-15", "2021-03-15"], ["2021-04-15", "2021-05-15", "2021-06-15"]),
        (DAYS[:28], ["2021-03-29", "2021-03-30", "2021-03-31"]),
        ([day for i, day in enumerate(DAYS[:26]) if i % 7 < 5], ["2021-03-29", "2021-03-30", "2021-03-31"]),
        (["2021-01-04", "2021-01-11", "2021-01-18"], ["2021-01-25", "2021-02-01", "2021-02-08"]),
        ([f"2021-03-01 {h:02}:00Z" for h in range(21, 24)], [f"2021-03-02 {h:02}:00Z" for h in range(3)]),
        ([f"2021-03-01 12:{m:02}" for m in (0, 15, 30)], ["2021-03-01 12:45", "2021-03-01 13:00", "2021-03-01 13:15"]),
        (["2021-01-01", "2021-01-02", "2021-01-09", "2021-03-01"], None),
        (["2021-01-01", "2021-01-02"], None),
        (DAYS[::-1], None),
        (["1992", "1991", "1990"], None),
        (None, None),
    ],
)
def test_dates_go_on_as_they_went(dates: list[str] | None, after: list[str] | None) -> None:
    assert dates_after(dates, 3) == after


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        ([112, 118, 132], 1),
        ([1.5, 2.25, 3], 3),
        ([1e6, 2e6, 5e6], 0),
        ([0.0001, 0.0002, 0.0004], 5),
        ([1 / 3, 2 / 3, 1], 4),
        ([2, 2, 2], 1),
    ],
)
def test_a_forecast_has_a_digit_more_than_the_data_unless_that_tells_nothing(values: list[float], digits: int) -> None:
    assert decimals(np.array(values)) == digits
