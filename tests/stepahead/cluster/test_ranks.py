"""A training by several processes gives the bytes of one alone, whatever becomes of them on the way."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from tests.project import ROOT, Project

SETTINGS: dict[str, Any] = {
    "rnn.n_seeds": 1,
    "rnn.shards": 4,
    "rnn.epochs": 2,
    "rnn.dropout_output": 0.2,
    "rnn.dropout_recurrent": 0.1,
}
# A training writes its first checkpoint after ten seconds; this one after every epoch. Run by torchrun.
IMPATIENT = """
import runpy, sys
sys.path.insert(0, ".")
from stepahead.core import numerics
numerics.pin()
from stepahead.text.rnn.checkpoint import Checkpoint
Checkpoint.__init__.__defaults__ = (0.0,)
runpy.run_module("stages.train_rnn", run_name="__main__")
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which all before the trainings has run."""
    project = Project.copy(ROOT, tmp_path_factory.mktemp("ranks") / "project")
    for stage in ("fetch_corpus", "tokenize", "build_vocab"):
        assert (done := project.stage(stage)).code == 0, done.output
    (project.folder / "impatient.py").write_text(IMPATIENT)
    return project


def trained(project: Project, cell: str, options: str = "") -> tuple[bytes, bytes]:
    """The model and its history, by as many processes as the options of torchrun say."""
    done = project.stage("train_rnn", cell, **({"STEPAHEAD_TORCHRUN": options} if options else {}))
    assert done.code == 0, done.output
    return results(project.folder, cell)


def results(folder: Path, cell: str) -> tuple[bytes, bytes]:
    paths = (folder / f"models/text/rnn/{cell}.safetensors", folder / f"reports/training/{cell}.csv")
    contents = tuple(path.read_bytes() for path in paths)
    for path in paths:
        path.unlink()
    return contents


def torchrun(project: Project, log: Path, *options: str) -> subprocess.Popen[bytes]:
    environment = {"DVC_STAGE": "train_rnn@lstm", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    command = (sys.executable, "-m", "torch.distributed.run", *options, "--max-restarts=3", "impatient.py")
    return project.start(*command, log=log, **environment)


def ranks_of(launcher: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for child in psutil.Process(launcher.pid).children() if "impatient.py" in child.cmdline()]


def wait_for_checkpoint(project: Project, launcher: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not [*(project.folder / ".cache/checkpoints").glob("lstm-*.safetensors")]:
        assert launcher.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "sizes"), [("lstm", [2, 4]), ("gru", [2]), ("rnn", [4]), ("scratch", [2])])
def test_one_two_and_four_give_the_same_bytes(cell: str, sizes: list[int], prepared: Project) -> None:
    prepared.set(SETTINGS)
    alone = trained(prepared, cell)
    for size in sizes:
        assert trained(prepared, cell, f"--nproc-per-node={size}") == alone


@pytest.mark.slow
def test_a_killed_rank_is_started_again_and_the_training_goes_on(prepared: Project, tmp_path: Path) -> None:
    prepared.set(SETTINGS | {"rnn.epochs": 60})
    alone, log = trained(prepared, "lstm"), tmp_path / "log"
    launcher = torchrun(prepared, log, "--nproc-per-node=2")
    wait_for_checkpoint(prepared, launcher, log)
    ranks_of(launcher)[1].kill()
    assert launcher.wait(timeout=100) == 0, log.read_text()
    assert "lstm: goes on after epoch" in log.read_text()
    assert results(prepared.folder, "lstm") == alone
    assert not [*(prepared.folder / ".cache/checkpoints").iterdir()]


@pytest.mark.slow
def test_a_lost_machine_comes_back_and_takes_up_the_state_of_the_other(prepared: Project, tmp_path: Path) -> None:
    """It has lost its disk too; both end with the same results."""
    prepared.set(SETTINGS | {"rnn.epochs": 60})
    alone = trained(prepared, "lstm")
    other = prepared.duplicate(tmp_path / "other")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"--rdzv-endpoint=127.0.0.1:{probe.getsockname()[1]}"
    options = ("--nnodes=2", "--nproc-per-node=1", "--rdzv-backend=c10d", endpoint, "--rdzv-id=test")
    logs = [tmp_path / name for name in ("first", "second", "third")]
    first = torchrun(prepared, logs[0], *options)
    time.sleep(2)  # it is to keep the meeting place
    second = torchrun(other, logs[1], *options)
    wait_for_checkpoint(other, second, logs[1])
    for rank in ranks_of(second):
        rank.kill()
    os.killpg(second.pid, signal.SIGKILL)
    second.wait()
    shutil.rmtree(other.folder / ".cache/checkpoints")
    third = torchrun(other, logs[2], *options)
    assert third.wait(timeout=100) == 0, logs[2].read_text()
    assert first.wait(timeout=30) == 0, logs[0].read_text()
    assert "lstm: goes on after epoch" in logs[2].read_text()
    assert results(prepared.folder, "lstm") == results(other.folder, "lstm") == alone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shards", "options", "told"),
    [
        (1, "--nproc-per-node=2", "rnn.shards = 1, which 2 processes cannot share out evenly; use -S rnn.shards=2"),
        (3, "", "rnn.shards = 3, but it must be 1, 2, 4, … and divide rnn.batch_size = 16; change either"),
        (32, "", "rnn.shards = 32, but it must be"),
        (1, "--nproc-per-node=x", "STEPAHEAD_TORCHRUN = --nproc-per-node=x: Unsupported nproc_per_node value: x; see"),
    ],
)
def test_what_cannot_be_shared_is_refused(shards: int, options: str, told: str, prepared: Project) -> None:
    prepared.set(SETTINGS | {"rnn.shards": shards})
    environment = {"STEPAHEAD_TORCHRUN": options} if options else {}
    refused = prepared.stage("train_rnn", "rnn", **environment)
    assert refused.code != 0
    assert told in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_one_process_a_gpu_gives_what_one_gpu_does(prepared: Project) -> None:
    """By nccl; with a single GPU that is a group of one."""
    prepared.set(SETTINGS | {"device": "cuda"})
    alone, devices = trained(prepared, "lstm"), 2 ** (torch.cuda.device_count().bit_length() - 1)
    assert trained(prepared, "lstm", f"--nproc-per-node={min(devices, 4)}") == alone
