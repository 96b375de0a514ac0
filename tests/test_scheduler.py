"""Stages side by side through DVC, in a toy project of one-line stages: what `dvc repro` gives, in less time."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.project import Done, Project

PARALLEL = (sys.executable, "-m", "stepahead.parallel", "2")
KILLS = 6
PARTS = ("a", "b", "c", "d", "e")
# A part says that it began; where there is a file `wait` or `wait-…` with its name, it ends when that is gone.
PIPELINE = """
stages:
  whole:
    cmd: cat parts/* > whole.txt
    deps: [parts]
    metrics: [whole.txt: {cache: false}]
  part:
    matrix: {name: "${parts}"}
    cmd: >-
      echo one line of ${item.name}; touch began-${item.name};
      n=0; while [ -e wait -o -e wait-${item.name} ] && [ $((n+=1)) -lt 5000 ]; do sleep 0.02; done;
      [ ! -e fail-${item.name} ] && mkdir -p parts && cat source.txt > parts/${item.name}
    deps: [source.txt]
    params: [value]
    outs: ["parts/${item.name}"]
  source:
    cmd: echo 1 > source.txt
    deps: [given.txt]
    outs: [source.txt]
"""


@pytest.fixture
def toy(tmp_path: Path, root: Path) -> Project:
    folder = tmp_path / "toy"
    folder.mkdir()
    files = {
        "dvc.yaml": PIPELINE,
        "params.yaml": f"value: 1\nparts: [{', '.join(PARTS)}]\n",
        "given.txt": "given\n",
        ".gitignore": "began-*\nwait*\nfail-*\n/source.txt\n/parts\n",
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    toy = Project(folder)
    toy.environment["PYTHONPATH"] = str(root)
    toy.git("init", "--quiet")
    toy.git("config", "user.name", "test")
    toy.git("config", "user.email", "test@example.org")
    assert toy.dvc("init", "--quiet").code == 0
    toy.commit()
    return toy


def parallel(project: Project, *arguments: str) -> Done:
    return project.run(*PARALLEL, *arguments)


def start(project: Project, log: Path) -> subprocess.Popen[bytes]:
    """Start a run that waits in the middle of its first two parts."""
    (project.folder / "wait").touch()
    process = project.start(*PARALLEL, "repro", log=log)
    while len(list(project.folder.glob("began-*"))) < 2:
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    return process


def lock_of(project: Project) -> bytes:
    return (project.folder / "dvc.lock").read_bytes()


@pytest.fixture
def serial_lock(toy: Project, tmp_path: Path) -> bytes:
    """dvc.lock as plain `dvc repro` writes it."""
    clone = toy.clone(tmp_path / "serial")
    done = clone.dvc("repro")
    assert done.code == 0, done.output
    return lock_of(clone)


def test_two_at_a_time_and_the_same_lock_file(toy: Project, serial_lock: bytes, tmp_path: Path) -> None:
    process = start(toy, tmp_path / "log")  # comes back when two parts run at once
    (toy.folder / "wait").unlink()
    output = (tmp_path / "log").read_text() if process.wait() else ""
    assert process.returncode == 0, output
    assert lock_of(toy) == serial_lock
    lines = (tmp_path / "log").read_text().splitlines()
    assert {f"part@{part} | one line of {part}" for part in PARTS} <= set(lines)
    assert toy.dvc("repro").stages == []
    assert "up to date" in parallel(toy, "repro").output


def test_after_a_failure_nothing_starts_and_what_runs_is_kept(toy: Project, tmp_path: Path) -> None:
    (toy.folder / "fail-a").touch()
    (toy.folder / "wait-b").touch()
    process = start(toy, tmp_path / "log")
    (toy.folder / "wait").unlink()
    while "part@a failed; part@b still to end" not in (tmp_path / "log").read_text():
        assert process.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.02)
    (toy.folder / "wait-b").unlink()
    assert process.wait() != 0
    output = (tmp_path / "log").read_text()
    assert "failed to reproduce part@a" in output
    assert "Traceback" not in output
    assert set(toy.lock()) == {"source", "part@b"}
    (toy.folder / "fail-a").unlink()
    again = parallel(toy, "repro")
    assert again.code == 0, again.output
    assert set(again.stages) == {"part@a", "part@c", "part@d", "part@e", "whole"}
    assert list(toy.lock()) == ["source", *(f"part@{part}" for part in PARTS), "whole"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_killed_or_interrupted_a_later_run_ends_with_the_same(
    number: signal.Signals, toy: Project, serial_lock: bytes, tmp_path: Path
) -> None:
    process = start(toy, tmp_path / "log")
    os.killpg(process.pid, number)
    assert process.wait() != 0
    assert len(list(toy.folder.glob("began-*"))) == 2
    assert "Traceback" not in (tmp_path / "log").read_text()
    (toy.folder / "wait").unlink()
    again = toy.dvc("repro")
    assert again.code == 0, again.output
    assert (
        toy.lock() == yaml.safe_load(serial_lock)["stages"]
    )  # in another order where one part had survived the signal


def test_a_value_tried_before_comes_from_the_run_cache(toy: Project) -> None:
    assert parallel(toy, "repro").code == 0
    before = lock_of(toy)
    toy.set({"value": 2})
    assert len(parallel(toy, "repro").stages) == len(PARTS)  # `whole` does not change with them
    toy.set({"value": 1})
    done = parallel(toy, "repro")
    assert done.code == 0, done.output
    assert done.stages == []
    assert lock_of(toy) == before


def test_an_experiment_is_recorded(toy: Project) -> None:
    assert parallel(toy, "repro").code == 0
    toy.commit()
    done = parallel(toy, "exp", "run", "--name", "two", "-S", "value=2")
    assert done.code == 0, done.output
    assert len(done.stages) == len(PARTS)
    (ref,) = toy.git("for-each-ref", "--format=%(refname)", "refs/exps/**/two").output.split()
    assert "value: 2" in toy.git("show", f"{ref}:params.yaml").output
    assert toy.git("show", f"{ref}:dvc.lock").output.encode() == lock_of(toy)


@pytest.mark.slow
def test_the_pipeline_killed_now_and_then_ends_with_the_same(finished: Project, tmp_path: Path) -> None:
    """From nothing, each time killed somewhere further on; a kill can hit DVC while it writes its list of locks."""
    clone, rng = finished.clone(tmp_path / "clone"), random.Random(7)
    (clone.folder / "dvc.lock").unlink()
    for _ in range(KILLS):
        process = clone.start(*PARALLEL, "repro", log=tmp_path / "log")
        try:
            process.wait(rng.uniform(1, 6))
        except subprocess.TimeoutExpired:  # after its end the number may be another process's
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if "Unable to read RWLock-file" in (tmp_path / "log").read_text():
            (clone.folder / ".dvc/tmp/rwlock").unlink()
    (clone.folder / ".dvc/tmp/rwlock").unlink(missing_ok=True)  # the last kill may have cut it short
    done = parallel(clone, "repro")
    assert done.code == 0, done.output
    assert clone.lock() == finished.lock()
    assert clone.git("status", "--porcelain").output == ""
    assert "up to date" in clone.dvc("status").output
