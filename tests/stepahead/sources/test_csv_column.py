"""A CSV file becomes a series, or one line says what is wrong with it, where, and what to do."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.sources.csv_column import DECIMALS, DELIMITERS, FILLS, ORDERS, Reading, read_column

DAYS = [datetime.date(2020, 1, 1) + datetime.timedelta(day) for day in range(40)]
VALUES = [round(100 + 1.7 * day % 13, 2) for day in range(40)]


def read(text, column=None, date_columns=(), **reading):
    content = text if isinstance(text, bytes) else text.encode()
    return read_column(content, "my.csv", Reading(column, **reading), date_columns)


def complaint(text, *arguments, **reading):
    with pytest.raises(StepaheadError) as caught:
        read(text, *arguments, **reading)
    assert str(caught.value).startswith("my.csv")
    assert str(caught.value).isprintable()
    return str(caught.value)


def table(day=str, value=str, head="date,value", sep=",", rows=None, end=""):
    rows = zip(DAYS, VALUES, strict=True) if rows is None else rows
    return head + "\n" + "".join(f"{day(d)}{sep}{value(v)}\n" for d, v in rows) + end


def upside_down(text):
    head, *rows = text.splitlines()
    return "\n".join([head, *rows[::-1]]) + "\n"


PLAIN = table()


def test_values_and_dates():
    found = read(PLAIN)
    np.testing.assert_array_equal(found.values, VALUES)
    assert found.dates == [str(day) for day in DAYS]
    assert (found.name, found.spacing, found.season, found.filled, found.notes) == ("value", "day", 7, 0, [])


@pytest.mark.parametrize(
    "text",
    [
        "x\n1\n2\n3",
        "x\r\n1\r\n2\r\n3\r\n\r\n",
        "\ufeffx\n1\n2\n3\n\n\n",
        '"x"\n"1"\n 2 \n3\n',
        "t,x\n1,1\n2,2\n3,3\n",
        ",x\n0,1\n1,2\n2,3\n",
        "year,x\n2021,1\n2022,2\n2023,3\n",
        "x,name\n1,a\n2,b\n3,c\n",
        "date,time,x\n2020-01-01,22:00,1\n2020-01-01,23:00,2\n2020-01-02,00:00,3\n",
        "date,hour,x\n2020-01-01,23,1\n2020-01-01,24,2\n2020-01-02,1,3\n",
        "<DATE>,<TIME>,x\n20200101,093000,1\n20200101,094000,2\n20200101,095000,3\n",
        "year,month,x\n2020,11,1\n2020,12,2\n2021,1,3\n",
        "Year,Month,Day,x\n2020,Feb,28,1\n2020,Feb,29,2\n2020,Mar,1,3\n",
        "year,quarter,x\n2020,Q3,1\n2020,Q4,2\n2021,Q1,3\n",
        "year,doy,x\n2020,365,1\n2020,366,2\n2021,1,3\n",
        "order date,ship date,x\n2020-01-01,2020-01-03,1\n2020-01-02,2020-01-03,2\n2020-01-03,2020-01-05,3\n",
        "country,2020,2021,2022\nA,1,2,3\n",
        "# t x\n# one\n#x\n1\n2\n3\n",
        "x;y\n1;0,5\n2;0,5\n3;0,5\n",
    ],
)
def test_what_is_read_all_the_same(text):
    column = "x" if "x" in text else None
    assert read(text, column).values.tolist() == [1, 2, 3]
    if text.count(",x\n"):
        assert read(text).values.tolist() == [1, 2, 3]  # the only column of numbers that is none of dates


def test_months_beside_each_other():
    found = read(
        "YEAR,JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC\n1950" + ",1" * 11 + ",2\n1951" + ",3" * 12 + "\n"
    )
    assert found.values.tolist() == [1] * 11 + [2] + [3] * 12
    assert (found.dates[0], found.dates[-1], found.spacing) == ("1950-01", "1951-12", "month")


def test_digits_under_another_name_are_numbers():
    assert "has 2 columns of numbers (units, x); name one with series.column" in complaint("units,x\n1999,1\n2000,2\n")


def test_a_named_column_may_be_the_one_that_looks_like_dates():
    np.testing.assert_array_equal(read("year,x\n1999,1\n2000,2\n", "year").values, [1999, 2000])


def test_a_name_of_several_lines_is_found_by_any_of_them():
    text = "Price,Close,Open\nTicker,A,A\nDate,,\n2020-01-01,1,5\n2020-01-02,2,5\n"
    assert read(text, "Close").values.tolist() == [1, 2]
    assert "2 columns for series.column = 'A' (Close A, Open A)" in complaint(text, "A")


def test_a_name_over_several_columns_belongs_to_each():
    text = "Date,Price,,Volume,\n,open,close,shares,open\n2020-01-01,1,2,3,4\n2020-01-02,2,3,4,5\n"
    assert read(text, "Price open").values.tolist() == [1, 2]
    assert "has 2 columns for series.column = 'open' (Price open, Volume open)" in complaint(text, "open")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("year,mo,dy,hour,minute,x\n2020,1,1,0,0,1\n2020,1,1,0,30,2\n2020,1,1,1,0,4\n", "30 minutes"),
        ("Year,Period,x\n2020,M01,1\n2020,M02,2\n2020,M03,4\n", "month"),
        ("t,x\n1577836800,1\n1577923200,2\n1578009600,4\n", "day"),
    ],
)
def test_dates_in_parts(text, step):
    found = read(text)
    assert (found.values.tolist(), found.spacing) == ([1, 2, 4], step)


def test_the_only_column_that_changes_is_the_series():
    assert read("date,per,x\n2020-01-01,60,1\n2020-01-02,60,2\n").name == "x"


def test_a_row_without_date_and_value_at_the_end_is_a_remark():
    assert read(PLAIN + '"Source: ACME, 2020",\n').notes == ["line 42 (Source: ACME, 2020), a remark, left out"]


def test_two_columns_of_one_name():
    text = "date,p,p\n2020-01-01,1,3\n2020-01-02,2,4\n"
    assert "2 columns for series.column = 'p' (p.1, p.2); name one of these" in complaint(text, "p")
    assert read(text, "p.2").values.tolist() == [3, 4]


def test_the_unit_of_the_cells():
    assert read(table(value=lambda v: f"{v}%")).unit == "%"
    assert read(table(value=lambda v: f'"${v:,.2f}"')).unit == "$"


def test_a_column_without_a_decimal_mark_of_its_own_takes_the_others():
    text = 'date,volume,price\n2020-01-01,"1,234",1.5\n2020-01-02,"2,345",1.7\n'
    assert read(text, "volume").values.tolist() == [1234, 2345]
    alone = text.replace(".", "")
    assert "line 2: column volume holds '1,234', which is 1234 or 1.234; say what the decimals" in complaint(
        alone, "volume"
    )
    assert read(alone, "volume", decimal="comma").values.tolist() == [1.234, 2.345]


# ── order ──


def test_newest_first_is_refused_or_turned_round():
    text = upside_down(PLAIN)
    assert "has its newest row first (2020-02-09 in line 2, 2020-01-01 in line 41); use series.order=newest_first" in (
        complaint(text)
    )
    for order in ("newest_first", "by_date"):
        np.testing.assert_array_equal(read(text, order=order).values, VALUES)
    assert "has its oldest row first" in complaint(PLAIN, order="newest_first")


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%y", "%d %b %Y", "%Y%m%d", "%Y年%m月%d日"])
def test_newest_first_is_seen_in_any_form_of_date(form):
    text = upside_down(table(lambda d: d.strftime(form)))
    assert "series.order=newest_first" in complaint(text)
    np.testing.assert_array_equal(read(text, order="newest_first").values, VALUES)


def test_unix_time_newest_first():
    text = upside_down("timestamp,x\n" + "".join(f"{1577836800000 + 86400000 * i},{v}\n" for i, v in enumerate(VALUES)))
    assert "series.order=newest_first" in complaint(text)
    assert read(text, order="newest_first").dates[0] == "2020-01-01 00:00Z"


def test_a_counter_that_runs_down_tells_the_order_too():
    text = "n,x\n3,1\n2,2\n1,5\n"
    assert "column n counts down from 3 to 1" in complaint(text)
    assert read(text, order="newest_first").values.tolist() == [5, 2, 1]


def test_rows_in_no_order_are_refused_or_sorted():
    rows = sorted(zip(DAYS, VALUES, strict=True), key=lambda row: f"{row[0]:%d.%m.%Y}")
    text = table(lambda d: f"{d:%d.%m.%Y}", rows=rows)
    assert "is not in order of time by column date (line 4: 02.01.2020 after 01.02.2020, line" in complaint(text)
    np.testing.assert_array_equal(read(text, order="by_date").values, VALUES)


def test_dates_that_are_not_understood_are_refused():
    months = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
    text = "mes,x\n" + "".join(f"{month} 1990,{i * i % 7}\n" for i, month in enumerate(months))
    assert "has 4 problems (line 2: column mes holds 'ene 1990', which is not a date like the others" in complaint(text)
    assert "line 2: column Date holds '43831', which seems to be a date" in complaint("Date,x\n43831,1\n43832,2\n")


def test_two_columns_of_dates_that_run_against_each_other():
    text = "a_date,b_date,x\n2020-01-01,2021-01-03,1\n2020-01-02,2021-01-02,2\n2020-01-03,2021-01-01,4\n"
    assert "column a_date goes on in time and column b_date goes back; name the one that dates the rows" in complaint(
        text
    )
    assert read(text, date="a_date").dates[0] == "2020-01-01"
    assert "series.order=newest_first" in complaint(text, date="b_date")


def test_an_hour_that_comes_twice_in_local_time():
    hours = ["2020-10-25 01:00", "2020-10-25 02:00", "2020-10-25 02:00", "2020-10-25 03:00"]
    text = "time,x\n" + "".join(f"{hour},{i * i % 5}\n" for i, hour in enumerate(hours))
    found = read(text)
    assert (found.dates, found.spacing) == (hours, "hour")
    assert "the end of summer time (1 such)" in found.notes[0]
    assert "has 2020-05-25 02:00 a second time (first in line 3)" in complaint(text.replace("-10-", "-05-"))


# ── spacing ──

GAPPY = table(rows=[row for i, row in enumerate(zip(DAYS, VALUES, strict=True)) if i not in (5, 6, 20)])


def test_gaps_are_refused_with_number_and_size():
    assert complaint(GAPPY) == (
        "my.csv: 2 gaps: 3 days without a row, the longest of 2 after 2020-01-05 (line 6); "
        "use series.fill=skip, previous, linear or seasonal"
    )


def test_gaps_are_filled_in_or_skipped_as_asked():
    skipped, previous, linear = (read(GAPPY, fill=fill) for fill in ("skip", "previous", "linear"))
    assert (len(skipped.values), skipped.filled) == (37, 0)
    assert "2 gaps: 3 days" in skipped.notes[0]
    for found in (previous, linear):
        assert (found.dates, found.filled) == ([str(day) for day in DAYS], 3)
        assert found.notes[1].startswith("3 values filled in")
    assert previous.values[5] == VALUES[4]
    np.testing.assert_allclose(linear.values[4:8], np.linspace(VALUES[4], VALUES[7], 4))


def test_weekends_and_holidays_are_no_gaps():
    weekdays = [(d, v) for d, v in zip(DAYS, VALUES, strict=True) if d.weekday() < 5]
    assert (read(table(rows=weekdays)).spacing, read(table(rows=weekdays)).notes) == ("weekday", [])
    found = read(table(rows=weekdays[:9] + weekdays[10:]))
    assert found.notes == [
        "1 gap, taken as holidays: 1 weekday without a row, the longest of 1 after 2020-01-13 (line 10)"
    ]


def test_a_wrong_date_far_away_is_not_filled_up_to():
    text = PLAIN.replace("2020-02-09", "2091-02-09")
    assert "25,933 days without a row" in complaint(text)
    assert "too much to fill in; look for a wrong date" in complaint(text, fill="previous")


def test_missing_values_are_refused_or_filled_in():
    text = "month,x\n" + "".join(f"1990-{m:02d},{'' if m in (3, 7) else m}\n" for m in range(1, 13))
    assert complaint(text) == (
        "my.csv has 2 problems (line 4: column x has no value (''), line 8: column x has no value ('')); fill it in or "
        "delete the line, or use series.fill=skip, previous, linear or seasonal"
    )
    assert read(text, fill="linear").values.tolist() == list(range(1, 13))
    assert read(text, fill="previous").values[[2, 6]].tolist() == [2, 6]
    found = read(text, fill="skip")
    assert (found.values.tolist(), found.dates[2]) == ([1, 2, 4, 5, 6, 8, 9, 10, 11, 12], "1990-04")
    assert "has no even steps with a season" in complaint("x\n1\n\n2\n", fill="seasonal")


def test_ends_without_a_value_are_left_out_and_told_of():
    text = table(rows=[*zip(DAYS[:3], ["", 5, 6], strict=True), *zip(DAYS[3:], VALUES, strict=False)])
    found = read(text, fill="linear")
    assert (found.dates[0], found.values[0], found.filled) == ("2020-01-02", 5, 0)
    assert found.notes == ["1 row without a value left out"]


def test_a_number_that_stands_for_no_value_is_one():
    text = table(rows=zip(DAYS, [-99.99 if i in (4, 9) else v for i, v in enumerate(VALUES)], strict=True))
    assert "line 6: column value holds -99.99, which seems to stand for no value" in complaint(text)
    assert read(text, fill="linear").filled == 2


def test_what_came_of_reading_without_dates_is_told():
    assert read("x\n1\n2\n4\n").notes == []
    assert read(",x\n0,1\n1,2\n2,4\n6,5\n").notes == ["column unnamed 1 counts the rows and leaves 3 out"]
    assert "holds times without a day" in read("time,x\n09:00,1\n09:30,2\n10:00,4\n").notes[0]


# ── rows that are no steps ──


@pytest.mark.parametrize(
    "end", ["Total,4000\n", f",{sum(VALUES):.2f}\n", "Mittelwert,106\n", "\nSource: FRED\n", ",\n,\n"]
)
def test_totals_and_remarks_below_are_left_out_and_told_of(end):
    found = read(table(end=end))
    assert found.dates[-1] == "2020-02-09"
    assert len(found.notes) == (end != ",\n,\n")


def test_a_total_that_cannot_be_told_from_a_value_is_refused():
    assert "line 42: 4247.00 is the sum of all values above it" in complaint(
        "x\n" + "".join(f"{v}\n" for v in VALUES) + f"{sum(VALUES):.2f}\n"
    )
    assert "line 42: column date holds 'other', which is not a date" in complaint(table(end="other,12\n"))


STACKS = {
    "names": "unique_id,ds,y\n"
    + "".join(f"{name},{d},{v}\n" for name in "AB" for d, v in zip(DAYS, VALUES, strict=True)),
    "interleaved": "date,ticker,y\n"
    + "".join(f"{d},{name},{v}\n" for d, v in zip(DAYS, VALUES, strict=True) for name in "AB"),
    "numbers": "store,date,y\n" + "".join(f"{s},{d},{v}\n" for s in (1, 2) for d, v in zip(DAYS, VALUES, strict=True)),
    "without dates": "id,t,y\n" + "".join(f"{name},{i},{v}\n" for name in "AB" for i, v in enumerate(VALUES)),
    "blocks": "city,y\n" + "".join(f"{name},{v}\n" for name in "AB" for v in VALUES),
    "wide": "\n".join(["id," + ",".join(map(str, DAYS)), *(f"{name}," + ",".join(map(str, VALUES)) for name in "AB")]),
}


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_several_series_in_one_file(text):
    names = "12" if "store" in text else "AB"
    assert f"{names[0]}, {names[1]}); choose one with series.id={names[0]}" in complaint(text)
    for name in names:
        np.testing.assert_array_equal(read(text, id=name).values, VALUES)
    assert "no row has series.id = 'C'" in complaint(text, id="C")


def test_series_that_no_single_column_tells_apart():
    text = "date,a,b,y\n" + "".join(
        f"{d},{a},{b},{v}\n" for a in "AB" for b in "XY" for d, v in zip(DAYS, VALUES, strict=True)
    )
    assert "has several rows of one time (column date: 2020-01-01 in 4 rows, lines 2, 42, 82 …)" in complaint(text)
    months = "year,month,y\n" + "".join(f"{d.year},{d.month},{v}\n" for d, v in zip(DAYS, VALUES, strict=True))
    assert "has several rows of one time (columns year, month: 2020 1 in 31 rows" in complaint(months)


# ── mistakes ──

BAD = {
    "missing": ("x\n1\n2\n\n4\n", "line 4: column x has no value (''); fill it in or delete the line, or use series"),
    "missing cell": ("date,x\n2024-01-01,1\n2024-01-02,\n2024-01-03,3\n", "line 3: column x has no value ('')"),
    "FRED's mark": ("x,y\n1,a\n.,b\n3,c\n", "line 3: column x has no value ('.')"),
    "text": ("x\n1\n2\nthree\n", "line 4: column x holds 'three', which is not a number; mend it or delete the line"),
    "percent": ("x\n1%\n2%\n3\n", "line 4: column x holds '3', which is not a number like the others, in %"),
    "infinity": ("x\n1\n-inf\n3\n", "line 3: column x holds '-inf', which must be finite"),
    "too large": ("x\n1\n1e200\n3\n", "line 3: column x holds '1e200', which must be finite and below 1e50"),
    "twice": ("date,x\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n2024-01-03,3\n2024-01-04,3\n2024-01-05,3\n",
              "line 4: column date has 2024-01-02 a second time (first in line 3); delete one of them"),
    "no date": ("date,x\n2024-01-01,1\n2024-01-02,2\nlater,3\n", "line 4: column date holds 'later', which is not"),
    "empty date": ("date,x\n2024-01-01,1\n,2\n2024-01-03,3\n", "line 3: column date holds '', which is not a date"),
    "no such day": ("date,x\n2024-02-28,1\n2024-02-29,2\n2024-02-30,3\n", "line 4: column date holds '2024-02-30'"),
    "constant": ("x\n2.5\n2.5\n2.50\n", "column x is 2.5 in every row (lines 2 to 4)"),
    "no numbers": ("x\ty\na\tb\nb\tc\n", "has no column of numbers (it has x, y); use a file with one"),
    "words for numbers": ("d\tx\na\t5 kg\nb\t6 kg\n", "line 2: column x holds '5 kg', which is no number, like"),
    "excel's days": ("day,x\n43831,1\n43832,2\n", "line 2: column day holds '43831', which seems to be a date and is"),
    "quarters as decimals": ("quarter,x\n2000.1,1\n2000.2,2\n2000.3,3\n", "holds '2000.1', which seems to be a date"),
    "French months": ("mois,x\njanv.-90,1\nfévr.-90,2\n", "column mois holds 'janv.-90', which seems to be a date"),
    "no scale": ("x\n1.5M\n2M\n3\n", "line 4: column x holds '3', which is not a number like the others, in M; mend"),
    "hours as words": ("date,hour,x\n" + "".join(f"2020-01-0{d},HE0{h},{d + h}\n" for d in (1, 2) for h in (1, 2)),
                       "line 2: column hour holds 'HE01', which seems to be part of a date and is not understood"),
    "JSON": ('[{"x": 1},\n {"x": 2}]\n', "is JSON or XML, not CSV"),
    "cut off": ("x\n1\n2\n\0\0\0", "line 4 holds NUL characters"),
    "one cell a line": ("d^x\na^5\n", "line 2: 'a^5' is one cell and no number; name what separates cells"),
    "ambiguous": ("x,y\n1,2\n3,4\n", "has 2 columns of numbers (x, y); name one with series.column"),
    "unclear days": ("date,x\n1/2/2020,1\n5/2/2020,2\n", "column date holds 1/2/2020, which can be day month year or"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_mistake_is_one_line_that_names_the_row(text, message):
    assert message in complaint(text)


def test_all_problems_are_counted_and_the_first_three_shown():
    text = table(value=lambda v: "x" if v > 106 else v)
    assert "has 20 problems (line 6: column value holds 'x', which is not a number, line 7: " in complaint(
        text, "value"
    )
    assert "and 17 more); mend it or delete the line" in complaint(text, "value")


@pytest.mark.parametrize(("param", "name"), [("column", "depth"), ("date", "depth")])
def test_a_column_that_is_not_there(param, name):
    assert f"no column is series.{param} = 'depth'; the file has date, value" in complaint(PLAIN, **{param: name})


def test_dates_of_the_catalogue_must_be_dates():
    text = "DATE,x\nsoon,1\n2024-01-02,2\n"
    assert "line 2: column DATE holds 'soon'" in complaint(text, date_columns=("observation_date", "DATE"))


words = [
    "",
    "1",
    "-2.5",
    "1e99",
    "nan",
    "2020-01-01",
    "2020-02-02",
    "x",
    '"',
    "1,5",
    "1.234",
    "$5",
    "5%",
    "10M",
    "Jan 1990",
]
words += [
    "1990-Q1",
    "00:00",
    "1/2/2020",
    "20200105",
    "1577836800",
    "1990",
    "A",
    "Total",
    ";",
    "#",
    "−3",
    "-999",
    "1e400",
]
heads = [
    "date",
    "value",
    "year",
    "month",
    "day",
    "hour",
    "time",
    "unique_id",
    "x",
    "",
    "0",
    "1990",
    "1991",
    "1992",
    "jan",
]


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text('0123456789.,-\n\r"e x', max_size=60).map(lambda s: b"x,y\n" + s.encode()),
        st.lists(
            st.lists(st.sampled_from([*words, *heads]), min_size=2, max_size=3).map(",".join), min_size=2, max_size=9
        )
        .map("\n".join)
        .map(str.encode),
    ),
    st.builds(
        Reading,
        column=st.none() | st.sampled_from(heads),
        order=st.sampled_from(ORDERS),
        fill=st.sampled_from(FILLS),
        delimiter=st.none() | st.sampled_from([*DELIMITERS]),
        decimal=st.none() | st.sampled_from([*DECIMALS]),
        day_first=st.none() | st.booleans(),
    ),
)
def test_any_bytes_are_a_series_or_one_clear_line(content, reading):
    try:
        column = read_column(content, "my.csv", reading)
    except StepaheadError as error:
        assert str(error).startswith("my.csv")  # noqa: PT017
    else:
        assert np.isfinite(column.values).all()
        assert len(column.values) > 1
        assert column.dates is None or len(column.dates) == len(column.values)


@given(
    st.lists(st.floats(-900, 900).map(lambda x: round(x, 2)), min_size=3, max_size=20, unique=True),
    st.sampled_from([(",", "."), (";", ","), ("\t", ","), ("|", ".")]),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y"]),
)
def test_a_series_comes_back_whatever_the_file_looks_like(values, marks, form):
    separator, decimal = marks
    days = [datetime.date(2019, 12, 25) + datetime.timedelta(day) for day in range(len(values))]
    rows = zip(days, values, strict=True)
    text = table(
        lambda d: d.strftime(form), lambda v: f"{v:.2f}".replace(".", decimal), f"date{separator}v", separator, rows
    )
    found = read(text, day_first=True)
    assert found.values.tolist() == values
    assert found.dates == [str(day) for day in days]
