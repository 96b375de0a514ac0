"""How a stage script runs: one line instead of a traceback for a person's mistake, and nothing lost when it fails."""

import gc
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import yaml

from stepahead.errors import StepaheadError, printable


def run(main: Callable[[], None]) -> None:
    """Call `main`; on failure put the stage's previous results back and exit non-zero."""
    gc.freeze()  # what was imported stays: neither the collector nor the end of the process need look through it
    gc.enable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where it knows less than UTF-8
    try:
        main()
    except StepaheadError as error:
        _restore_outputs()
        sys.exit(f"error: {error}")
    except MemoryError:
        _restore_outputs()
        sys.exit("error: the params ask for more memory than there is; lower the sizes in params.yaml")
    except BaseException:
        _restore_outputs()
        raise


def stop_on_interrupt() -> None:
    """From now on Ctrl-C puts the stage's previous results back and ends it with one line, also during its imports."""
    signal.signal(signal.SIGINT, _interrupted)


def _interrupted(*_: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the first
    _restore_outputs()
    sys.exit("interrupted; dvc repro goes on from here")


def matrix_entry(param: str, allowed: Iterable[str], refused: Iterable[str] = ()) -> str:
    """The entry of the stage's matrix to run, which is the only command-line argument; `param` lists the entries.

    Those in `refused` pass too: the caller says why it cannot take them.

    Raises:
        StepaheadError: it is none of these.
    """
    entry, allowed = " ".join(sys.argv[1:]), tuple(allowed)
    if entry not in (*allowed, *refused):
        raise StepaheadError(f"params.yaml: {param} has the entry {entry!r}; choose from {', '.join(allowed)}")
    return entry


def say(message: str) -> None:
    """Print a line at once, also when the output goes to a file."""
    print(printable(message), flush=True)


def _restore_outputs() -> None:
    """Bring back from DVC's cache what dvc.lock says the stage made last: DVC deletes it before it starts the stage."""
    stage, lock, cache = os.environ.get("DVC_STAGE"), Path("dvc.lock"), Path(".dvc/cache/files/md5")
    if stage is None or not lock.exists():
        return
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    previous = yaml.load(lock.read_text(encoding="utf-8"), Loader=loader)["stages"].get(stage, {})
    for out in previous.get("outs", []):
        for path, md5 in _files(Path(out["path"]), out["md5"], cache):
            stored = cache / md5[:2] / md5[2:]
            if stored.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)  # what the stage had written by then
                shutil.copyfile(stored, path)


def _files(path: Path, md5: str, cache: Path) -> Iterator[tuple[Path, str]]:
    listing = cache / md5[:2] / md5[2:]
    if not md5.endswith(".dir"):
        yield path, md5
    elif listing.exists():
        for entry in json.loads(listing.read_text(encoding="utf-8")):
            yield path / entry["relpath"], entry["md5"]
