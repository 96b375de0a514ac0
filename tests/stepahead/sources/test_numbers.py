"""Numbers as they are written, and what cannot be told from the cells alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepahead.sources.numbers import marks, outliers, read_numbers

GOOD = {
    "plain": (["1.5", "-2", "+3e1", ".5", "1."], [1.5, -2, 30, 0.5, 1]),
    "decimal comma": (["1,5", "2", "-,5"], [1.5, 2, -0.5]),
    "german": (["1.234,5", "1.234", "12"], [1234.5, 1234, 12]),
    "english": (["1,234.5", "1,234", "12"], [1234.5, 1234, 12]),
    "millions": (["1,234,567", "5"], [1234567, 5]),
    "indian": (["12,34,567", "5"], [1234567, 5]),
    "swiss": (["1'234.5", "1’234"], [1234.5, 1234]),
    "french": (["1 234,5", "1\u202f234", "1\xa0234"], [1234.5, 1234, 1234]),
    "leading zero": (["0,123", "1,234"], [0.123, 1.234]),
    "minus sign": (["−3", "–2", "(1.5)", "1"], [-3, -2, -1.5, 1]),
    "dollars": (["$1,234.50", "-$5", "$-6", "7"], [1234.5, -5, -6, 7]),
    "euros": (["1.234,50 €", "€ 5", "6"], [1234.5, 5, 6]),
    "percent": (["5.02%", "-1 %"], [5.02, -1]),
    "sizes": (["10.03M", "950K", "1.2B", "7k", "0"], [10.03e6, 950e3, 1.2e9, 7e3, 0]),
    "exponent": (["1,5E+03", "1e-5"], [1500, 1e-5]),
    "missing": (["", "1", "NA", "n/a", ".", "?", "-", "null", "#N/A", "None"], [np.nan, 1, *[np.nan] * 8]),
}


@pytest.mark.parametrize(("cells", "values"), GOOD.values(), ids=GOOD)
def test_understood(cells, values):
    found = read_numbers(cells, None)
    np.testing.assert_array_equal(found.values, values)
    assert not found.bad.any()
    assert found.unsure is None


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        (["1_000", "1"], [0]),
        (["0x10", "1"], [0]),
        (["1.2.3", "1.5"], [0]),
        (["1,23,4", "1.5"], [0]),
        (["100,35", "1.5", "2.5"], [0]),
        (["5%", "5", "6%"], [1]),
        (["$5", "€5", "$6"], [1]),
        (["5 kg", "5"], [0]),
        (["5-", "5"], [0]),
        (["(5", "5"], [0]),
        (["３", "5"], [0]),
        (["2020-01-01", "5"], [0]),
    ],
)
def test_not_understood(cells, bad):
    np.testing.assert_array_equal(np.flatnonzero(read_numbers(cells, None).bad), bad)


def test_a_lone_separator_before_three_digits_is_two_numbers():
    assert read_numbers(["1,234", "2,345"], None).unsure == 0
    assert read_numbers(["1.5", "1,234"], None).unsure is None
    for mark, values in (("point", [1234, 2345]), ("comma", [1.234, 2.345])):
        np.testing.assert_array_equal(read_numbers(["1,234", "2,345"], mark).values, values)


def test_a_point_is_unsure_only_beside_semicolons():
    assert read_numbers(["1.234", "2.345"], None).unsure is None
    assert read_numbers(["5", "1.234"], None, ";").unsure == 1
    assert read_numbers(["1.5", "1.234"], None, ";").unsure is None
    np.testing.assert_array_equal(read_numbers(["1.234"], "comma").values, [1234])


def test_the_unit_and_the_decimal_mark_are_told():
    assert (read_numbers(["5%"], None).unit, read_numbers(["€ 5"], None).unit, read_numbers(["5"], None).unit) == (
        "%",
        "€",
        "",
    )
    assert [read_numbers([cell], None).decimal for cell in ("1.5", "1,5", "15")] == ["point", "comma", None]


def test_what_is_too_large_is_infinite():
    np.testing.assert_array_equal(read_numbers(["1e999", "-1e50", "1e49"], None).values, [np.inf, -np.inf, 1e49])
    np.testing.assert_array_equal(read_numbers(["1e99M", "1,5M"], None).values, [np.inf, 1.5e6])


@given(st.lists(st.floats(allow_nan=False, min_value=-1e40, max_value=1e40), min_size=1, max_size=5))
def test_any_number_that_python_writes_is_read_to_the_bit(numbers):
    np.testing.assert_array_equal(read_numbers([repr(number) for number in numbers], None).values, numbers)


@given(
    st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=1, max_size=5),
    st.sampled_from([",.", ".,", " ,", "'."]),
)
def test_any_sum_of_money_is_read_however_its_digits_are_grouped(sums, separators):
    cells = [f"{each:,.2f}".translate(str.maketrans(",.", separators)) for each in sums]
    np.testing.assert_array_equal(read_numbers(cells, None).values, [float(each) for each in sums])


@pytest.mark.parametrize("cell", ["-99.99", "−999", "-9999.0", "9999", "1e20"])
def test_a_number_that_stands_for_no_value(cell):
    values = np.array([*np.sin(np.arange(50.0)), float(cell.replace("−", "-")), 0.5])
    cells = [*map(str, values[:50]), cell, "0.5"]
    np.testing.assert_array_equal(np.flatnonzero(marks(cells, values)), [50])


def test_a_mark_is_found_beside_a_trend_too():
    values = np.array([*np.arange(600.0), -99.99, 600.0])
    assert marks([*map(str, values)], values)[600]


def test_a_number_among_others_is_no_mark():
    values = 60 * np.sin(np.arange(50.0)) - 50
    values[7] = -99
    assert not marks(["-99" if i == 7 else str(value) for i, value in enumerate(values)], values).any()


def test_other_values_far_away_are_told_of():
    values = 100 + np.sin(np.arange(50.0))
    assert outliers(values) == []
    values[[3, 9, 20]] = 0
    assert outliers(values) == ["0 comes 3 times, far from all other values: does it stand for no value?"]
    assert outliers(np.array([0.0, 1, 0, 0, 1, 0, 0, 1])) == []
