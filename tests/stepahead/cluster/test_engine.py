"""Workers are what the client is, and whoever may not run code here cannot."""

import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from stepahead.core.errors import StepaheadError
from tests.project import ROOT
from tests.stepahead.cluster.hosts import Hosts
from tests.stepahead.cluster.tiny import Tiny
from tests.stepahead.cluster.trial import start_sweep, sweep_on

OTHER_PYTHON = """
import platform
from distributed import versions
ours = versions.get_system_info
versions.get_system_info = lambda: ours() | {"python": "3.10.1.final.0"}
platform.python_version = lambda: "3.10.1"
"""


@pytest.fixture
def other_packages(tmp_path: Path) -> Path:
    """A folder that a Python finds another scipy in."""
    found = tmp_path / "other/scipy-0.1.dist-info"
    found.mkdir(parents=True)
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: scipy\nVersion: 0.1\n")
    return found.parent


@pytest.mark.slow
def test_a_worker_that_is_not_as_the_client_is_refused(
    tiny: Tiny, hosts: Hosts, tmp_path: Path, other_packages: Path
) -> None:
    """Another Python, another stepahead and another package; then one that has no stepahead at all."""
    tiny.share(str(tmp_path / "store"))
    none = sweep_on(hosts, tiny, "-S", "tau=2")
    way_out = f"in a clone of this project: python -m dask worker {hosts.address}\n"
    assert none.stderr == f"error: --on = {hosts.address}: it has no workers; start one {way_out}"
    shutil.copytree(ROOT / "stepahead", other_packages / "stepahead")
    (other_packages / "stepahead/core/new.py").touch()
    (other_packages / "sitecustomize.py").write_text(OTHER_PYTHON)
    hosts.worker(PYTHONPATH=str(other_packages))
    refused = sweep_on(hosts, tiny, "-S", "tau=2")
    assert refused.returncode == 1
    other = r"Python 3.10.1 \(here 3.\S+\), stepahead \w+ \(here \w+\), scipy 0.1 \(here 1\S+\)"
    told = rf"error: the worker at \S+ has {other}; install the same there, and start it again\n"
    assert re.fullmatch(told, refused.stderr), refused.stderr
    hosts.kill(1)
    hosts.worker(PYTHONPATH="")
    nothing = sweep_on(hosts, tiny, "-S", "tau=2")
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
    tiny: Tiny, hosts: Hosts, tmp_path: Path, other_packages: Path
) -> None:
    tiny.share(str(tmp_path / "store"))
    hosts.worker()
    sweep = start_sweep(hosts, tiny, "-S", "tau=2,3,4", "-S", "pause=4")
    while "3 experiments" not in hosts.told(sweep):
        assert sweep.poll() is None, hosts.told(sweep)
        time.sleep(0.1)
    hosts.worker(PYTHONPATH=f"{other_packages}:{ROOT}")
    assert sweep.wait() == 0, hosts.told(sweep)
    assert "has scipy 0.1" in hosts.told(sweep)
    assert len(tiny.experiments()) == 3


@pytest.mark.slow
def test_with_tls_only_who_has_a_certificate_is_heard(tiny: Tiny, tmp_path: Path) -> None:
    from distributed.security import Security

    made = Security.temporary()
    files = {"ca-file": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    options = [word for name in files for word in (f"--tls-{name}", str(tmp_path / name))]
    tiny.share(str(tmp_path / "store"))
    with Hosts(tmp_path, tiny.environment, tls=options) as hosts:
        assert hosts.address.startswith("tls://")
        hosts.worker()
        assert sweep_on(hosts, tiny, "-S", "tau=2").stderr.startswith(f"error: --on = {hosts.address}: ")
        assert sweep_on(hosts, tiny, "-S", "tau=2", *options).returncode == 0
    assert tiny.experiments().keys() == {"tau-2"}
