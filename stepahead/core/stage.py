"""How a stage script runs: one line instead of a traceback for a person's mistake, and nothing lost when it fails."""

import gc
import hashlib
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from stepahead.core import params
from stepahead.core.errors import StepaheadError, printable

CACHE = Path(".dvc/cache/files/md5")


def run(main: Callable[[], None]) -> None:
    """Call `main`; on failure put the stage's previous results back and exit non-zero."""
    gc.freeze()  # what was imported stays: neither the collector nor the end of the process need look through it
    gc.enable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where it knows less than UTF-8
    try:
        main()
    except Exception as error:
        told = in_one_line(error)
        _restore_outputs()
        if told is None:
            raise
        sys.exit(f"error: {told}")
    except BaseException:
        _restore_outputs()
        raise


def in_one_line(error: Exception) -> str | None:
    """What a person can do about an error, or None for one that only a programmer can help.

    What a file holds is not checked in every detail. So whatever the error: a file that is not what its stage wrote,
    as dvc.lock tells by its checksum, is named.
    """
    told = str(error) if isinstance(error, StepaheadError) else None
    if isinstance(error, MemoryError):
        told = "the params ask for more memory than there is; lower the sizes in params.yaml"
    changed = [path for path in map(str, _changed()) if path not in (told or "")]
    if not changed:
        return told
    verb, them = ("is", "it") if len(changed) == 1 else ("are", "them")
    found, way_out = f"{', '.join(changed)} {verb} not what dvc.lock records", f"delete {them} and run dvc repro"
    if told:
        return f"{told} (and {found}; {way_out})"
    return printable(f"{found}, and cannot be used ({type(error).__name__}: {error}); {way_out}")


def stop_on_interrupt() -> None:
    """From now on Ctrl-C puts the stage's previous results back and ends it with one line, also during its imports."""
    signal.signal(signal.SIGINT, _interrupted)


def _interrupted(*_: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the first
    _restore_outputs()
    sys.exit("interrupted; dvc repro goes on from here")


def matrix_entry(param: str, allowed: Iterable[str], refused: Iterable[str] = ()) -> str:
    """The entry of the stage's matrix to run, which DVC names in DVC_STAGE; `param` lists the entries.

    Those in `refused` pass too: the caller says why it cannot take them.

    Raises:
        StepaheadError: it is none of these.
    """
    _, _, entry = os.environ.get("DVC_STAGE", "").partition("@")
    allowed = tuple(allowed)
    if entry not in (*allowed, *refused):
        raise StepaheadError(f"params.yaml: {param} has the entry {entry!r}; choose from {', '.join(allowed)}")
    return entry


def matrix_outputs(folder: Path, entries: Iterable[str], suffix: str) -> dict[str, Path]:
    """The files that a matrix wrote into `folder`, by its entries.

    DVC leaves the files of entries that are no longer listed. They are deleted here, so that the hash of the folder,
    which a stage depends on, is that of a clone which never had them.
    """
    paths = {entry: folder / f"{entry}{suffix}" for entry in entries}
    for path in set(folder.glob(f"[!.]*{suffix}")) - set(paths.values()):
        path.unlink(missing_ok=True)
    return paths


def say(message: str) -> None:
    """Print a line at once, also when the output goes to a file."""
    print(printable(message), flush=True)


def _restore_outputs() -> None:
    """Bring back from DVC's cache what dvc.lock says the stage made last: DVC deletes it before it starts the stage."""
    for path, md5 in _outputs(_recorded().get(os.environ.get("DVC_STAGE", ""), {})):
        stored = CACHE / md5[:2] / md5[2:]
        if stored.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # what the stage had written by then
            shutil.copyfile(stored, path)


def _changed() -> Iterator[Path]:
    """The files that are not what dvc.lock records: of those the running stage depends on, or in a command of all."""
    deps = [Path()]
    with suppress(StepaheadError):
        deps = params.declared_deps() or deps
    for stage in _recorded().values():
        for path, md5 in _outputs(stage):
            if any(path.is_relative_to(dep) for dep in deps) and _md5(path) not in (md5, None):
                yield path


def _md5(path: Path) -> str | None:
    """The checksum that DVC takes of a file, or None where it cannot be read, which whoever reads it says itself."""
    with suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
    return None


def _recorded() -> dict[str, dict[str, Any]]:
    """The stages in dvc.lock; none where there is no such file, or a damaged one."""
    with suppress(StepaheadError, KeyError):
        return dict(params.read_yaml(Path("dvc.lock"))["stages"])
    return {}


def _outputs(stage: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The files that a stage wrote, and their checksums."""
    for out in stage.get("outs", []):
        path, md5 = Path(out["path"]), str(out["md5"])
        listing = CACHE / md5[:2] / md5[2:]
        if not md5.endswith(".dir"):
            yield path, md5
        elif listing.exists():
            for entry in json.loads(listing.read_text(encoding="utf-8")):
                yield path / entry["relpath"], entry["md5"]
