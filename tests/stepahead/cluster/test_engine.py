"""Workers are what the client is, and whoever may not run code here cannot."""

import re
import sys
import time
from pathlib import Path

import pytest

from stepahead.core.errors import StepaheadError
from tests.project import ROOT
from tests.stepahead.cluster.conftest import Tiny
from tests.stepahead.cluster.hosts import Hosts
from tests.stepahead.cluster.test_sweep import with_remote


@pytest.mark.slow
def test_a_worker_with_other_packages_is_refused(tiny: Tiny, hosts: Hosts, tmp_path: Path) -> None:
    other = tmp_path / "other/scipy-0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: scipy\nVersion: 0.1\n")
    with_remote(tiny, str(tmp_path / "store"))
    command = (sys.executable, "-m", "stepahead", "sweep", "-S", "tau=2", "--on", hosts.address)
    none = hosts.run(*command, cwd=tiny.folder)
    way_out = f"in a clone of this project: python -m dask worker {hosts.address}\n"
    assert none.stderr == f"error: --on = {hosts.address}: it has no workers; start one {way_out}"
    hosts.worker(PYTHONPATH=f"{other.parent}:{ROOT}")
    refused = hosts.run(*command, cwd=tiny.folder)
    assert refused.returncode == 1
    assert "has scipy 0.1 (here 1." in refused.stderr
    assert refused.stderr.endswith("; install the same there, and start it again\n")
    assert len(refused.stderr.splitlines()) == 1
    hosts.kill(1)
    hosts.worker(PYTHONPATH="")
    nothing = hosts.run(*command, cwd=tiny.folder)
    assert "No module named" in nothing.stderr
    assert nothing.stderr.endswith("; start it " + way_out)
    assert len(nothing.stderr.splitlines()) == 1
    assert tiny.computed() == []


def test_a_worker_that_joins_late_is_held_to_the_same() -> None:
    pytest.importorskip("distributed", reason="needs the extra: pip install --editable '.[cluster]'")
    from stepahead.cluster.engine import difference, environment
    from stepahead.cluster.many import CODE, Config, score_part

    here = environment(CODE)
    assert here["Python"].split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert difference(here, environment(CODE)) == ""
    assert difference(here, environment(("cluster",))).startswith("stepahead ")
    config = Config(4, "drop", ("ols",), (), 2, 10, (1,), 0, 0.6, 1, ())
    told = f"a worker that joined late has torch {here['torch']} (here 0.9)"
    with pytest.raises(StepaheadError, match=re.escape(told)):
        score_part([], config, here | {"torch": "0.9"})


@pytest.mark.slow
def test_a_stranger_that_joins_late_is_left_out_and_costs_no_experiment(
    tiny: Tiny, hosts: Hosts, tmp_path: Path
) -> None:
    other = tmp_path / "other/scipy-0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: scipy\nVersion: 0.1\n")
    with_remote(tiny, str(tmp_path / "store"))
    hosts.worker()
    command = ("-m", "stepahead", "sweep", "-S", "tau=range(2,8)", "-S", "pause=2", "--on", hosts.address)
    sweep = hosts.start(sys.executable, *command, cwd=tiny.folder)
    log = tmp_path / f"log-{len(hosts.processes) - 1}"
    while "6 experiments" not in log.read_text():
        assert sweep.poll() is None, log.read_text()
        time.sleep(0.1)
    hosts.worker(PYTHONPATH=f"{other.parent}:{ROOT}")
    assert sweep.wait(timeout=150) == 0, log.read_text()
    assert "has scipy 0.1" in log.read_text()
    assert len(tiny.experiments()) == 6


@pytest.mark.slow
def test_with_tls_only_who_has_a_certificate_is_heard(tiny: Tiny, tmp_path: Path) -> None:
    from distributed.security import Security

    made = Security.temporary()
    files = {"ca-file": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    options = [word for name in files for word in (f"--tls-{name}", str(tmp_path / name))]
    with_remote(tiny, str(tmp_path / "store"))
    with Hosts(tmp_path, tiny.environment, tls=options) as hosts:
        assert hosts.address.startswith("tls://")
        hosts.worker()
        command = (sys.executable, "-m", "stepahead", "sweep", "-S", "tau=2", "--on", hosts.address)
        assert hosts.run(*command, cwd=tiny.folder).stderr.startswith(f"error: --on = {hosts.address}: ")
        assert hosts.run(*command, *options, cwd=tiny.folder).returncode == 0
    assert tiny.experiments().keys() == {"tau-2"}
