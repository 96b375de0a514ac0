"""A CSV file becomes a series, or one line says what is wrong with which line of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.sources.csv_column import read_column

GOOD = "date,flow,note\n2024-01-31,1.5,a\n2024-02-29,-2,\n2024-03-31,3e1,c\n"


def read(text, name=None, date_columns=()):
    return read_column(text if isinstance(text, bytes) else text.encode(), "my.csv", name, date_columns)


def test_the_only_numeric_column_and_its_dates():
    column = read(GOOD)
    np.testing.assert_array_equal(column.values, [1.5, -2, 30])
    assert column.dates == ["2024-01-31", "2024-02-29", "2024-03-31"]


@pytest.mark.parametrize(
    "text",
    [
        "x\n1\n2\n3",
        "x\r\n1\r\n2\r\n3\r\n\r\n",
        "\ufeffx\n1\n2\n3\n\n\n",
        '"x"\n"1"\n 2 \n3\n',
        "t,x\n1,1\n2,2\n3,3\n",
        "year,x\n2021,1\n2022,2\n2023,3\n",
        "x,name\n1,a\n2,b\n3,c\n",
    ],
)
def test_what_is_read_all_the_same(text):
    np.testing.assert_array_equal(read(text, "x").values, [1, 2, 3])


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("when", ["2024-01-31", "2024-02-29"]),
        ("when", ["2024-01", "2024-02"]),
        ("when", ["2024/01/31", "2024/02/01"]),
        ("when", ["2024-01-31 23:00", "2024-02-01T01:00:00"]),
        ("when", ["2024-01-31T23:00:00Z", "2024-01-31T23:00:00-01:00"]),
        ("Year", ["1999", "2000"]),
        ("Date", ["19991231", "20000101"]),
    ],
)
def test_dates_are_found_by_their_cells_or_name(name, cells):
    column = read(f"{name},x\n{cells[0]},1\n{cells[1]},2\n")
    assert column.dates == cells
    np.testing.assert_array_equal(column.values, [1, 2])


def test_digits_under_another_name_are_numbers():
    with pytest.raises(StepaheadError, match=r"2 columns for a column of numbers \(units, x\); name one with series"):
        read("units,x\n1999,1\n2000,2\n")


def test_a_named_column_may_be_the_one_that_looks_like_dates():
    np.testing.assert_array_equal(read("year,x\n1999,1\n2000,2\n", "year").values, [1999, 2000])


BAD = {
    "missing": ("x\n1\n2\n\n4\n", "line 4 is empty"),
    "missing cell": ("date,x\n2024-01-01,1\n2024-01-02,\n2024-01-03,3\n", "line 3: column x has no value (''); fill"),
    "FRED's mark": ("x,y\n1,a\n.,b\n3,c\n", "line 3: column x has no value ('.')"),
    "nan": ("x\n1\nNaN\n3\n", "line 3: column x has no value ('NaN')"),
    "NA": ("x\n1\n2\nNA\n", "line 4: column x has no value ('NA')"),
    "text": ("x\n1\n2\nthree\n", "line 4: column x holds 'three', which is not a number"),
    "comma": ('x\n1\n2\n"3,5"\n', "line 4: column x holds '3,5', which is not a number"),
    "underscore": ("x\n1\n2\n3_0\n", "line 4: column x holds '3_0', which is not a number"),
    "infinity": ("x\n1\n-inf\n3\n", "line 3: column x holds '-inf', which must be finite"),
    "overflow": ("x\n1\n1e999\n3\n", "line 3: column x holds '1e999', which must be finite"),
    "too large": ("x\n1\n1e200\n3\n", "line 3: column x holds '1e200', which must be finite and below 1e50"),
    "twice": ("date,x\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n", "line 4: column date has 2024-01-02 a second time"),
    "twice apart": ("date,x\n2024-01-01,1\n2024-01-02,2\n2024-01-01,3\n", "a second time (first in line 2)"),
    "unordered": (
        "date,x\n2024-01-03,1\n2024-01-05,2\n2024-01-04,3\n",
        "line 4: column date has 2024-01-04, which is",
    ),
    "newest first": ("date,x\n2024-01-03,1\n2024-01-02,2\n2024-01-01,3\n", "line 3: column date has 2024-01-02, which"),
    "no date": (
        "date,x\n2024-01-01,1\n2024-01-02,2\nlater,3\n",
        "line 4: column date holds 'later', which is not a",
    ),
    "no such day": ("date,x\n2024-02-28,1\n2024-02-29,2\n2024-02-30,3\n", "line 4: column date holds '2024-02-30'"),
    "constant": ("x\n2.5\n2.5\n2.50\n", "column x is 2.5 in every row (lines 2 to 4)"),
    "no numbers": ("x\na\nb\n", "line 1: no column is a column of numbers; the file has x"),
    "ambiguous": ("x,y\n1,2\n3,4\n", "has 2 columns for a column of numbers (x, y); name one with series.column"),
    "no header": ("1.5\n2.5\n", "line 1: '1.5' stands where the name of a column must; put a header line first"),
    "header only": ("x\n", "has a header and no rows"),
    "empty": ("", "is empty"),
    "blank": ("\n\n", "is empty"),
    "semicolons": ("date;x\n2024-01-01;1\n", "line 1: the columns are not separated by commas"),
    "tabs": ("date\tx\n2024-01-01\t1\n", "line 1: the columns are not separated by commas"),
    "too few cells": ("x,y\n1,a\n2\n", "line 3 has 1 cells where the header has 2"),
    "too many cells": ("x,y\n1,a\n2,b,c\n", "line 3 has 3 cells where the header has 2"),
    "open quote": ('x\n1\n"2\n3\n', "is not valid CSV"),
    "latin 1": ("x\n1\nt\xfcr\n".encode("latin-1"), "line 3 is not UTF-8 (byte 0xfc)"),
    "utf 16": ("x\n1\n2\n".encode("utf-16"), "line 1 is not UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_mistake_is_one_line_that_names_the_row(text, message):
    with pytest.raises(StepaheadError) as caught:
        read(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("my.csv")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [("depth", "no column is series.column = 'depth'; the file has x, y, y"), ("y", "has 2 columns for series.column")],
)
def test_a_column_that_is_unknown_or_there_twice(name, message):
    with pytest.raises(StepaheadError, match=message):
        read("x,y,y\n1,2,3\n4,5,6\n", name)


def test_dates_of_the_catalogue_must_be_dates():
    with pytest.raises(StepaheadError, match="line 2: column DATE holds 'soon'"):
        read("DATE,x\nsoon,1\n2024-01-02,2\n", date_columns=("observation_date", "DATE"))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text('0123456789.,-\n\r"e x', max_size=60).map(lambda s: s.encode())))
def test_any_bytes_are_a_series_or_one_clear_line(content):
    try:
        column = read(b"x,y\n" + content)
    except StepaheadError as error:
        assert str(error).startswith("my.csv")  # noqa: PT017
    else:
        assert np.isfinite(column.values).all()
        assert len(column.values) > 1
