"""Files as people have them, read as pandas reads them when it is told all about each, or refused with the way out."""

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.sources.csv_column import Reading, read_column
from tests.project import ROOT

FOLDER = ROOT.parent / "shared/field/series"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="needs the files in ../shared/field, which users do not have"
)

pd = pytest.importorskip("pandas")

NEWEST, FILLED = {"order": "newest_first"}, {"fill": "linear"}

# file: how to read it, how pandas does, the column, its first and last date, and the step
READ = {
    "airpassengers": ({}, {}, "#Passengers", "1949-01", "1960-12", "month"),
    "binance_ms_desc": (NEWEST, {}, "close", "2020-01-01 00:00Z", "2021-11-30 00:00Z", "day"),
    "co2_sentinel": (FILLED, {"na_values": "-99.99"}, "average", "1958-03-01", "2016-06-01", "month"),
    "counts_intermittent": ({}, {}, "units", "2019-01-01", "2021-03-10", "day"),
    "date_time_cols": ({}, {}, "Load", "2021-01-01 00:00", "2021-02-07 11:00", "hour"),
    "ddmmyyyy_newest_first": (NEWEST, {}, "Value", "2019-01-01", "2021-03-10", "day"),
    "dollars": ({}, {"thousands": ","}, "price", "2019-01-01", "2021-03-10", "day"),
    "dst_local": ({}, {}, "AEP_MW", "2020-10-01 00:00", "2020-12-02 10:00", "hour"),
    "dup_header": ({"column": "price.2"}, {}, "price.1", "2019-01-01", "2021-03-10", "day"),
    "ett": ({"column": "OT"}, {}, "OT", "2016-07-01 00:00", "2016-09-22 07:00", "hour"),
    "eu_quoted_comma": ({}, {"decimal": ","}, "Wert", "2019-01-01", "2021-03-10", "day"),
    "eu_semicolon": ({}, {"sep": ";", "decimal": ","}, "Wert", "2019-01-01", "2021-03-10", "day"),
    "excel_bom_crlf_quoted": ({}, {}, "Value", "2019-01-01", "2021-03-10", "day"),
    "excel_hm": ({}, {}, "load", "2020-01-01 00:00", "2020-02-03 07:00", "hour"),
    "excel_sep_line": ({}, {"skiprows": 1}, "value", "2019-01-01", "2021-03-10", "day"),
    "excel_totals_row_nodate": ({}, {"skipfooter": 1, "engine": "python"}, "Umsatz", "1990-01", "2023-04", "month"),
    "excel_trailing_commas": ({}, {"nrows": 800}, "value", "2019-01-01", "2021-03-10", "day"),
    "excel_zh_newest_first": (NEWEST, {}, "收盘", "2019-01-01", "2021-03-10", "day"),
    "fred_blank": (FILLED, {}, "DGS10", "2019-01-01", "2022-01-24", "weekday"),
    "fred_dot": (FILLED, {"na_values": "."}, "DGS10", "2019-01-01", "2022-01-24", "weekday"),
    "gaps": ({"fill": "skip"}, {}, "value", "2019-01-01", "2021-06-18", "day"),
    "growth": ({}, {}, "value", None, None, ""),
    "huge": ({}, {}, "gdp", "2019-01-01", "2021-03-10", "day"),
    "iso_newest_first": (NEWEST, {}, "Value", "2019-01-01", "2021-03-10", "day"),
    "iso_tz": ({}, {}, "load", "2020-03-01 00:00Z", "2020-05-02 11:00Z", "hour"),
    "long_prices": ({}, {}, "price", "2018-01-01", "2021-04-14", "day"),
    "mb_suffix": ({}, {}, "volume", "2019-01-01", "2021-03-10", "day"),
    "noaa_co2": (FILLED, {"comment": "#", "na_values": "-99.99"}, "average", "1958-03", "2016-06", "month"),
    "opsd_countries": ({"column": "NO"}, {}, "NO", "2020-01-01 00:00Z", "2020-02-07 11:00Z", "hour"),
    "pandas_frame_dateindex": ({}, {}, "y", "2020-01-01", "2021-11-30", "day"),
    "pandas_index": ({}, {}, "value", "2019-01-01", "2021-03-10", "day"),
    "pandas_series": ({}, {}, "0", "2020-01-01", "2021-11-30", "day"),
    "pandas_series_noindex": ({}, {}, "0", None, None, ""),
    "panel_dates": ({"id": "B"}, {"skiprows": range(1, 401)}, "y", "2019-01-01", "2020-02-04", "day"),
    "percent": ({}, {}, "rate", "2019-01-01", "2021-03-10", "day"),
    "question_mark": (
        FILLED,
        {"na_values": "?"},
        "Global_active_power",
        "2007-01-01 00:00",
        "2007-02-11 15:00",
        "hour",
    ),
    "sawtooth": ({}, {}, "value", None, None, ""),
    "shuffled_iso_basic": (NEWEST, {}, "load", "2019-01-01", "2021-03-10", "day"),
    "sunspots_year_float": ({}, {}, "SUNACTIVITY", "1700", "2008", "year"),
    "text_sorted_dates": ({"order": "by_date"}, {}, "Wert", "2019-01-01", "2021-03-10", "day"),
    "thousands_quoted": ({"decimal": "point"}, {"thousands": ","}, "sales", "2019-01-01", "2021-03-10", "day"),
    "tiny": ({}, {}, "flux", "2019-01-01", "2021-03-10", "day"),
    "two_cols": ({"column": "price"}, {}, "price", "2020-01-01", "2021-08-22", "day"),
    "us_dates": ({}, {}, "Close", "2019-01-01", "2022-01-24", "weekday"),
    "weekdays": ({}, {}, "price", "2019-01-01", "2021-03-10", "weekday"),
    "worldbank_wide": ({"id": "BLA"}, {}, "BLA", "1960", "2022", "year"),
    "yahoo_null": (FILLED, {}, "Close", "2020-01-01", "2021-11-30", "day"),
    "yfinance_multi_header": ({"column": "Close"}, {"skiprows": [1, 2]}, "Close", "2020-01-01", "2021-11-30", "day"),
}

REFUSED = {
    "binance_ms_desc": "has its newest row first (1638230400000 in line 2, 1577836800000 in line 701); use series",
    "co2_sentinel": "has 5 problems (line 79: column average holds -99.99, which seems to stand for no value, line 219",
    "ddmmyyyy_newest_first": "has its newest row first (10/03/2021 in line 2, 01/01/2019 in line 801); use series",
    "dup_header": "has 2 columns of numbers (price.1, price.2); name one with series.column",
    "ett": "has 7 columns of numbers (HUFL, HULL, MUFL, MULL, LUFL, LULL, OT); name one with series.column",
    "excel_zh_gbk": "is not UTF-8 text: byte 0 is 0xc8; it reads '日期,收盘 2019/' as GB18030 or ",
    "excel_zh_newest_first": "has its newest row first (2021/3/10 in line 2, 2019/1/1 in line 801); use series.order=",
    "fred_blank": "has 8 problems (line 52: column DGS10 has no value (''), line 149",
    "fred_dot": "has 8 problems (line 52: column DGS10 has no value ('.'), line 149",
    "gaps": "35 gaps: 134 days without a row, the longest of 100 after 2019-10-27 (line 285); use series.fill=skip",
    "iso_newest_first": "has its newest row first (2021-03-10 in line 2, 2019-01-01 in line 801); use series.order=",
    "noaa_co2": "has 5 problems (line 81: column average holds -99.99, which seems to stand for no value, line 221",
    "opsd_countries": "has 3 columns of numbers (AT, DE, NO); name one with series.column",
    "panel_dates": "holds 2 series, one below the other (column unique_id: A, B); choose one with series.id=A",
    "question_mark": "has 2 problems (line 502: column Global_active_power has no value ('?'), line 503",
    "shuffled_iso_basic": "has its newest row first (20210310 in line 2, 20190101 in line 801); use series.order=",
    "text_sorted_dates": "is not in order of time by column Datum (line 5: 01.02.2019 after 01.01.2021",
    "thousands_quoted": "line 2: column sales holds '3,010', which is 3010 or 3.01; say what the decimals",
    "two_cols": "has 2 columns of numbers (price, volume); name one with series.column",
    "worldbank_wide": "holds 2 series, one below the other (column Country Name: Aland, Bland); choose one with",
    "yahoo_null": "line 302: column Close has no value ('null'); fill it in or delete the line, or use",
    "year_month_cols": "has several rows of one time (columns year, month: 2020 1 in 31 rows, lines 2, 3, 4 …)",
    "yfinance_multi_header": "has 5 columns of numbers (Close AAPL, High AAPL, Low AAPL, Open AAPL, Volume AAPL); name",
}


def read(name, **reading):
    return read_column((FOLDER / f"{name}.csv").read_bytes(), f"{name}.csv", Reading(**reading))


def as_pandas_reads(name, options, column):
    frame = pd.read_csv(FOLDER / f"{name}.csv", **options)
    if name == "worldbank_wide":
        frame = frame.set_index("Country Code").filter(regex=r"^\d{4}$").T
    cells = frame[column].astype(str).str.replace("$", "").str.replace(",", "").str.removesuffix("%")
    values = pd.to_numeric(cells.str.removesuffix("M")) * (1e6 if name == "mb_suffix" else 1)
    if "na_values" in options or name in ("fred_blank", "yahoo_null"):
        values = values.interpolate()
    if name == "text_sorted_dates":
        values = values[pd.to_datetime(frame["Datum"], format="%d.%m.%Y").sort_values().index]
    return values.to_numpy(float)


def test_every_file_has_its_line():
    assert {path.stem for path in FOLDER.glob("*.csv")} == {*READ, *REFUSED}


@pytest.mark.parametrize("name", READ)
def test_values_dates_and_step(name):
    reading, options, column, first, last, step = READ[name]
    found = read(name, **reading)
    values = as_pandas_reads(name, options, column)
    if reading == NEWEST:
        values = values[::-1]
    assert found.values == pytest.approx(values, rel=1e-15)
    assert (found.dates and found.dates[0], found.dates and found.dates[-1]) == (first, last)
    assert found.spacing == step
    assert name in REFUSED or not reading


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_way_out(name):
    with pytest.raises(StepaheadError) as caught:
        read(name)
    assert REFUSED[name] in str(caught.value)
    assert ";" in str(caught.value)
