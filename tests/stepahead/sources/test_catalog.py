import os

import pytest
import yaml

from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import find, local_file, read_catalog
from tests.project import ROOT

CATALOG = ROOT / "data" / "catalog.yaml"


def entries():
    return yaml.safe_load(CATALOG.read_text(encoding="utf-8"))


def test_the_projects_catalogue_holds_the_book_and_the_yield():
    catalog = read_catalog(CATALOG)
    book, yield_ = catalog["time_machine"], catalog["gs10"]
    assert (book.kind, book.file, len(book.addresses)) == ("text", "timemachine.txt", 2)
    assert book.sha256 is not None
    assert (yield_.kind, yield_.file, yield_.sha256) == ("series", "GS10.csv", None)
    assert (yield_.date_columns, yield_.value_column) == (("observation_date", "DATE"), "GS10")
    assert yield_.unit == "percent"


def test_each_key_of_the_catalogue_is_commented_or_speaks_for_itself():
    lines = CATALOG.read_text(encoding="utf-8").splitlines()
    commented = {line.split(":")[0].strip() for line in lines if " #" in line and ":" in line.split(" #")[0]}
    keys = {key for entry in entries().values() for key in entry}
    assert keys - commented <= {"title", "licence"}


@pytest.mark.parametrize(
    ("entry", "key", "value"),
    [
        ("time_machine", "kind", "picture"),
        ("time_machine", "file", "../escape.txt"),
        ("time_machine", "file", "/etc/passwd"),
        ("time_machine", "addresses", []),
        ("time_machine", "addresses", "https://one.example/not-in-a-list"),
        ("time_machine", "addresses", ["ftp://one.example/file"]),
        ("time_machine", "addresses", ["https://one.example/\nfile"]),
        ("time_machine", "sha256", None),
        ("time_machine", "sha256", "abc"),
        ("time_machine", "sha256", 12),
        ("time_machine", "licence", None),
        ("gs10", "date_columns", []),
        ("gs10", "value_column", 3),
        ("gs10", "sha256", "E" * 64),
    ],
)
def test_a_wrong_value_is_refused_with_entry_and_key(tmp_path, entry, key, value):
    broken = entries()
    broken[entry][key] = value
    path = tmp_path / "catalog.yaml"
    path.write_text(yaml.safe_dump(broken), encoding="utf-8")
    with pytest.raises(StepaheadError, match=rf"^\S+: {entry}: {key if key != 'kind' else '.*'}.*; mend it.*$"):
        read_catalog(path)


@pytest.mark.parametrize(
    "content",
    ["[", "- a list", "", "a: 1", "a: {kind: text}", "1: {kind: [x]}", "a: {kind: series, extra: 1}", "\x07: 1"],
)
def test_a_broken_catalogue_is_one_line(tmp_path, content):
    path = tmp_path / "catalog.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StepaheadError, match="mend it") as caught:
        read_catalog(path)
    assert str(caught.value).isprintable()


def test_a_missing_catalogue_is_one_line(tmp_path):
    with pytest.raises(StepaheadError, match=r"catalog\.yaml cannot be read"):
        read_catalog(tmp_path / "catalog.yaml")


def test_find_returns_the_entry(tmp_path):
    catalog = read_catalog(CATALOG)
    assert find(catalog, "gs10", "series", "series.name", tmp_path) is catalog["gs10"]


def test_find_lists_what_the_param_takes(tmp_path):
    (tmp_path / "mine.csv").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "README.md").touch()
    with pytest.raises(StepaheadError) as caught:
        find(read_catalog(CATALOG), "gs1O", "series", "series.name", tmp_path, others=("sine",))
    assert str(caught.value) == (
        "series.name = 'gs1O' is not known; use one of sine, sunspots, co2, nile, gs10, mine.csv, or put your file "
        f"into {tmp_path}/"
    )


def test_a_file_that_is_not_there_is_named_as_git_must_be_told(tmp_path):
    with pytest.raises(StepaheadError, match=rf"git add {tmp_path}/sales\.csv\)$"):
        find(read_catalog(CATALOG), "sales.csv", "series", "series.name", tmp_path, others=("sine",))


def test_find_says_when_the_entry_is_of_the_other_kind(tmp_path):
    with pytest.raises(
        StepaheadError, match=r"corpus\.name = 'gs10' is a series, not a text; use one of time_machine,"
    ):
        find(read_catalog(CATALOG), "gs10", "text", "corpus.name", tmp_path)


def test_a_folder_of_many_files_is_listed_in_part(tmp_path):
    for number in range(30):
        (tmp_path / f"{number:02}.csv").touch()
    with pytest.raises(StepaheadError, match=r"18\.csv, 19\.csv, …, or put"):
        find({}, "x", "series", "series.name", tmp_path)


def test_local_file_finds_a_file_or_none(tmp_path):
    (tmp_path / "mine.csv").touch()
    assert local_file("mine.csv", tmp_path, "series.name") == tmp_path / "mine.csv"
    assert local_file("yours.csv", tmp_path, "series.name") is None
    assert local_file("yours.csv", tmp_path / "no folder", "series.name") is None


@pytest.mark.parametrize(
    "name", ["../secret", "a/b", "/etc/passwd", "..", ".", ".hidden", "a\\b", "a\0b", "\x1b[31mred", "a\nb", "x" * 300]
)
def test_local_file_refuses_what_is_no_plain_name(tmp_path, name):
    local = tmp_path / "local"
    local.mkdir()
    (tmp_path / "secret").touch()
    with pytest.raises(StepaheadError, match=r"^series\.name = .*; put your file into .*local/") as caught:
        local_file(name, local, "series.name")
    assert str(caught.value).isprintable()


def test_local_file_refuses_a_link_out_of_the_folder_but_not_one_inside(tmp_path):
    local = tmp_path / "local"
    local.mkdir()
    (tmp_path / "secret").touch()
    (local / "out").symlink_to(tmp_path / "secret")
    (local / "real").touch()
    (local / "inside").symlink_to("real")
    assert local_file("inside", local, "corpus.name") == local / "inside"
    with pytest.raises(StepaheadError, match="a link that leads out of"):
        local_file("out", local, "corpus.name")


def test_local_file_refuses_what_is_not_an_ordinary_file(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe", ""):
        with pytest.raises(StepaheadError, match="is not an ordinary file"):
            local_file(name, tmp_path, "corpus.name")
