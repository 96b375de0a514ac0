"""Kill it anywhere, or press Ctrl-C: what comes out in the end is what an uninterrupted run gives."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project import Project

KILLS = 25
# DVC writes two files of its own in place. What it says when a kill has cut them short; docs/reproducibility.md has the
DAMAGED = r"Unable to read RWLock-file|dvc\.lock' (validation failed|is invalid)"
MEND = ("rm", "-f", ".dvc/tmp/rwlock", "dvc.lock")
# A training of a minute or more writes its first checkpoint after ten seconds; this one after one.
IMPATIENT = """
import runpy
from stepahead.core import numerics
numerics.pin()
from stepahead.text.rnn.checkpoint import Checkpoint
Checkpoint.__init__.__defaults__ = (1.0,)
runpy.run_module("stages.train_rnn", run_name="__main__")
"""


def mend(project: Project, output: str) -> None:
    assert re.search(DAMAGED, output), output
    project.run(*MEND)


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_results(finished: Project, tmp_path: Path) -> None:
    """Each kill hits where the run has come to by then; a run that gets through is compared and starts from nothing."""
    clone, rng, kills = finished.clone(tmp_path / "clone"), random.Random(5), 0
    (clone.folder / "dvc.lock").unlink()
    while kills < KILLS:
        process = clone.start("dvc", "repro", log=tmp_path / "log")
        try:
            code = process.wait(rng.uniform(0.3, 5))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        if code != 0:  # the kill before it hit DVC while it wrote a file of its own
            mend(clone, (tmp_path / "log").read_text())
            continue
        assert clone.lock() == finished.lock()
        clone.git("clean", "-xdfq")
        (clone.folder / "dvc.lock").unlink()
    done = clone.dvc("repro")
    if done.code != 0:
        mend(clone, done.output)
        done = clone.dvc("repro")
    assert done.code == 0, done.output
    assert clone.lock() == finished.lock()
    assert clone.git("status", "--porcelain").output == ""  # the metrics in git too
    assert not [path for path in clone.folder.rglob(".*.tmp") if ".dvc" not in path.parts]
    assert clone.dvc("status").output.strip() == "Data and pipelines are up to date."


@pytest.mark.slow
def test_where_a_kill_hit_dvc_itself_the_docs_know_the_way_out(finished: Project, root: Path, tmp_path: Path) -> None:
    project = finished.duplicate(tmp_path / "copy")
    for damaged, content in ((".dvc/tmp/rwlock", ""), ("dvc.lock", "schema: '2.0'\nstages:\n  generate_series:\n  cm")):
        (project.folder / damaged).write_text(content, encoding="utf-8")
        stopped = project.dvc("repro")
        assert stopped.code != 0
        assert re.search(DAMAGED, stopped.output), stopped.output
        assert f"`{' '.join(MEND)}`" in (root / "docs/reproducibility.md").read_text(encoding="utf-8")
        project.run(*MEND)
        mended = project.dvc("repro")
        assert mended.code == 0, mended.output
        assert mended.stages == []  # all of it from the run cache
        assert project.lock() == finished.lock()


@pytest.mark.slow
def test_a_long_training_goes_on_from_its_checkpoint(project: Project, tmp_path: Path) -> None:
    """The result is that of a training in one go."""
    project.set({"rnn.epochs": 1000})
    model, saved = project.folder / "models/text/rnn/rnn.safetensors", project.folder / ".cache/checkpoints"
    stage = {"DVC_STAGE": "train_rnn@rnn"}
    training = project.start(sys.executable, "-c", IMPATIENT, log=tmp_path / "log", **stage)
    while training.poll() is None and not any(saved.glob("rnn-*.safetensors")):
        time.sleep(0.02)
    os.killpg(training.pid, signal.SIGKILL)
    training.wait()
    states = [*saved.iterdir()]  # of one weight seed, or of both where they train side by side
    resumed = project.stage("train_rnn", "rnn")
    assert resumed.code == 0, resumed.output
    assert "of 2: goes on after epoch" in resumed.output
    assert not any(state.exists() for state in states if state.suffix == ".safetensors")
    content = model.read_bytes()
    again = project.stage("train_rnn", "rnn")
    assert "goes on" not in again.output
    assert model.read_bytes() == content


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["> python -m stages.train_rnn", "tokens/s"])
def test_ctrl_c_stops_at_once_and_says_how_to_go_on(moment: str, project: Project, tmp_path: Path) -> None:
    """During a stage's own imports, and in the middle of a training that would take minutes."""
    models = {path: path.read_bytes() for path in (project.folder / "models").rglob("*.safetensors")}
    log = tmp_path / "log"
    project.set({"rnn.epochs": 10000})
    process = project.start("dvc", "repro", "train_rnn", log=log)
    while moment not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    process.wait()
    assert process.returncode != 0
    output = log.read_text()
    assert moment in output
    assert "interrupted; dvc repro goes on from here" in output
    assert "Traceback" not in output
    assert {path: path.read_bytes() for path in models} == models  # DVC deleted one of them before the stage ran
