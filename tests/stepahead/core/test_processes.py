"""Work side by side: the same results as one after another, and nothing left running, however it ends."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stepahead.core import memory, processes
from stepahead.core.errors import StepaheadError

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
FOREVER = """
import sys, time
from pathlib import Path
from stepahead.core import memory, processes

def work(name):
    Path(sys.argv[1], name).touch()
    while True:
        time.sleep(0.1)
        Path(sys.argv[1], name).touch()

processes.each(work, ["a", "b"])
"""


def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_CPU_COUNT", "2")


@linux
def test_results_come_in_the_order_of_the_items_from_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    two_cores(monkeypatch)
    offset = 100  # of this function: what the children compute with needs no name of its own

    def work(item: float) -> tuple[float, int]:
        time.sleep(item)
        return offset + item, os.getpid()

    found = processes.each(work, [0.2, 0.0, 0.1])
    assert [result for result, _ in found] == [100.2, 100.0, 100.1]
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.parametrize(("cores", "items", "threads"), [("1", 3, 1), ("2", 1, 1), ("2", 3, 2), ("2", 0, 1)])
def test_there_are_no_more_processes_than_there_is_work_and_cores_for(
    cores: str, items: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_CPU_COUNT", cores)
    assert processes.each(lambda _: os.getpid(), range(items), threads) == [os.getpid()] * items


@linux
@pytest.mark.parametrize("told", ["", "0", "many"])
def test_without_a_number_there_are_as_many_as_this_process_may_use(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_CPU_COUNT", told)
    assert processes.cores() == len(os.sched_getaffinity(0))


@linux
def test_an_error_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    two_cores(monkeypatch)

    def work(item: int) -> None:
        if item:
            time.sleep(600)
        raise StepaheadError("rnn.lr = 9: the loss is no longer finite")

    with pytest.raises(StepaheadError, match=r"^rnn.lr = 9: the loss is no longer finite$"):
        processes.each(work, [0, 1])
    assert multiprocessing.active_children() == []


@linux
def test_a_process_that_is_killed_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    two_cores(monkeypatch)
    with pytest.raises(StepaheadError, match="lower the sizes in params"):
        processes.each(lambda _: os.kill(os.getpid(), signal.SIGKILL), [0, 1])


@linux
def test_processes_side_by_side_share_the_memory_that_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is asked before the other has taken any."""
    monkeypatch.setattr(memory, "available", lambda: 10e9)

    def check(n_bytes: float) -> None:
        memory.check(n_bytes, "rnn.num_hiddens = 9", "lower it")

    two_cores(monkeypatch)
    processes.each(check, [4e9, 5e9])
    way_out = "5 GB are free; lower it, or set PYTHON_CPU_COUNT=1 to have one process at a time"
    with pytest.raises(StepaheadError, match=way_out):
        processes.each(check, [1e9, 6e9])
    with pytest.raises(StepaheadError, match=r"GB are free; lower it$"):
        processes.each(check, [1e9, 11e9])
    monkeypatch.setenv("PYTHON_CPU_COUNT", "1")
    processes.each(check, [6e9, 6e9])


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_the_first_process_ends_the_others(number: signal.Signals, tmp_path: Path, root: Path) -> None:
    environment = os.environ | {"PYTHON_CPU_COUNT": "2"}
    process = subprocess.Popen([sys.executable, "-c", FOREVER, tmp_path], cwd=root, env=environment, stderr=-3)
    names = {"a", "b"}
    while {path.name for path in tmp_path.iterdir()} != names:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    process.wait()
    while any(path.stat().st_mtime > time.time() - 1 for path in tmp_path.iterdir()):  # as long as one is at work
        time.sleep(0.1)
