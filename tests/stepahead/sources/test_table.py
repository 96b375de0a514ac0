"""The cells of a CSV file, whatever separates them and whatever stands around them."""

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.sources.table import read_table

ROWS = [["2020-01-01", "1.5"], ["2020-01-02", "2.5"], ["2020-01-03", "3.5"]]
PLAIN = "date,value\n2020-01-01,1.5\n2020-01-02,2.5\n2020-01-03,3.5\n"


def read(text, delimiter=None):
    return read_table(text if isinstance(text, bytes) else text.encode(), "my.csv", delimiter)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", " , "),
        "\ufeff" + PLAIN,
        "sep=,\n" + PLAIN,
        "sep=;\n" + PLAIN.replace(",", ";"),
        '"' + PLAIN.replace(",", '","').replace("\n", '"\n"')[:-1],
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-be"),
        "\n\nMade on Monday\n" + PLAIN + "\n,\n",
        "# made on Monday, by hand, at noon\n" + PLAIN,
        "# date,value\n" + PLAIN.partition("\n")[2],
        PLAIN.replace("\n", ",,\n"),
        PLAIN.replace("\n", ",\n").replace("value,", "value"),
    ],
)
def test_what_stands_around_the_cells_is_left_out(text):
    table = read(text)
    assert (table.header, table.rows) == (["date", "value"], ROWS)


def test_spaces_separate_where_they_are_said_to():
    text = PLAIN.replace(",", "   ")
    assert read(text, "space").rows == ROWS
    with pytest.raises(StepaheadError, match=r"one column of several words a line; use series\.delimiter=space"):
        read(text)


def test_lines_are_counted_as_an_editor_does():
    table = read('sep=,\ntitle\nx,y\n1,"two\nlines"\n2,b\n')
    assert table.lines == [4, 6]


def test_decimal_commas_do_not_separate():
    assert read("Datum;Wert\n1.1.2020;1,5\n2.1.2020;2,5\n").rows == [["1.1.2020", "1,5"], ["2.1.2020", "2,5"]]
    assert read("Wert\n1,5\n2,25\n").rows == [["1,5"], ["2,25"]]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (",0\n2020-01-01,1.5\n", ["unnamed 1", "0"]),  # pandas' Series.to_csv
        ("0\n1.5\n2.5\n", ["0"]),
        ("date,p,p\n2020-01-01,1,2\n", ["date", "p.1", "p.2"]),
        ("Price,Close,Open\nTicker,A,A\nDate,,\n2020-01-01,1,2\n", ["Price Ticker Date", "Close A", "Open A"]),
        ("date,value\n[day],[MW]\n2020-01-01,1\n", ["date [day]", "value [MW]"]),
        ("country,1990,1991,1992\nA,1,2,3\n", ["country", "1990", "1991", "1992"]),
        ("date,1,2\n2020-01-01,5,6\n", ["date", "1", "2"]),
        ("date,value,note\n2020-01-01,5\n2020-01-02,6\n", ["date", "value", "note"]),
    ],
)
def test_the_header(text, header):
    assert read(text).header == header


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; "),
        ("\n\n", "is empty; "),
        ("date,value\n", "has a header and no rows; "),
        ("2020-01-01,5\n2020-01-02,6\n", "line 1: '2020-01-01' stands where the name of a column must; "),
        ("0\n3\n1\n", "line 1: '0' stands where the name of a column must; "),
        ("date,value\n2020-01-01,1,5\n2020-01-02,2,5\n", "line 2 has 3 cells where the header has 2; "),
        ("x,y\n1,a\n2,b,c\n", "line 3 has 3 cells where the header has 2; "),
        ("x,y\n1,a\n2,b\n3,c\n4,b,c\n5,b,c\n", "has 2 problems (line 5 has 3 cells where the header has 2, line 6 has"),
        ('x\n1\n"2\n3\n', "is not valid CSV (line 4: unexpected end of data); "),
        ("a;b,c\n1;2,3\n", "can be separated by comma or by semicolon; name one with series.delimiter"),
        ("日期,值\n2020-01-01,5\n".encode("gb18030"), "it reads '日期,值 2020-01' as GB18030 or "),
        (b"PK\x03\x04", "is a ZIP archive (or an office document)"),
    ],
)
def test_what_is_no_table(text, message):
    with pytest.raises(StepaheadError) as caught:
        read(text)
    assert str(caught.value).startswith("my.csv")
    assert message in str(caught.value)
