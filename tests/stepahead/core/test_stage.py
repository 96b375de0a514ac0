"""What a person is told of an error, by what dvc.lock says of the files there are."""

import hashlib
import json
from pathlib import Path

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.core.stage import in_one_line

FILES = {"data/ids.npy": b"ids", "data/types.json": b"{}", "models/a.safetensors": b"a", "reports/page.html": b"page"}
PIPELINE = "stages: {train: {cmd: python, deps: [data/ids.npy, models]}}"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder where the stage `train` runs, whose dep `models` is a folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_STAGE", "train@a")
    for name, content in FILES.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(content)
    outs = [{"path": name, "md5": hashlib.md5(content).hexdigest()} for name, content in FILES.items()]
    Path("dvc.lock").write_text(json.dumps({"stages": {"earlier": {"outs": outs}}}), encoding="utf-8")
    Path("dvc.yaml").write_text(PIPELINE, encoding="utf-8")


def test_where_all_files_are_as_they_were_written_an_unknown_error_is_a_bug() -> None:
    assert in_one_line(ZeroDivisionError("division by zero")) is None
    assert in_one_line(StepaheadError("tau = 0; raise it")) == "tau = 0; raise it"


@pytest.mark.parametrize("name", ["data/ids.npy", "models/a.safetensors"])
def test_a_file_that_is_not_what_its_stage_wrote_is_named(name: str) -> None:
    Path(name).write_bytes(b"other")
    assert in_one_line(KeyError("types\nand more")) == (
        f"{name} is not what dvc.lock records, and cannot be used (KeyError: 'types\\nand more'); "
        "delete it and run dvc repro"
    )


def test_so_are_two() -> None:
    for name in ("data/ids.npy", "models/a.safetensors"):
        Path(name).write_bytes(b"other")
    told = "data/ids.npy, models/a.safetensors are not what dvc.lock records, and cannot be used (IndexError: 7); "
    assert in_one_line(IndexError(7)) == f"{told}delete them and run dvc repro"


def test_it_is_named_beside_an_error_that_may_come_of_it() -> None:
    Path("data/ids.npy").write_bytes(b"other")
    found = in_one_line(StepaheadError("tau = 4 needs more than 1 step; lower tau"))
    hint = "(and data/ids.npy is not what dvc.lock records; delete it and run dvc repro)"
    assert found == f"tau = 4 needs more than 1 step; lower tau {hint}"
    named = StepaheadError("data/ids.npy is damaged; delete it and run dvc repro")
    assert in_one_line(named) == str(named)


def test_memory_that_the_params_did_not_ask_for() -> None:
    assert in_one_line(MemoryError()) == (
        "the params ask for more memory than there is; lower the sizes in params.yaml"
    )
    Path("data/ids.npy").write_bytes(b"other")
    assert "data/ids.npy is not what dvc.lock records" in str(in_one_line(MemoryError()))


def test_a_stage_looks_at_what_it_depends_on_and_a_command_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data/types.json").write_bytes(b"other")
    Path("data/ids.npy").unlink()  # what is missing says so itself
    assert in_one_line(KeyError("types")) is None
    monkeypatch.delenv("DVC_STAGE")
    assert "data/types.json is not what dvc.lock records" in str(in_one_line(KeyError("types")))


@pytest.mark.parametrize("name", ["dvc.lock", "dvc.yaml"])
@pytest.mark.parametrize("content", ["", "stages: [", "7", None])
def test_without_them_an_error_stays_what_it_is(name: str, content: str | None) -> None:
    Path(name).unlink() if content is None else Path(name).write_text(content, encoding="utf-8")
    assert in_one_line(ZeroDivisionError()) is None
    assert in_one_line(StepaheadError("x; y")) == "x; y"
