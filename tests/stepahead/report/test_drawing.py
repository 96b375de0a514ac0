"""Figures come out the same however many processes draw them, and what goes wrong in one of them is said once."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from stepahead.core.errors import StepaheadError
from stepahead.report import drawing
from stepahead.report.style import panels

# from Python 3.12 on, where the test runner has threads of its own
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def line(label: str) -> Figure:
    figure, (axes,) = panels()
    axes.plot([1, 10, 100], label=label)
    axes.set(title=label, yscale="log")
    axes.legend()
    return figure


def refuse() -> Figure:
    raise StepaheadError("tau = 0 cannot be drawn")


def die() -> Figure:
    os.kill(os.getpid(), signal.SIGKILL)
    return Figure()


def wait(seconds: float, started: Path) -> Figure:
    (started / str(os.getpid())).touch()
    time.sleep(seconds)
    return Figure()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawings = {name: partial(line, name) for name in ("a", "b", "c")}
    for processes in (1, 2):
        monkeypatch.setattr(drawing, "PROCESSES", processes)
        svgs = drawing.save(drawings, tmp_path / str(processes))
        assert list(svgs) == ["a", "b", "c"]
        assert svgs["b"].encode() == (tmp_path / str(processes) / "b.svg").read_bytes()
    assert len(files(tmp_path / "1")) == 6
    assert files(tmp_path / "1") == files(tmp_path / "2")


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_comes_out_as_it_is(processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "PROCESSES", processes)
    with pytest.raises(StepaheadError, match="tau = 0 cannot be drawn"):
        drawing.save({"a": partial(refuse), "b": partial(line, "b")}, tmp_path)
    assert files(tmp_path) == {}


def test_a_killed_process_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "PROCESSES", 2)
    with pytest.raises(StepaheadError, match="a process that draws figures was killed"):
        drawing.save({"a": partial(die), "b": partial(line, "b")}, tmp_path)


# A stage in which one process draws and one has nothing left to do.
STAGE = """
import sys
from functools import partial
from pathlib import Path
from stepahead.core import stage
from stepahead.report import drawing
from tests.stepahead.report.test_drawing import wait
drawing.PROCESSES = 2
folder = Path(sys.argv[1])
stage.begin()
stage.run(lambda: drawing.save({"a": partial(wait, 60, folder), "b": partial(wait, 0, folder)}, folder))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="one process draws")
@pytest.mark.parametrize("kill", ["ctrl-c", "the stage alone"])
def test_no_process_goes_on_without_the_stage(kill: str, root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STAGE, str(tmp_path)]
    process = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while len(list(tmp_path.iterdir())) < 2:
        assert process.poll() is None
        time.sleep(0.5)
    if kill == "ctrl-c":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.kill()
    _, said = process.communicate(timeout=20)  # until the drawing processes, which write to the same pipe, are gone too
    assert said == ("interrupted; dvc repro goes on from here\n" if kill == "ctrl-c" else "")
