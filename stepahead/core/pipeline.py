"""What dvc.yaml declares of the running stage: DVC decides by that, and by nothing else, what to run again."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core.errors import StepaheadError
from stepahead.core.plain_yaml import parse

ENTRY = re.compile(r"[A-Za-z0-9_]+")
"""An entry of a matrix becomes part of a stage's name and of paths: letters, digits and underscores are just that."""


at_start: dict[Path, str] = {}
"""What `read_yaml` reads in a stage: the files' content when it started, which a person may edit while it runs."""


@dataclass(frozen=True)
class Stage:
    """A stage, or one entry of its matrix: the params, files and folders it reads, and those it writes."""

    name: str
    entry: str = ""
    params: tuple[str, ...] = ()
    deps: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """As DVC writes it, in dvc.lock too."""
        return f"{self.name}@{self.entry}" if self.entry else self.name


def running() -> tuple[str, str]:
    """The name of the stage this process runs and its matrix entry, each "" if there is none.

    DVC says it in DVC_STAGE; without DVC the stage is the module that `python -m stages.NAME` starts.
    """
    address = os.environ.get("DVC_STAGE") or _module().removeprefix("stages.")
    name, _, entry = address.rpartition(":")[2].partition("@")  # run in a subfolder: ../dvc.yaml:train_rnn@gru
    return name, entry


def _module() -> str:
    command = sys.orig_argv  # while the module is looked for, sys.argv does not name it yet
    return command[command.index("-m") + 1] if "-m" in command[:-1] else ""


def read_stages(root: Path = Path()) -> dict[str, dict[str, Any]]:
    """The stages of dvc.yaml by name.

    Raises:
        StepaheadError: there is no dvc.yaml under `root`, or no stages are in it.
    """
    stages = read_yaml(root / "dvc.yaml").get("stages")
    if not isinstance(stages, dict) or not all(isinstance(stage, dict) for stage in stages.values()):
        raise StepaheadError("dvc.yaml has no section of stages; git checkout dvc.yaml brings it back")
    return stages


def declared(stages: Mapping[str, Mapping[str, Any]]) -> Stage:
    """What the running stage declares; nothing at all where it stands in no stage of dvc.yaml."""
    name, entry = running()
    found = stages.get(name, {})
    outs = outputs(found)
    if "matrix" in found:
        outs = [re.sub(r"\$\{item\.\w+\}", entry, path) for path in outs] if ENTRY.fullmatch(entry) else []
    return Stage(name, entry, declared_params(found), tuple(_names(found.get("deps"))), tuple(outs))


def outputs(stage: Mapping[str, Any]) -> list[str]:
    """The paths that a stage's entry of dvc.yaml says it writes, those of a matrix with ${item.…} in them."""
    return [path for kind in ("outs", "metrics", "plots") for path in _names(stage.get(kind))]


def declared_params(stage: Mapping[str, Any]) -> tuple[str, ...]:
    """The dotted keys of params.yaml in a stage's entry of dvc.yaml; a section stands for all its keys."""
    return tuple(key for key in stage.get("params") or () if isinstance(key, str))


def _names(entries: Any) -> list[str]:
    """Of a list in dvc.yaml, whose entries are names, or names with options."""
    return [str(next(iter(entry), "") if isinstance(entry, dict) else entry) for entry in entries or ()]


def files(paths: Iterable[str]) -> Iterator[tuple[str, os.stat_result]]:
    """These files, and those in these folders that DVC sees there; what is missing is left out."""
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116 (a Path takes three times as long, and there are some fifty)
            if not stat.S_ISDIR(status.st_mode):
                yield path, status
                continue
            with os.scandir(path) as entries:
                inside = [e.path for e in entries if not _ignored(e.name) and not (e.is_symlink() and e.is_dir())]
            yield from files(sorted(inside))
        except OSError:  # whoever reads it says so
            continue


def _ignored(name: str) -> bool:
    """As .dvcignore has it: caches, hidden files and editors' copies."""
    return name.startswith(".") or name.endswith(("~", ".pyc")) or name == "__pycache__"


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys and values in a YAML file.

    Raises:
        StepaheadError: it is missing, or holds something else.
    """
    tree = parse(at_start[path] if path in at_start else read_text(path), path.name)
    if not isinstance(tree, dict):
        raise StepaheadError(f"{path.name} must hold keys and values; git checkout {path.name} brings it back")
    return tree


def read_text(path: Path) -> str:
    """The content of a file that a person edits.

    Raises:
        StepaheadError: it is missing, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StepaheadError(f"{path.name} cannot be read ({error}); run from the project's folder") from None
