"""Where a long training goes on after it was killed: its state, kept outside DVC's outputs until it is done."""

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from stepahead.core.artifacts import Array, read_tensors, write_tensors
from stepahead.core.errors import StepaheadError

State = tuple[Mapping[str, Array], Mapping[str, Any]]
"""Arrays by name, and what JSON can hold."""


def fingerprint(files: Iterable[Path], settings: Mapping[str, Any]) -> str:
    """A hash of the content of `files` and of `settings`: what a training's result depends on."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in files:
        with path.open("rb") as file:  # not all at once: a corpus may be longer than memory
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


class Checkpoint:
    """The file `path`, which holds the state of one training, written at most once in `seconds`."""

    def __init__(self, path: Path, seconds: float = 10.0) -> None:
        self.path, self.seconds, self.written = path, seconds, time.monotonic()

    def read(self) -> State | None:
        """The state that was written last, or None where there is none, or the file is damaged or another's."""
        with contextlib.suppress(StepaheadError):
            tensors, about = read_tensors(self.path)
            return (tensors, about) if about.pop("of", None) == self.path.stem else None
        return None

    def write(self, state: Callable[[], State]) -> None:
        """Write what `state` gives, if the time for it has come.

        Raises:
            StepaheadError: the disk is full or its rights do not allow it.
        """
        if time.monotonic() - self.written >= self.seconds:
            tensors, about = state()
            write_tensors(self.path, tensors, {**about, "of": self.path.stem})
            self.written = time.monotonic()

    def remove(self) -> None:
        """The training is done: its result is in DVC's outputs."""
        with contextlib.suppress(OSError):  # there is none, or somebody made a folder of its name
            self.path.unlink()
