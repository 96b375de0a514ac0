"""Many experiments on many machines give what the same experiments give here, one after another."""

import sys
import time
from pathlib import Path

import pytest

from stepahead.commands.cluster import INSTALL
from tests.project import ROOT
from tests.stepahead.cluster.conftest import Tiny
from tests.stepahead.cluster.hosts import Hosts

AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


def with_remote(tiny: Tiny, address: str, **settings: str) -> None:
    tiny.dvc("remote", "add", "--default", "store", address)
    for key, value in settings.items():
        tiny.dvc("remote", "modify", "store", key, value)
    tiny.commit()


def locally(tiny: Tiny, folder: Path, *overrides: str) -> str:
    """The tree of an experiment that plain dvc runs in a clone."""
    clone = Tiny(tiny.clone(folder).folder)
    done = clone.dvc("exp", "run", "--name", "here", *(word for each in overrides for word in ("-S", each)))
    assert done.code == 0, done.output
    return clone.experiments()["here"]


@pytest.mark.slow
def test_on_these_cores_it_needs_no_remote_and_goes_on_where_it_was(tiny: Tiny, tmp_path: Path) -> None:
    done = tiny.sweep("-S", "tau=2,4", "-S", "seed=range(0,2)")
    assert done.code == 0, done.output
    assert tiny.experiments().keys() == {"tau-2_seed-0", "tau-2_seed-1", "tau-4_seed-0", "tau-4_seed-1"}
    assert tiny.experiments()["tau-4_seed-1"] == locally(tiny, tmp_path / "clone", "tau=4", "seed=1")
    assert "4.01" in done.output  # in the table
    tiny.dvc("exp", "remove", "tau-4_seed-1")
    again = tiny.sweep("-S", "tau=2,4", "-S", "seed=range(0,2)")
    assert "4 experiments, 3 of them in place already" in again.output
    assert tiny.computed() == ["2 0", "2 1", "4 0", "4 1", "4 1"]  # the last one in the clone
    assert tiny.dvc("exp", "apply", "tau-4_seed-1").code == 0
    assert (tiny.folder / "result.txt").read_text().startswith("4 1\n")


@pytest.mark.slow
def test_a_failing_experiment_says_why_and_the_others_go_on(tiny: Tiny) -> None:
    done = tiny.sweep("-S", "tau=-1,3")
    assert done.code == 1
    assert "tau = -1, but it must be 1 or more; raise it" in done.output
    assert "error: 1 of 2 failed; the same command runs them again" in done.output
    assert tiny.experiments().keys() == {"tau-3"}


@pytest.mark.slow
def test_what_cannot_begin_is_refused_in_one_line(tiny: Tiny) -> None:
    for arguments, told in (
        (["-S", "tau"], "DVC cannot take tau: Error parsing override 'tau'"),
        (["-S", "tau=[1"], "DVC cannot take tau=[1"),
        (["-S", "other=2"], "DVC cannot take other=2: Could not override 'other'"),
        (["-S", "unread=2"], "unread has no effect: no stage reads it"),
        (["-S", "tau=2", "nothing"], "Stage 'nothing' not found"),
        (["-S", "tau=2", "--on", "tcp://127.0.0.1:9"], ".dvc/config names none"),
    ):
        refused = tiny.sweep(*arguments)
        assert refused.code == 1
        assert refused.output.startswith("error: "), refused.output
        assert told in refused.output
        assert len(refused.output.splitlines()) == 1
    with_remote(tiny, "../store")
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        refused = tiny.sweep("-S", "tau=2", "--on", address)
        assert refused.output.startswith(f"error: --on = {address}: no Dask scheduler answers there"), refused.output
        assert len(refused.output.splitlines()) == 1
    (tiny.folder / "notes.txt").write_text("mine")
    assert tiny.sweep("-S", "tau=2").output.startswith("error: not committed: notes.txt; workers see only what is")
    assert tiny.computed() == []
    assert tiny.experiments() == {}


@pytest.mark.slow
def test_another_sweep_of_the_same_name_is_refused(tiny: Tiny) -> None:
    head = tiny.git("rev-parse", "HEAD").output.strip()
    tiny.git("update-ref", f"refs/exps/{head[:2]}/{head[2:]}/mine-tau-2", "HEAD")
    refused = tiny.sweep("--name", "mine", "-S", "tau=2,4")
    assert refused.code == 1
    assert refused.output.startswith("error: there is another experiment mine-tau-2; give this sweep a name of its own")
    assert tiny.computed() == []


def test_without_the_extra_it_says_what_to_install(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/sitecustomize.py").write_text("import sys; sys.modules['distributed'] = None")
    path = f"{tmp_path / 'hidden'}:{ROOT}"
    refused = tiny.run(sys.executable, "-m", "stepahead", "sweep", "-S", "tau=2", PYTHONPATH=path)
    assert refused.output == f"error: this command needs distributed, which is in an extra: {INSTALL}\n"
    assert "sweep" in tiny.run(sys.executable, "-m", "stepahead", "--help", PYTHONPATH=path).output


@pytest.mark.slow
def test_forty_experiments_a_death_a_latecomer_and_a_cut(tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    with_remote(tiny, str(tmp_path / "store"))
    hosts.worker()
    hosts.worker()
    command = ("-m", "stepahead", "sweep", "-S", "tau=range(1,11)", "-S", "seed=range(0,4)", "--on", hosts.address)
    sweep = hosts.start(sys.executable, *command, cwd=tiny.folder)
    in_place(tiny, 3)
    hosts.kill(1)
    hosts.worker()
    in_place(tiny, 8)
    hosts.cut(2, 10)
    assert sweep.wait(timeout=200) == 0, (tmp_path / "log-6").read_text()
    names = {f"tau-{tau}_seed-{seed}" for tau in range(1, 11) for seed in range(4)}
    assert tiny.experiments().keys() == names
    computed = tiny.computed()
    assert len(set(computed)) == 40
    assert len(computed) <= 40 + 1, computed  # again only what the dead worker was at
    for tau, seed in ((2, 1), (10, 3)):
        here = locally(tiny, tmp_path / f"clone-{tau}", f"tau={tau}", f"seed={seed}")
        assert tiny.experiments()[f"tau-{tau}_seed-{seed}"] == here
    assert tiny.dvc("exp", "apply", "tau-7_seed-2").code == 0
    assert (tiny.folder / "result.txt").read_text().startswith("7 2\n")
    tiny.git("checkout", "--", ".")
    # what is in the remote is not computed again
    before = tiny.computed()
    tiny.dvc("exp", "remove", "tau-2_seed-1", "tau-10_seed-3")
    again = hosts.run(sys.executable, *command, cwd=tiny.folder)
    assert "40 experiments, 38 of them in place already" in again.stdout, again.stderr
    assert tiny.experiments().keys() == names
    assert tiny.computed() == before


@pytest.mark.slow
def test_over_s3(tiny: Tiny, hosts: Hosts) -> None:
    pytest.importorskip("moto.server", reason="needs moto and flask")
    pytest.importorskip("dvc_s3", reason="needs dvc[s3]")
    hosts.environment |= AWS | {"AWS_EC2_METADATA_DISABLED": "true"}
    with_remote(tiny, "s3://store/results", endpointurl=hosts.s3())
    hosts.worker()
    hosts.worker()
    command = ("-m", "stepahead", "sweep", "-S", "tau=range(2,8)", "--on", hosts.address)
    done = hosts.run(sys.executable, *command, cwd=tiny.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert tiny.experiments().keys() == {f"tau-{tau}" for tau in range(2, 8)}
    assert tiny.dvc("exp", "apply", "tau-7").code == 0
    assert (tiny.folder / "result.txt").read_text().startswith("7 0\n")


@pytest.mark.slow
def test_a_remote_that_refuses_leaves_nothing_half_done(tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    (tmp_path / "store/files").write_text("no folder")
    with_remote(tiny, str(tmp_path / "store"))
    hosts.worker()
    command = ("-m", "stepahead", "sweep", "-S", "tau=2", "--on", hosts.address)
    done = hosts.run(sys.executable, *command, cwd=tiny.folder)
    assert done.returncode == 1
    assert "tau-2: its results could not be pushed to the DVC remote: " in done.stdout
    assert done.stderr == "error: 1 of 1 failed; the same command runs them again\n"
    assert tiny.experiments() == {}
    (tmp_path / "store/files").unlink()
    assert hosts.run(sys.executable, *command, cwd=tiny.folder).returncode == 0
    assert tiny.experiments().keys() == {"tau-2"}


def in_place(tiny: Tiny, n: int) -> None:
    deadline = time.monotonic() + 100
    while len(tiny.experiments()) < n:
        assert time.monotonic() < deadline, "the sweep makes no progress"
        time.sleep(0.2)
