"""Many experiments on many machines give what the same experiments give here, one after another."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stepahead.commands.cluster import INSTALL
from tests.project import ROOT
from tests.stepahead.cluster.hosts import Hosts
from tests.stepahead.cluster.tiny import Tiny
from tests.stepahead.cluster.trial import SWEEP, share_by_s3, start_sweep, sweep_on, trial, wait_for


@pytest.mark.slow
def test_on_these_cores_it_needs_no_remote_and_goes_on_where_it_was(tiny: Tiny, tmp_path: Path) -> None:
    with socket.socket() as dask:
        with contextlib.suppress(OSError):
            dask.bind(("127.0.0.1", 8787))  # as another sweep may
            dask.listen()
        done = tiny.sweep("-S", "tau=2,4", "-S", "seed=range(0,2)")
    assert done.code == 0, done.output
    assert done.output.startswith("4 experiments, 0 of them in place already\n1/4 ")
    assert tiny.experiments().keys() == {"tau-2_seed-0", "tau-2_seed-1", "tau-4_seed-0", "tau-4_seed-1"}
    assert tiny.cores() == ["1"] * 4  # as the others are taken by the others
    assert tiny.experiments()["tau-4_seed-1"] == tiny.locally(tmp_path / "clone", "tau-4_seed-1")
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
    tiny.share("../store")
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        refused = tiny.sweep("-S", "tau=2", "--on", address)
        assert refused.output.startswith(f"error: --on = {address}: no Dask scheduler answers there"), refused.output
        assert len(refused.output.splitlines()) == 1
    (tiny.folder / "notes.txt").write_text("mine")
    assert tiny.sweep("-S", "tau=2").output.startswith("error: not committed: notes.txt; workers see only what is")
    assert tiny.computed() == []
    assert tiny.experiments() == {}


@pytest.mark.slow
def test_another_sweep_of_the_same_name_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    """When it has been, and when it goes on beside this one; the same sweep twice is one."""

    def land(name: str, message: str) -> None:
        head = tiny.git("rev-parse", "HEAD").output.strip()
        commit = tiny.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", message).output.strip()
        tiny.git("update-ref", f"refs/exps/{head[:2]}/{head[2:]}/{name}", commit)

    sweep = tiny.start(*SWEEP, "--name=mine", "-S", "tau=2,3,4", "-S", "pause=3", log=tmp_path / "log")
    while not tiny.computed():
        assert sweep.poll() is None, (tmp_path / "log").read_text()
    land("mine-tau-2", "sweep: tau=2 pause=9")
    land("mine-tau-3", "sweep: tau=3 pause=3")
    assert sweep.wait() == 1
    told = (
        "there is another experiment mine-tau-2; give this sweep a name of its own (--name), or remove that one: dvc "
    )
    log = (tmp_path / "log").read_text()
    assert f" mine-tau-2: {told}exp remove mine-tau-2" in log
    assert " mine-tau-3: done" in log
    assert tiny.experiments().keys() == {"mine-tau-2", "mine-tau-3", "mine-tau-4"}
    refused = tiny.sweep("--name", "mine", "-S", "tau=2,9")
    assert refused.code == 1
    assert refused.output == f"error: {told}exp remove mine-tau-2\n"
    assert len(tiny.computed()) == 3


def test_without_the_extra_it_says_what_to_install(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/sitecustomize.py").write_text("import sys; sys.modules['distributed'] = None")
    path = f"{tmp_path / 'hidden'}:{ROOT}"
    refused = tiny.run(sys.executable, "-m", "stepahead", "sweep", "-S", "tau=2", PYTHONPATH=path)
    assert refused.output == f"error: this command needs distributed, which is in an extra: {INSTALL}\n"
    assert "sweep" in tiny.run(sys.executable, "-m", "stepahead", "--help", PYTHONPATH=path).output


@pytest.mark.slow
@pytest.mark.parametrize("store", ["folder", "s3"])
def test_a_death_a_latecomer_and_a_cut(store: str, tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    """benchmarks/cluster.py does it with 40 experiments, and compares all."""
    if store == "s3":
        pytest.importorskip("moto.server", reason="needs moto and flask")
        pytest.importorskip("dvc_s3", reason="needs dvc[s3]")
        share_by_s3(tiny, hosts)
    else:
        tiny.share(str(tmp_path / "store"))
    sweep = ("-S", "tau=range(1,7)", "-S", "seed=range(0,2)")
    trial(hosts, tiny, *sweep)
    names = {f"tau-{tau}_seed-{seed}" for tau in range(1, 7) for seed in range(2)}
    landed, computed = tiny.experiments(), tiny.computed()
    assert landed.keys() == names
    assert len(set(computed)) == 12
    assert len(computed) <= 12 + 1, computed  # again only what the dead worker was at
    assert tiny.locally(tmp_path / "clone", "tau-2_seed-1") == landed["tau-2_seed-1"]
    assert tiny.dvc("exp", "apply", "tau-6_seed-1").code == 0
    assert (tiny.folder / "result.txt").read_text().startswith("6 1\n")
    tiny.git("checkout", "--", ".")
    # what is in the remote is not computed again
    computed = tiny.computed()  # with what the clone did
    tiny.dvc("exp", "remove", "tau-2_seed-1", "tau-5_seed-0")
    again = sweep_on(hosts, tiny, *sweep)
    assert "12 experiments, 10 of them in place already" in again.stdout, again.stderr
    assert tiny.experiments() == landed
    assert tiny.computed() == computed


@pytest.mark.slow
@pytest.mark.parametrize("far", [False, True])
def test_after_ctrl_c_the_same_command_goes_on(far: bool, tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    """On these cores, and on workers that end what they are at and push it."""
    tiny.share(str(tmp_path / "store"))
    arguments = ("-S", "tau=range(2,10)", "-S", "pause=1")
    if far:
        hosts.worker()
        sweep = start_sweep(hosts, tiny, *arguments)
    else:
        sweep = tiny.start(*SWEEP, *arguments, log=tmp_path / "log")
    wait_for(tiny, 2, sweep)
    os.killpg(sweep.pid, signal.SIGINT)
    assert sweep.wait() == 1
    told = hosts.told(sweep) if far else (tmp_path / "log").read_text()
    assert told.endswith("\ninterrupted\n")
    assert "Traceback" not in told
    landed = tiny.experiments()
    assert 2 <= len(landed) < 8
    assert tiny.dvc("exp", "apply", min(landed)).code == 0  # its results are here
    tiny.git("checkout", "--", ".")
    done = sweep_on(hosts, tiny, *arguments) if far else subprocess.CompletedProcess((), tiny.sweep(*arguments).code)
    assert done.returncode == 0, done.stderr
    assert landed.items() <= tiny.experiments().items()
    assert tiny.experiments().keys() == {f"tau-{tau}" for tau in range(2, 10)}
    computed = tiny.computed()
    assert len(set(computed)) == 8
    assert len(computed) == 8 if far else len(computed) <= 8 + os.cpu_count()


@pytest.mark.slow
def test_a_remote_that_takes_nothing_leaves_nothing_half_done(tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    store = tmp_path / "store"
    tiny.share(str(store))
    hosts.worker()
    faults = [(f"touch {store}/files", f"rm {store}/files", "Not a directory")]
    if not hosts.reason:
        read_only = f"mount --bind {store} {store} && mount -o remount,bind,ro {store}"
        faults += [
            (f"mount -t tmpfs -o size=4k none {store}", f"umount {store}", "No space left on device"),
            (read_only, f"umount {store}", "Read-only file system"),
        ]
    for fault, cure, told in faults:
        hosts.at(hosts.places[0], fault)
        done = sweep_on(hosts, tiny, "-S", "tau=2")
        assert done.returncode == 1
        _, line = done.stdout.splitlines()
        assert line.startswith("1/1 tau-2: its results could not be pushed to the DVC remote: ")
        assert told in line
        assert done.stderr == "error: 1 of 1 failed; the same command runs them again\n"
        assert tiny.experiments() == {}
        hosts.at(hosts.places[0], f"! test -e {store}/runs")  # by which another would believe it to be there
        hosts.at(hosts.places[0], cure)
    assert sweep_on(hosts, tiny, "-S", "tau=2").returncode == 0
    assert tiny.experiments().keys() == {"tau-2"}


@pytest.mark.slow
def test_a_remote_that_only_the_workers_see_is_told(tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    if hosts.reason:
        pytest.skip(hosts.reason)
    tiny.share(str(tmp_path / "store"))
    hosts.worker()
    hosts.at(hosts.places[0], f"mount -t tmpfs none {tmp_path / 'store'}")
    done = sweep_on(hosts, tiny, "-S", "tau=2")
    assert done.returncode == 1
    assert "experiments are in place, but this machine does not find their result.txt in the DVC remote" in done.stderr
    assert len(done.stderr.splitlines()) == 1
