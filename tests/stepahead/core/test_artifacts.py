import json
import math
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from stepahead.core import artifacts
from stepahead.core.errors import StepaheadError


def test_a_table_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "table.csv"
    values = np.array([0.1, 1e-300, -np.pi])
    artifacts.write_table(path, {"x": values, "word": ["a,b", '"', ""], "none": [None, None, None]})
    columns = artifacts.read_table(path)
    np.testing.assert_array_equal(np.array(columns["x"], dtype=float), values)
    assert columns["word"] == ["a,b", '"', ""]
    assert columns["none"] == ["", "", ""]


@pytest.mark.parametrize("read", [artifacts.read_table, artifacts.read_columns])
def test_a_table_cut_in_its_last_number_is_refused(read: Callable[[Path], Any], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    artifacts.write_table(path, {"t": [1, 2], "value": [0.25, 0.125]})
    path.write_bytes(path.read_bytes()[:-2])  # 0.12
    with pytest.raises(StepaheadError, match=r"t\.csv is damaged .*its last line is cut off"):
        read(path)


def test_columns_are_integers_floats_or_words(tmp_path: Path) -> None:
    table = {"k": [1, 2], "x": [0.1, 1e-300], "some": [None, 0.5], "none": [None, None], "word": ["a,b", None]}
    table["date"] = ["1700", "1701"]
    artifacts.write_table(tmp_path / "t.csv", table)
    columns = artifacts.read_columns(tmp_path / "t.csv")
    assert [column.dtype.kind for column in columns.values()] == ["i", "f", "f", "f", "U", "U"]
    assert columns["x"].tolist() == table["x"]
    np.testing.assert_array_equal(columns["some"], [np.nan, 0.5])
    assert columns["word"].tolist() == ["a,b", ""]
    assert columns["date"].tolist() == table["date"]


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    artifacts.write_table(tmp_path / "t.csv", {"epoch": [], "perplexity": []})
    assert artifacts.read_table(tmp_path / "t.csv") == {"epoch": [], "perplexity": []}


def test_columns_of_different_lengths_are_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        artifacts.write_table(tmp_path / "t.csv", {"a": [1, 2], "b": [1]})
    assert list(tmp_path.iterdir()) == []


def test_tensors_come_back_and_their_bytes_do_not_depend_on_order(tmp_path: Path) -> None:
    a, b = np.arange(6, dtype=np.float32).reshape(2, 3).T, np.array(1.5)
    artifacts.write_tensors(tmp_path / "1", {"a": a, "b": b}, {"z": 1, "y": "text"})
    artifacts.write_tensors(tmp_path / "2", {"b": b, "a": a}, {"y": "text", "z": 1})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    tensors, about = artifacts.read_tensors(tmp_path / "1")
    np.testing.assert_array_equal(tensors["a"], a)
    assert tensors["b"] == 1.5
    assert about == {"z": 1, "y": "text"}


def test_an_array_is_mapped_not_loaded(tmp_path: Path) -> None:
    artifacts.write_array(tmp_path / "ids.npy", np.uint8, [np.arange(5)])
    mapped = artifacts.read_array(tmp_path / "ids.npy")
    assert isinstance(mapped, np.memmap)
    assert mapped.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("lengths", [[], [0], [3], [2, 0, 5], [99_999, 1]])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint32])
def test_an_array_written_in_chunks_has_the_same_bytes(lengths: list[int], dtype: type, tmp_path: Path) -> None:
    chunks = [np.arange(n, dtype=dtype) for n in lengths]
    assert artifacts.write_array(tmp_path / "chunks.npy", dtype, iter(chunks)) == sum(lengths)
    np.save(tmp_path / "whole.npy", np.concatenate([np.zeros(0, dtype), *chunks]))
    assert (tmp_path / "chunks.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_a_span_of_an_array_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "CHUNK", 3)
    artifacts.write_array(tmp_path / "ids.npy", np.uint16, [np.arange(10)])
    chunks = artifacts.read_array_chunks(tmp_path / "ids.npy", range(1, 8))
    assert [chunk.tolist() for chunk in chunks] == [[1, 2, 3], [4, 5, 6], [7]]
    assert list(artifacts.read_array_chunks(tmp_path / "ids.npy", range(4, 4))) == []


def test_text_in_chunks_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "CHUNK", 3)
    assert artifacts.write_text_chunks(tmp_path / "t.txt", iter(["a\r\n", "", "时é\n\r"])) == 7
    assert list(artifacts.read_text_chunks(tmp_path / "t.txt")) == ["a\r\n", "时é\n", "\r"]


def test_json_refuses_a_number_that_is_not_finite_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    artifacts.write_json(path, {"b": 1, "a": 2.5})
    before = path.read_bytes()
    assert before == b'{\n  "a": 2.5,\n  "b": 1\n}\n'
    with pytest.raises(StepaheadError, match="not a finite number"):
        artifacts.write_json(path, {"a": float("nan")})
    assert path.read_bytes() == before


READERS = {
    "csv": artifacts.read_table,
    "json": artifacts.read_json,
    "npy": artifacts.read_array,
    "safetensors": artifacts.read_tensors,
    "txt": artifacts.read_text,
    "chunks.txt": lambda path: list(artifacts.read_text_chunks(path)),
    "chunks.npy": lambda path: list(artifacts.read_array_chunks(path, range(1))),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_missing_artifact_is_named(kind: str, tmp_path: Path) -> None:
    with pytest.raises(StepaheadError, match=f"gone.{kind} is missing; dvc repro makes it"):
        READERS[kind](tmp_path / f"gone.{kind}")


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("content", [b"\xff\x00\xfe{", b"a,b\n1\n\xff"])
def test_a_damaged_artifact_is_named(kind: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"bad.{kind}"
    path.write_bytes(content)
    with pytest.raises(StepaheadError, match=f"bad.{kind} is damaged"):
        READERS[kind](path)


@pytest.mark.parametrize("kept", [0, 7, 60, -1])
def test_a_truncated_artifact_is_named(kept: int, tmp_path: Path) -> None:
    artifacts.write_tensors(tmp_path / "m.safetensors", {"a": np.ones(100)}, {})
    artifacts.write_array(tmp_path / "a.npy", np.float64, [np.ones(100)])
    for path, read in (
        (tmp_path / "m.safetensors", artifacts.read_tensors),
        (tmp_path / "a.npy", artifacts.read_array),
    ):
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(StepaheadError, match=f"{path.name} is damaged"):
            read(path)


@pytest.mark.parametrize(
    "array",
    [np.zeros(3), np.zeros(3, np.int64), np.zeros(3, bool), np.zeros((3, 1), np.uint8), np.uint8(3), np.array(["a"])],
)
@pytest.mark.parametrize("kind", ["npy", "chunks.npy"])
def test_numbers_that_are_no_token_ids_are_refused(array: Any, kind: str, tmp_path: Path) -> None:
    np.save(tmp_path / f"ids.{kind}", array)
    with pytest.raises(StepaheadError, match=rf"ids\.{kind} is damaged .* are no token ids\); delete it and run dvc"):
        READERS[kind](tmp_path / f"ids.{kind}")


@pytest.mark.parametrize("content", ["[" * 100_000, "", "{"])
def test_json_that_cannot_be_parsed_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(StepaheadError, match=r"a\.json is damaged"):
        artifacts.read_json(tmp_path / "a.json")


@pytest.mark.parametrize("about", ["[1]", "null", "7"])
def test_tensors_about_which_nothing_is_said_are_refused(about: str, tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(save({"a": np.ones(2)}, metadata={"about": about}))
    with pytest.raises(StepaheadError, match=r"m\.safetensors is damaged"):
        artifacts.read_tensors(tmp_path / "m.safetensors")


def test_a_word_among_a_tables_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("model,k,mse\nmlp,1,0.5\nmlp,2,\n", encoding="utf-8")
    assert np.nansum(artifacts.read_columns(tmp_path / "t.csv")["mse"]) == 0.5
    (tmp_path / "t.csv").write_text("model,k,mse\nmlp,1,0.5\nmlp,2,x\n", encoding="utf-8")
    with pytest.raises(StepaheadError, match=r"t\.csv is damaged .*both numbers and words"):
        artifacts.read_columns(tmp_path / "t.csv")


WRITERS: dict[str, tuple[Callable[..., None], tuple[Any, ...], tuple[Any, ...]]] = {
    "text": (artifacts.write_text, ("a",), ("é" * 10_000,)),
    "text_chunks": (artifacts.write_text_chunks, (["a"],), (["é"] * 10_000,)),
    "array": (artifacts.write_array, (np.uint8, [np.ones(1)]), (np.uint8, [np.ones(10_000)] * 2)),
    "json": (artifacts.write_json, (["a"],), (["a"] * 10_000,)),
    "metrics": (artifacts.write_metrics, ({"a": 1.0},), ({str(i): 1.0 for i in range(10_000)},)),
    "table": (artifacts.write_table, ({"x": [1]},), ({"x": range(10_000)},)),
    "tensors": (artifacts.write_tensors, ({"a": np.ones(1)}, {}), ({"a": np.ones(10_000)}, {})),
}


def test_every_writer_is_tried_on_a_full_disk() -> None:
    assert {f"write_{kind}" for kind in WRITERS} == {name for name in vars(artifacts) if name.startswith("write_")}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_leaves_the_old_file(kind: str, tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk; Python itself turns its signal into an OSError."""
    write, small, large = WRITERS[kind]
    path = tmp_path / f"result.{kind}"
    write(path, *small)
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StepaheadError, match=rf"result.{kind} cannot be written \(.*\); free the disk or fix"):
            write(path, *large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_is_a_file_is_named(kind: str, tmp_path: Path) -> None:
    write, small, _ = WRITERS[kind]
    (tmp_path / "folder").write_text("in the way", encoding="utf-8")
    with pytest.raises(StepaheadError, match=rf"folder/result.{kind} cannot be written"):
        write(tmp_path / "folder" / f"result.{kind}", *small)
    assert (tmp_path / "folder").read_text(encoding="utf-8") == "in the way"


def test_json_keeps_every_script_readable(tmp_path: Path) -> None:
    artifacts.write_json(tmp_path / "types.json", ["时", "é"])
    assert "时" in (tmp_path / "types.json").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "types.json").read_bytes()) == ["时", "é"]


def test_metrics_have_six_digits_and_none_is_not_finite(tmp_path):
    path = tmp_path / "metrics.json"
    artifacts.write_metrics(path, {"floor": 0.2**2, "ols": {"k1": 0.0417654321, "k64": 123456789.0}, "n": 3})
    assert json.loads(path.read_text()) == {"floor": 0.04, "ols": {"k1": 0.0417654, "k64": 123457000.0}, "n": 3}
    with pytest.raises(StepaheadError, match=r"metrics\.json: ols\.k1 is nan, not a finite number"):
        artifacts.write_metrics(path, {"ols": {"k1": math.nan}})
    assert json.loads(path.read_text())["n"] == 3
