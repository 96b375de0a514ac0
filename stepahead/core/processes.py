"""Independent work side by side, a process for each core, whose results are those of one process."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from stepahead.core import memory
from stepahead.core.errors import StepaheadError

Item = TypeVar("Item")
Result = TypeVar("Result")
_work: Callable[[int], Any]
"""What a child does. It is not sent there: a fork has all that its parent had."""


def cores() -> int:
    """How many this process may use, or what PYTHON_CPU_COUNT says, as from Python 3.13 on."""
    told = os.environ.get("PYTHON_CPU_COUNT", "")
    if told.isdecimal() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def each(function: Callable[[Item], Result], items: Sequence[Item], threads: int = 1) -> list[Result]:
    """What `function` gives for each of `items`, in their order; it must return what can be pickled, and print lines.

    Args:
        threads: that each call uses.

    Raises:
        What `function` raises; the other calls then end at once.
        StepaheadError: a process was killed.
    """
    side_by_side = min(cores() // threads, len(items))
    if side_by_side < 2 or sys.platform != "linux":  # elsewhere a fork may break libraries that it inherits
        return [function(item) for item in items]
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    global _work
    _work = lambda i: function(items[i])  # noqa: E731
    fork = multiprocessing.get_context("fork")
    told = os.getpid(), memory.available() / side_by_side
    with ProcessPoolExecutor(side_by_side, fork, initializer=_begin, initargs=told) as pool:
        try:
            return list(pool.map(_run, range(len(items))))
        except BrokenProcessPool:
            raise StepaheadError(
                "a process of this stage was killed, as a system does when memory runs out; lower the sizes in "
                "params.yaml, or set PYTHON_CPU_COUNT=1 to have one process at a time"
            ) from None
        except BaseException:
            end()
            raise


def end() -> None:
    """End all children, before what they have written is put back."""
    if "multiprocessing" in sys.modules:
        import multiprocessing

        for child in multiprocessing.active_children():
            child.kill()
            child.join()


def _run(i: int) -> Any:
    result = _work(i)
    from stepahead.core import stage

    stage.check_reads()
    return result


def _begin(parent: int, share: float) -> None:
    memory.share = share
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches the parent too, which ends this
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Whoever kills the parent wants this to end too."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
