"""A failed stage loses nothing: what DVC deleted before it started the stage is put back from DVC's cache.

(DVC keeps an output in its place with `persist: true`, but then keeps no cache of runs for the stage: going back to a
value already tried would train again.)

dvc.lock and the cache come from other people's machines. So only paths that dvc.yaml declares as outputs of the
running stage are written, inside the project's folder, and only content of the checksum that dvc.lock names.
"""

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from stepahead.core.errors import StepaheadError
from stepahead.core.pipeline import Stage, read_yaml

_FILE, _FOLDER = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{32}\.dir")


def restore(stage: Stage) -> list[str]:
    """Put the stage's last results back; returns those for which that cannot be done."""
    cache, lost = cache_folder(), list[str]()
    for name, md5 in _recorded(stage.address):
        if name in stage.outs:
            try:
                lost += _put_back(Path(name), md5, cache) if _inside(name) else [name]
            except (OSError, ValueError):  # the latter of a name that the system cannot have
                lost.append(name)
    return lost


def _put_back(path: Path, md5: str, cache: Path) -> Iterator[str]:
    """Bring back a file or a folder; yields what is lost of it."""
    if _FILE.fullmatch(md5):
        if not _copy(cache, md5, path):
            yield str(path)
        return
    listed = _listing(md5, cache) if _FOLDER.fullmatch(md5) else None
    if listed is None:
        yield str(path)
        return
    if path.is_symlink() or not path.is_dir():
        _delete(path)
    there = {file for file in path.rglob("*") if file.is_symlink() or not file.is_dir()}
    for other in there - {path / name for name in listed}:
        other.unlink()  # what the stage had written by then, and links that lead elsewhere
    path.mkdir(parents=True, exist_ok=True)
    yield from (str(path / name) for name, of_file in listed.items() if not _copy(cache, of_file, path / name))


def _copy(cache: Path, md5: str, path: Path) -> bool:
    """Replace a file by the content of this checksum, if the cache has it."""
    temporary = path.with_name(f".{path.name}.tmp")
    if not path.is_symlink() and _md5(path) == md5:
        return True
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # it may be a link that leads elsewhere
        with _stored(cache, md5).open("rb") as source, temporary.open("xb") as copy:
            digest = hashlib.md5(usedforsecurity=False)
            while chunk := source.read(2**20):
                digest.update(chunk)
                copy.write(chunk)
        if digest.hexdigest() != md5:
            return False
        _delete(path)
        temporary.replace(path)
        return True
    except OSError:
        return False
    finally:
        temporary.unlink(missing_ok=True)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _listing(md5: str, cache: Path) -> dict[str, str] | None:
    """The files of a folder with this checksum and their own, or None if the cache does not have just that."""
    try:
        content = _stored(cache, md5).read_bytes()
        listed = {str(entry["relpath"]): str(entry["md5"]) for entry in json.loads(content)}
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None
    whole = f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}.dir" == md5
    good = all(_relative(name) and _FILE.fullmatch(of_file) for name, of_file in listed.items())
    return listed if whole and good else None


def _stored(cache: Path, md5: str) -> Path:
    return cache / md5[:2] / md5[2:]


def _inside(name: str) -> bool:
    """Whether a path stays in the project's folder, also by links on the way."""
    return _relative(name) and Path(name).parent.resolve().is_relative_to(Path.cwd())


def _relative(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parts != () and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def cache_folder() -> Path:
    """Where DVC keeps files by their checksum, as its configuration says."""
    with contextlib.suppress(Exception):  # DVC says what is wrong with its configuration
        from dvc.config import Config

        folder = Config(".dvc")["cache"].get("dir")
        return Path(folder or ".dvc/cache") / "files/md5"
    return Path(".dvc/cache/files/md5")


def not_as_recorded(paths: Iterable[str]) -> list[str]:
    """Those of these files that a stage wrote, as dvc.lock says, and that now have another checksum."""
    cache, paths = cache_folder(), set(paths)
    return [
        name
        for name, md5 in sorted(set(_files(_recorded(), cache)))
        if name in paths and _md5(Path(name)) not in (md5, None)
    ]


def as_it_was_for(output: Path, dep: Path) -> bool:
    """Whether a file is what it was when the stage that wrote `output` read it, as far as dvc.lock knows."""
    wrote = [each for _, each in _stages() if any(output.is_relative_to(out) for out, _ in _paths(each.get("outs")))]
    then = {md5 for each in wrote for name, md5 in _paths(each.get("deps")) if name == str(dep)}
    return then <= {_md5(dep)}


def _files(recorded: Iterable[tuple[str, str]], cache: Path) -> Iterator[tuple[str, str]]:
    for name, md5 in recorded:
        if _FILE.fullmatch(md5):
            yield name, md5
        elif _FOLDER.fullmatch(md5):
            yield from ((f"{name}/{inside}", of_file) for inside, of_file in (_listing(md5, cache) or {}).items())


def _md5(path: Path) -> str | None:
    """The checksum that DVC takes of a file, or None where it cannot be read, which whoever reads it says itself."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
    return None


def _recorded(address: str | None = None) -> Iterator[tuple[str, str]]:
    """The path and checksum of each output in dvc.lock, or of one stage's; whatever is no such pair is left out."""
    for name, stage in _stages():
        if address in (None, name):
            yield from _paths(stage.get("outs"))


def _stages() -> Iterator[tuple[Any, Mapping[Any, Any]]]:
    with contextlib.suppress(StepaheadError):
        stages = read_yaml(Path("dvc.lock")).get("stages")
        for name, stage in stages.items() if isinstance(stages, dict) else ():
            if isinstance(stage, Mapping):
                yield name, stage


def _paths(entries: Any) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else ():
        found: Any = entry if isinstance(entry, Mapping) else {}
        yield str(found.get("path")), str(found.get("md5"))
