"""How a stage script runs: one line instead of a traceback for a person's mistake, and nothing lost when it fails."""

import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from stepahead.core import pipeline, processes, restore
from stepahead.core.errors import StepaheadError, printable
from stepahead.core.inputs import Watch

_SIGNALS = {
    signal.SIGINT: "interrupted; dvc repro goes on from here",
    signal.SIGTERM: "told to end; dvc repro goes on from here",
    signal.SIGHUP: "its terminal is gone; dvc repro goes on from here",
}
_watch: Watch | None = None


def begin() -> None:
    """Before a stage's own imports: note its inputs, and from now on lose nothing, however it ends."""
    global _watch
    sys.excepthook = failed
    for number in _SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup wants it
            signal.signal(number, _interrupted)
    _watch = Watch.of_stage()


def begin_command() -> None:
    """Before a command: from now on its errors are told as those of a stage."""
    global _watch
    sys.excepthook = failed
    _watch = Watch(None)


def run(main: Callable[[], None]) -> None:
    """Call `main`, and check that nothing it depends on has changed meanwhile.

    Raises:
        StepaheadError: something has.
    """
    gc.freeze()  # what was imported stays: neither the collector nor the end of the process need look through it
    gc.enable()
    sys.excepthook = failed
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where it knows less than UTF-8
    main()
    if _watch:
        _watch.check()


def check_reads() -> None:
    """Raise the StepaheadError of a file that this process must not open, also where a library swallowed it."""
    if _watch and _watch.refused:
        raise _watch.refused


def failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Put the stage's previous results back and say what is wrong; Python calls this for an error nobody caught."""
    read = set(_watch.opened) if _watch else set()
    _restore()
    told = in_one_line(error)
    changed = [path for path in restore.not_as_recorded(read) if path not in (told or "")]
    if told is None:
        traceback.print_exception(kind, error, trace)
    verb, them = ("is", "it") if len(changed) == 1 else ("are", "them")
    found = f"{', '.join(changed)} {verb} not what dvc.lock records; delete {them} and run dvc repro" if changed else ""
    if told and found:
        found = f"(and {found})"
    if told or found:
        print(f"error: {printable(' '.join(filter(None, [told, found])))}", file=sys.stderr)


def in_one_line(error: BaseException) -> str | None:
    """What a person can do about an error, or None for one that only a programmer can help."""
    if isinstance(error, StepaheadError):
        return str(error)
    of_torch = isinstance(error, RuntimeError) and ("allocate memory" in str(error) or "out of memory" in str(error))
    if isinstance(error, MemoryError) or of_torch:
        found = f" ({error})" if str(error) else ""
        return f"the params ask for more memory than there is{found}; lower the sizes in params.yaml"
    return None


def _interrupted(number: int, _: object) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)  # a second one must not stop the first
    _restore()
    sys.exit(_SIGNALS[signal.Signals(number)])


def _restore() -> None:
    if _watch and _watch.stage:
        processes.end()
        stage, _watch.stage = _watch.stage, None  # once
        lost = restore.restore(stage)
        if lost:
            say(f"cannot be put back from DVC's cache: {', '.join(lost)}; dvc repro makes it")


def matrix_entry(param: str, allowed: Iterable[str], refused: Iterable[str] = ()) -> str:
    """The entry of the stage's matrix to run, which DVC names in DVC_STAGE; `param` lists the entries.

    Those in `refused` pass too: the caller says why it cannot take them.

    Raises:
        StepaheadError: it is none of these, or there is none.
    """
    name, entry = pipeline.running()
    allowed = tuple(allowed)
    if not entry:
        raise StepaheadError(
            f"{name} runs one entry of {param} at a time; name it to DVC: dvc repro {name}@{allowed[-1]}"
        )
    if entry not in (*allowed, *refused):
        raise StepaheadError(f"params.yaml: {param} has the entry {entry!r}; choose from {', '.join(allowed)}")
    return entry


def matrix_outputs(folder: Path, entries: Iterable[str], suffix: str) -> dict[str, Path]:
    """The files that a matrix wrote into `folder`, by its entries.

    DVC leaves the files of entries that are no longer listed. They are deleted here, so that the hash of the folder,
    which a stage depends on, is that of a clone which never had them.
    """
    paths = {entry: folder / f"{entry}{suffix}" for entry in entries}
    if _watch:
        _watch.forget(folder, paths.values())
    for path in set(folder.glob(f"[!.]*{suffix}")) - set(paths.values()):
        path.unlink(missing_ok=True)
    return paths


def say(message: str) -> None:
    """Print a line at once, also when the output goes to a file; that nobody can read it is no reason to stop."""
    try:
        print(printable(message), flush=True)
    except OSError:  # a pipe to head, a terminal that is gone, a full disk; what is kept back would fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
