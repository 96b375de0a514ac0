"""CSV files of the user's own that are no series."""

import pytest

from tests.bad_input.battery import after, fails, replaced
from tests.project import Project

ROWS = "".join(f"2020-01-{day:02d},{day * day}\n" for day in range(1, 29))
GOOD = f"date,value\n{ROWS}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "mine.csv is empty"),
        ("date,value\n", "mine.csv has a header and no rows"),
        (ROWS, "stands where the name of a column must"),
        (GOOD.replace(",9\n", ",\n"), "line 4: column value has no value ('')"),
        (GOOD.replace(",9\n", ",NA\n"), "line 4: column value has no value ('NA')"),
        (GOOD.replace(",9\n", ",nan\n"), "line 4: column value has no value ('nan')"),
        (GOOD.replace(",9\n", ",nine\n"), "line 4: column value holds 'nine', which is not a number"),
        (GOOD.replace(",9\n", ",inf\n"), "line 4: column value holds 'inf', which must be finite"),
        (GOOD.replace(",9\n", ",1e999\n"), "line 4: column value holds '1e999', which must be finite"),
        (GOOD.replace(",9\n", ",1_000\n"), "line 4: column value holds '1_000', which is not a number"),
        (GOOD.replace(",9\n", ',"1,000"\n'), "line 4: column value holds '1,000', which is 1000 or 1"),
        (GOOD.replace(",9\n", "\n"), "line 4: column value has no value ('')"),
        (GOOD.replace(",9\n", ",9,9\n"), "line 4 has 3 cells where the header has 2"),
        (GOOD.replace("2020-01-03", "2020-01-02"), "line 4: column date has 2020-01-02 a second time"),
        (
            GOOD.replace("2020-01-03", "2019-01-03"),
            "is not in order of time by column date (line 4: 2019-01-03 after 2020-01-02)",
        ),
        (GOOD.replace("2020-01-03", "2020-02-31"), "line 4: column date holds '2020-02-31', which is not a date"),
        (GOOD.replace(",9\n", ',"9\n'), "is not valid CSV"),
        (GOOD.replace(",9\n", ",\x1b[31m9\n"), "line 4: column value holds '\\x1b[31m9', which is not a number"),
        ("name,kind\na,b\nc,d\n", "has no column of numbers (it has name, kind)"),
        ("a,b\n1,2\n5,3\n", "has 2 columns of numbers (a, b); name one with series.column"),
        ("value\n" + "7\n" * 300, "is 7 in every row"),
        ("value\n" + "7\n" * 250 + "8\n" * 50, "its first 200 steps (series.n_train) are all the same"),
        (GOOD, "series.n_train = 200, but series.name = mine.csv has 28 steps"),
        ("date,val\xffue\n", "is not UTF-8 text: byte 8 is 0xff"),
    ],
)
def test_a_table_that_is_no_series(content: str, message: str, broken: Project) -> None:
    raw = content.encode("latin-1" if "\xff" in content else "utf-8")
    with replaced(broken.folder / "data/local/mine.csv", raw):
        fails(after(broken, {"series.name": "mine.csv"}, "generate_series"), message)


def test_a_column_that_is_not_there(broken: Project) -> None:
    with replaced(broken.folder / "data/local/mine.csv", GOOD.encode()):
        changes = {"series.name": "mine.csv", "series.column": "price"}
        fails(
            after(broken, changes, "generate_series"), "no column is series.column = 'price'; the file has date, value"
        )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.csv", "series.name = 'mine.csv' is not known; use one of sine"),
        ("../params.yaml", "series.name = '../params.yaml' is not a plain file name"),
        ("/etc/passwd", "series.name = '/etc/passwd' is not a plain file name"),
        ("time_machine", "series.name = 'time_machine' is a text, not a series"),
        ("\x1b[31mred", "is not a plain file name"),
    ],
)
def test_a_name_that_is_not_allowed(name: str, message: str, broken: Project) -> None:
    fails(after(broken, {"series.name": name}, "generate_series"), message)
