"""One series spread over the columns of a table, as archives of months and of hours are."""

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.sources.csv_column import Reading, read_column

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def read(first, names, days, **reading):
    n = len(names)
    rows = [f"{day}," + ",".join(str(n * i + k) for k in range(n)) for i, day in enumerate(days)]
    text = "\n".join([",".join([first, *names]), *rows])
    return read_column(text.encode(), "my.csv", Reading(**reading))


@pytest.mark.parametrize(
    ("first", "names", "days", "labels"),
    [
        ("Year", MONTHS, [2019, 2020], ["2019-01", "2019-02", "2020-12"]),
        ("year", [str(month) for month in range(1, 13)], [2019, 2020], ["2019-01", "2019-02", "2020-12"]),
        ("Year", ["Q1", "Q2", "Q3", "Q4"], [2019, 2020], ["2019-Q1", "2019-Q2", "2020-Q4"]),
        ("date", [f"{h:02}:00" for h in range(24)], ["2020-01-01"], ["2020-01-01 00:00", "2020-01-01 01:00"]),
        ("date", [f"HE{h:02}" for h in range(1, 25)], ["2020-01-01"], ["2020-01-01 01:00", "2020-01-01 02:00"]),
        ("date", [f"H{h}" for h in range(24)], ["2020-01-01"], ["2020-01-01 00:00", "2020-01-01 01:00"]),
    ],
)
def test_each_column_is_a_part_of_the_time(first, names, days, labels):
    found = read(first, names, days)
    assert found.values.tolist() == list(range(len(names) * len(days)))
    assert found.dates[:2] == labels[:2]
    assert found.dates[-1] == (labels[2] if len(labels) > 2 else found.dates[-1])


def test_a_named_column_is_taken_alone():
    found = read("date", [str(hour) for hour in range(24)], ["2020-01-01", "2020-01-02", "2020-01-03"], column="13")
    assert found.values.tolist() == [13, 37, 61]


def test_numbers_without_a_day_beside_them_are_columns():
    with pytest.raises(StepaheadError, match="has 24 columns of numbers"):
        read("", [str(hour) for hour in range(24)], range(3))
