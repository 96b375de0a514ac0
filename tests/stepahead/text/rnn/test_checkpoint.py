from pathlib import Path

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.checkpoint import Checkpoint, fingerprint


def test_a_state_comes_back_until_it_is_removed(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "folder" / "a.safetensors", seconds=0)
    assert checkpoint.read() is None
    checkpoint.write(lambda: ({"values": np.arange(3.0)}, {"epoch": 7}))
    tensors, about = Checkpoint(checkpoint.path).read() or ({}, {})
    assert tensors["values"].tolist() == [0, 1, 2]
    assert about == {"epoch": 7}
    checkpoint.remove()
    checkpoint.remove()
    assert checkpoint.read() is None


def test_it_is_written_only_when_the_time_has_come(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "a", seconds=1000)
    checkpoint.write(lambda: pytest.fail("too early"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [0, 5, 100])
def test_a_damaged_file_counts_as_none(kept: int, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "a", seconds=0)
    checkpoint.write(lambda: ({"values": np.ones(100)}, {}))
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:kept])
    assert checkpoint.read() is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StepaheadError, match="file/a cannot be written"):
        Checkpoint(tmp_path / "file" / "a", seconds=0).write(lambda: ({}, {}))


def test_a_fingerprint_tells_files_and_settings_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("ab", encoding="utf-8")
    (tmp_path / "b").write_text("", encoding="utf-8")
    first = fingerprint([tmp_path / "a", tmp_path / "b"], {"lr": 1})
    assert first == fingerprint([tmp_path / "a", tmp_path / "b"], {"lr": 1})
    assert first != fingerprint([tmp_path / "a", tmp_path / "b"], {"lr": 2})
    (tmp_path / "a").write_text("a", encoding="utf-8")
    (tmp_path / "b").write_text("b", encoding="utf-8")  # the same bytes, in other files
    assert first != fingerprint([tmp_path / "a", tmp_path / "b"], {"lr": 1})
