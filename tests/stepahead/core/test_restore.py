"""A failed stage loses nothing, and a dvc.lock or a cache from somebody else gains nothing."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepahead.core.pipeline import Stage
from stepahead.core.restore import not_as_recorded, restore

STAGE = Stage("work", "a", outs=("out.txt", "folder", "../outside", "/tmp/outside", "link/inside"))
BAD_NAMES: list[Any] = ["../victim", "/victim", "a/../../victim", "", ".", None, 7, ["a"], "a\0b", "a\n../b"]
BAD_SUMS: list[Any] = ["../../../victim", "..dir", "", None, 7, ["a"], "g" * 32, "A" * 32, "a" * 31, "a" * 33, "/etc"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's folder beside a file that is not its own; nothing outside may change."""
    (tmp_path / "project/.dvc").mkdir(parents=True)
    (tmp_path / "victim").write_bytes(b"mine")
    monkeypatch.chdir(tmp_path / "project")
    yield tmp_path / "project"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "victim"]
    assert (tmp_path / "victim").read_bytes() == b"mine"


def store(content: bytes, suffix: str = "", cache: Path = Path(".dvc/cache")) -> str:
    md5 = hashlib.md5(content).hexdigest() + suffix
    path = cache / "files/md5" / md5[:2] / md5[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return md5


def store_folder(listing: Any, cache: Path = Path(".dvc/cache")) -> str:
    return store(json.dumps(listing).encode(), ".dir", cache)


def lock(outs: Any, stage: str = "work@a") -> None:
    Path("dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": {stage: {"outs": outs}}}), encoding="utf-8")


def test_files_and_folders_are_put_back() -> None:
    files = [{"relpath": "x", "md5": store(b"x")}, {"relpath": "deep/y", "md5": store(b"y")}]
    lock([{"path": "out.txt", "md5": store(b"out")}, {"path": "folder", "md5": store_folder(files)}])
    Path("out.txt").write_bytes(b"half")
    Path("folder").mkdir()
    Path("folder/new").write_bytes(b"half")
    assert restore(STAGE) == []
    assert Path("out.txt").read_bytes() == b"out"
    assert {p.name: p.read_bytes() for p in Path("folder").rglob("*") if p.is_file()} == {"x": b"x", "y": b"y"}


@pytest.mark.parametrize("config", ["config", "config.local"])
@pytest.mark.parametrize("relative", [True, False])
def test_the_cache_may_be_elsewhere(config: str, relative: bool, folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    where = "../elsewhere" if relative else elsewhere
    (folder / ".dvc" / config).write_text(f"[cache]\n    dir = {where}\n", encoding="utf-8")
    lock([{"path": "out.txt", "md5": store(b"out", cache=elsewhere)}])
    assert restore(STAGE) == []
    assert Path("out.txt").read_bytes() == b"out"


def test_what_the_cache_does_not_have_is_told() -> None:
    listing = store_folder([{"relpath": "x", "md5": "0" * 32}])
    lock([{"path": "out.txt", "md5": "0" * 32}, {"path": "folder", "md5": listing}])
    assert restore(STAGE) == ["out.txt", "folder/x"]
    lock([{"path": "folder", "md5": "0" * 32 + ".dir"}])
    assert restore(STAGE) == ["folder"]


def test_what_was_edited_in_the_cache_is_not_put_back() -> None:
    md5, listing = store(b"out"), store_folder([])
    lock([{"path": "out.txt", "md5": md5}, {"path": "folder", "md5": listing}])
    for each in (md5, listing):
        (Path(".dvc/cache/files/md5") / each[:2] / each[2:]).write_bytes(b'[{"relpath": "x", "md5": "y"}]')
    assert restore(STAGE) == ["out.txt", "folder"]
    assert sorted(path.name for path in Path().iterdir()) == [".dvc", "dvc.lock"]


@pytest.mark.parametrize("name", [*BAD_NAMES, "other.txt", "../outside", "/tmp/outside", "link/inside", "dvc.yaml"])
def test_only_declared_outputs_inside_the_project_are_written(name: Any, folder: Path) -> None:
    (folder / "link").symlink_to("..")
    lock([{"path": name, "md5": store(b"attack")}])
    before = sorted(path for path in folder.rglob("*") if ".dvc" not in path.parts)
    assert restore(STAGE) == ([name] if name in STAGE.outs else [])  # a declared one outside is lost, and told
    assert sorted(path for path in folder.rglob("*") if ".dvc" not in path.parts) == before


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_listing_names_files_inside_its_folder(name: Any) -> None:
    listing = store_folder([{"relpath": name, "md5": store(b"attack")}])
    lock([{"path": "folder", "md5": listing}])
    if name in (None, 7, ["a"], "a\n../b"):  # as texts they are odd names, but names
        restore(STAGE)
    else:
        assert restore(STAGE) == ["folder"]


def test_no_link_leads_outside(folder: Path) -> None:
    """What a checkout can hold: links in the place of a folder's part, and of the file that is renamed at the end."""
    lock([{"path": "folder", "md5": store_folder([{"relpath": "a/victim", "md5": store(b"attack")}])}])
    Path("folder").mkdir()
    Path("folder/a").symlink_to(folder.parent)
    assert restore(STAGE) == []
    assert Path("folder/a/victim").read_bytes() == b"attack"
    assert not Path("folder/a").is_symlink()
    lock([{"path": "out.txt", "md5": store(b"attack")}])
    Path(".out.txt.tmp").symlink_to(folder.parent / "victim")
    assert restore(STAGE) == []
    assert Path("out.txt").read_bytes() == b"attack"


def test_a_name_that_no_file_can_have_is_lost() -> None:
    lock([{"path": "folder", "md5": store_folder([{"relpath": "\ud800", "md5": store(b"x")}])}])
    assert restore(STAGE) == ["folder"]


@pytest.mark.parametrize("md5", BAD_SUMS)
def test_a_checksum_is_a_checksum(md5: Any) -> None:
    Path(".dvc/cache/files/md5/victim").mkdir(parents=True)
    Path("out.txt").write_bytes(b"as it was")
    lock([{"path": "out.txt", "md5": md5}])
    assert restore(STAGE) == ["out.txt"]
    assert Path("out.txt").read_bytes() == b"as it was"
    lock([{"path": "folder", "md5": store_folder([{"relpath": "x", "md5": md5}])}])
    assert restore(STAGE) == ["folder"]


ODD_LOCKS = [
    *("", "7", "[]", "stages: [", "stages: 7", "stages: {work@a: 7}", "stages: {work@a: {outs: 7}}", "\xff", "{7: 8}"),
    *("stages: {work@a: {outs: [7, null, [], {}, {path: out.txt}, {md5: x}]}}", "stages: {7: {outs: []}}"),
]


@pytest.mark.parametrize("content", [*ODD_LOCKS, None])
def test_a_lock_file_may_hold_anything(content: str | None) -> None:
    if content is not None:
        Path("dvc.lock").write_bytes(content.encode("latin-1"))
    restore(STAGE)
    assert not_as_recorded(["out.txt"]) == []


def test_an_output_that_cannot_be_replaced_is_told(folder: Path) -> None:
    lock([{"path": "out.txt", "md5": store(b"out")}, {"path": "folder", "md5": store_folder([])}])
    (folder / "out.txt").mkdir()
    (folder / "out.txt/x").touch()
    assert restore(STAGE) == []
    assert (folder / "out.txt").read_bytes() == b"out"


def test_files_that_are_not_what_a_stage_wrote() -> None:
    files = [{"relpath": "x", "md5": store(b"x")}, {"relpath": "y", "md5": store(b"y")}]
    lock([{"path": "out.txt", "md5": store(b"out")}, {"path": "folder", "md5": store_folder(files)}], "earlier")
    for name in ("out.txt", "folder/x", "folder/y"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"other")
    Path("folder/y").write_bytes(b"y")
    assert not_as_recorded(["folder/x", "folder/y", "out.txt", "mine"]) == ["folder/x", "out.txt"]
    assert not_as_recorded(["mine"]) == []
    Path("folder/x").unlink()  # what is missing says so itself
    assert not_as_recorded(["folder/x"]) == []
