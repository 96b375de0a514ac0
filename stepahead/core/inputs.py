"""What a stage reads: only what dvc.yaml declares, and the same from its start to its end.

DVC records params, files and code *after* a stage has run. Had one of them changed meanwhile, the old result would be
kept under the new value, and DVC would say "didn't change" from then on. So a stage notes them before its own imports
and compares at its end. What remains is an edit in the instant between that and DVC's own look at the files.
"""

import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stepahead.core.errors import StepaheadError
from stepahead.core.params import covers, leaves
from stepahead.core.pipeline import Stage, at_start, declared, files, read_stages, read_text, read_yaml
from stepahead.core.plain_yaml import parse

PARAMS, PIPELINE = Path("params.yaml"), Path("dvc.yaml")
BEGIN = "stages/__init__.py"
"""is no dep of any stage: it imports stepahead/core/begin.py and holds nothing else"""
SMALL = 2**20
"""Bytes. A file up to this size is compared by its content, so that touching it changes nothing; a larger one by its
size, the time of its last change and its place on the disk."""

Print = tuple[tuple[int, ...], bytes]
"""a file's size, time and place, and a hash of its content if it is small"""


def fingerprint(paths: Iterable[str], earlier: dict[str, Print] | None = None) -> dict[str, Print]:
    """Each of these files, and of those in these folders that DVC sees there, with its fingerprint.

    One whose size, time and place are those of the `earlier` fingerprint is not read again.
    """
    found = {}
    for name, status in files(paths):
        place = status.st_size, status.st_mtime_ns, status.st_ino
        before = (earlier or {}).get(name)
        regular = stat.S_ISREG(status.st_mode)  # to read a pipe would never end
        if before and before[0] == place:
            found[name] = before
        elif regular:
            found[name] = place, _hash(name) if status.st_size <= SMALL else b""
    return found


def _hash(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 (a Path takes three times as long, and there are some fifty)
        return hashlib.blake2b(file.read(), digest_size=16).digest()


class Watch:
    """The inputs of a process, from its start on; `stage` is None in a command, which may read everything."""

    def __init__(self, stage: Stage | None) -> None:
        self.stage, self.guarding = stage, stage is not None
        self.opened: set[str] = set()
        self.refused: StepaheadError | None = None
        self.files = fingerprint(stage.deps) if stage else {}
        self.root = f"{Path.cwd()}/"
        self.packages = f"{sys.prefix}/"  # a virtual environment may lie in the project's folder
        sys.addaudithook(self._on_event)

    @classmethod
    def of_stage(cls) -> "Watch":
        """Of the running stage, whose settings are read once, here.

        Raises:
            StepaheadError: params.yaml or dvc.yaml is missing, or dvc.yaml has no stages.
        """
        at_start.update({path: read_text(path) for path in (PARAMS, PIPELINE)})
        return cls(declared(read_stages()))

    def check(self) -> None:
        """Compare with the start; what is forbidden, and was swallowed by a library's own `except`, is said again.

        Raises:
            StepaheadError: an input changed meanwhile, or the stage opened a file that it does not declare.
        """
        self.guarding = False
        if self.refused:
            raise self.refused
        if not self.stage:
            return
        changed = [*_changed_params(self.stage), *self._changed_files(self.stage)]
        if changed:
            shown = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
            raise StepaheadError(f"{shown} changed while {self.stage.address} ran; run dvc repro again")

    def forget(self, folder: Path, kept: Iterable[Path]) -> None:
        """What else lies in the folder is no input: leftovers, which any of several stages side by side may delete."""
        inputs = {*map(str, kept)}
        self.files = {
            name: each for name, each in self.files.items() if name in inputs or not Path(name).is_relative_to(folder)
        }

    def _changed_files(self, stage: Stage) -> list[str]:
        now = fingerprint(stage.deps, self.files)
        return sorted(name for name in {*self.files, *now} if not _same(self.files.get(name), now.get(name)))

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python calls this before it opens a file, and at much else: a PyTorch stage has 20,000 events, at 0.1 µs."""
        if event == "open" and not isinstance(arguments[0], int):
            path, _, flags = arguments
            if not flags & (os.O_WRONLY | os.O_RDWR):
                self._on_read(os.fsdecode(path))

    def _on_read(self, path: str) -> None:
        absolute = os.path.normpath(path if path.startswith("/") else self.root + path)
        if not absolute.startswith(self.root) or absolute.startswith(self.packages):
            return
        name = absolute.removeprefix(self.root)
        folder, cached, file = name.rpartition("/__pycache__/")
        if cached:
            name = f"{folder}/{file.partition('.')[0]}.py"
        if _hidden(name):
            return
        self.opened.add(name)
        if self.guarding and self.stage and not _declares(self.stage, name):
            self.refused = StepaheadError(
                f"stage {self.stage.name} opens {name}, which its entry in dvc.yaml does not declare; "
                f"add it, or its folder, to deps: of {self.stage.name} in dvc.yaml"
            )
            raise self.refused


def _declares(stage: Stage, name: str) -> bool:
    return name == BEGIN or any(name == each or name.startswith(f"{each}/") for each in (*stage.deps, *stage.outs))


def _hidden(name: str) -> bool:
    """Caches, tools' own files, and what pip notes of the project."""
    return name.startswith(".") or "/." in name or ".egg-info/" in name


def _same(before: Print | None, now: Print | None) -> bool:
    """Whether two fingerprints are of one content; that of a large file is known by its place alone."""
    return before == now or bool(before and now and before[1] and before[1] == now[1])


def _changed_params(stage: Stage) -> Iterator[str]:
    """The params of the stage that no longer are what they were when it started."""
    text = read_text(PARAMS)
    if text == at_start[PARAMS]:
        return
    try:
        trees = read_yaml(PARAMS), parse(text, PARAMS.name)
        before, now = (dict(leaves(tree)) for tree in trees)
    except (StepaheadError, AttributeError):  # caught while it is edited
        yield PARAMS.name
        return
    for key in sorted({*before, *now}):
        if covers(stage.params, key) and before.get(key) != now.get(key):
            yield f"{key} in params.yaml ({before.get(key)!r}, now {now.get(key)!r})"
