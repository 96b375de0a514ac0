"""What series.name can stand for besides the sine."""

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.data.windows import lag_windows
from stepahead.sources.catalog import read_catalog
from stepahead.sources.csv_column import Reading
from stepahead.sources.download import Limits
from stepahead.sources.series import read_source
from tests.project import ROOT

CATALOG = ROOT / "data/catalog.yaml"


def source(name, tmp_path, mirror=None, **reading):
    local = tmp_path / "local"
    local.mkdir(exist_ok=True)
    return read_source(
        name,
        Reading(**reading),
        entries=read_catalog(CATALOG),
        local=local,
        cache=tmp_path / "cache",
        mirror=mirror,
        limits=Limits(connect=0.1, total=0.2, attempts=1),
    )


def test_the_ten_year_yield_from_a_mirror_and_the_notes_window_of_six(mirror, tmp_path):
    found = source("gs10", tmp_path, mirror=str(mirror))
    values = found.column.values
    assert found.unit == "percent"
    assert len(found.sha256) == 64
    assert found.column.dates[0] == "1953-04-01"
    assert len(values) == len(found.column.dates) >= 797
    features, labels = lag_windows(values, 6)
    np.testing.assert_array_equal(features[0], [2.83, 3.05, 3.11, 2.93, 2.95, 2.87])
    assert labels[0] == values[6]


def test_a_file_of_the_users_own(tmp_path):
    (tmp_path / "local").mkdir()
    (tmp_path / "local/my.csv").write_text("day,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n", encoding="utf-8")
    found = source("my.csv", tmp_path, column="b")
    np.testing.assert_array_equal(found.column.values, [2, 4])
    assert found.column.dates == ["2024-01-01", "2024-01-02"]
    assert (found.unit, found.sha256) == ("", None)
    with pytest.raises(StepaheadError, match=r"local/my\.csv has 2 columns .* \(a, b\); name one with series\.column"):
        source("my.csv", tmp_path)


def test_a_file_is_read_as_asked_and_its_own_unit_is_told(tmp_path):
    (tmp_path / "local").mkdir()
    (tmp_path / "local/my.csv").write_text("Tag;x\n2.1.2024;2,5%\n1.1.2024;1,5%\n", encoding="utf-8")
    found = source("my.csv", tmp_path, order="newest_first", day_first=True)
    np.testing.assert_array_equal(found.column.values, [1.5, 2.5])
    assert (found.column.dates, found.unit) == (["2024-01-01", "2024-01-02"], "%")


@pytest.mark.parametrize(
    ("name", "unit", "length", "first", "last", "spacing"),
    [
        ("sunspots", "sunspots", 309, ("1700", 5.0), ("2008", 2.9), "year"),
        ("nile", "10⁸ m³", 100, ("1871", 1120.0), ("1970", 740.0), "year"),
        ("co2", "ppm", 2284, ("1958-03-29", 316.1), ("2001-12-29", 371.5), "week"),
    ],
)
def test_series_that_need_no_download(name, unit, length, first, last, spacing, tmp_path):
    found = source(name, tmp_path, fill="linear")
    column = found.column
    assert (found.unit, len(found.sha256), len(column.values), column.spacing) == (unit, 64, length, spacing)
    assert ((column.dates[0], column.values[0]), (column.dates[-1], column.values[-1])) == (first, last)
    assert column.filled == (59 if name == "co2" else 0)


def test_a_series_with_missing_weeks_says_what_to_do(tmp_path):
    with pytest.raises(
        StepaheadError, match=r"^co2\.csv has 59 problems .* or use series\.fill=skip, previous, linear or"
    ):
        source("co2", tmp_path)


@pytest.mark.parametrize("name", ["gs11", "time_machine", "nofile.csv"])
def test_an_unknown_name_lists_what_there_is(name, tmp_path):
    with pytest.raises(
        StepaheadError, match=rf"^series\.name = '{name}' is .*; use one of sine, .*, gs10, or put your"
    ):
        source(name, tmp_path)


@pytest.mark.parametrize("name", ["../params.yaml", "/etc/passwd"])
def test_no_file_outside_the_folder(name, tmp_path):
    with pytest.raises(StepaheadError, match="is not a plain file name"):
        source(name, tmp_path)


def test_a_mirrored_table_without_the_catalogues_columns_is_refused(tmp_path):
    (tmp_path / "GS10.csv").write_text("DATE,GS1\n2024-01-01,4\n", encoding="utf-8")
    with pytest.raises(StepaheadError, match=r"not a CSV table with the columns observation_date or DATE, and GS10"):
        source("gs10", tmp_path, mirror=str(tmp_path))
