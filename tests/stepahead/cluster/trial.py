"""A sweep that loses a worker, gains another, and has one off the network for ten seconds."""

import subprocess
import sys
import time
from typing import Any

from tests.project import Project
from tests.stepahead.cluster.hosts import Hosts
from tests.stepahead.cluster.tiny import Tiny

SWEEP = (sys.executable, "-m", "stepahead", "sweep")
CUT = 10
"""seconds"""
S3 = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def share_by_s3(tiny: Tiny, hosts: Hosts) -> None:
    """Put the DVC remote on a server of S3 that the head runs."""
    hosts.environment |= S3
    tiny.share("s3://store/results", endpointurl=hosts.s3())


def sweep_on(hosts: Hosts, tiny: Project, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Sweep on the workers there are."""
    return hosts.run(*SWEEP, "--on", hosts.address, *arguments, cwd=tiny.folder)


def start_sweep(hosts: Hosts, tiny: Tiny, *arguments: str) -> "subprocess.Popen[bytes]":
    """The same, without waiting for its end."""
    return hosts.start(*SWEEP, "--on", hosts.address, *arguments, cwd=tiny.folder)


def trial(hosts: Hosts, tiny: Tiny, *arguments: str) -> None:
    """Such a sweep, of a dozen experiments or more, to its end."""
    hosts.worker()
    hosts.worker()
    sweep = start_sweep(hosts, tiny, *arguments)
    wait_for(tiny, 2, sweep)
    hosts.kill(1)
    hosts.worker()
    wait_for(tiny, 5, sweep)
    hosts.cut(2, CUT)
    assert sweep.wait(timeout=1800) == 0, hosts.told(sweep)


def wait_for(tiny: Tiny, n: int, sweep: "subprocess.Popen[Any]") -> None:
    """Until n experiments are in place."""
    while len(tiny.experiments()) < n:
        assert sweep.poll() is None, "the sweep has ended"
        time.sleep(0.2)
