"""What one person has computed, the next one gets with dvc pull instead of computing it again."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.project import Project

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
ALONE = {"AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"}


def gets_everything(finished: Project, clone: Project, *settings: tuple[str, str], **environment: str) -> None:
    """Push from one checkout and pull into another, each with the remote's settings kept out of git."""
    for project in (finished, clone):
        for key, value in settings:
            project.dvc("config", "--local", key, value)
    pushed = finished.dvc("push", "--run-cache", **environment)
    assert pushed.code == 0, pushed.output
    pulled = clone.dvc("pull", "--run-cache", **environment)
    assert pulled.code == 0, pulled.output
    done = clone.dvc("repro")
    assert done.code == 0, done.output
    assert done.stages == []
    assert clone.git("status", "--porcelain").output == ""
    # the run cache: without the record of what was run, only stages whose metrics are in git and not in DVC's cache
    (clone.folder / "dvc.lock").unlink()
    again = clone.dvc("repro")
    assert again.code == 0, again.output
    assert set(again.stages) <= {name for name, stage in clone.pipeline().items() if "metrics" in stage}
    assert (clone.folder / "dvc.lock").read_bytes() == (finished.folder / "dvc.lock").read_bytes()


@pytest.mark.slow
def test_a_folder_as_the_remote(project: Project, tmp_path: Path) -> None:
    clone = project.clone(tmp_path / "second")
    gets_everything(project, clone, ("core.remote", "store"), ("remote.store.url", str(tmp_path / "store")))


@pytest.fixture
def bucket() -> Iterator[str]:
    """The address of an S3 server on this machine that has a bucket 'stepahead'."""
    moto = pytest.importorskip("moto.server", reason="needs moto and flask")
    pytest.importorskip("dvc_s3", reason="needs dvc[s3]")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = moto.ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        requests.put(f"http://127.0.0.1:{port}/stepahead", timeout=10).raise_for_status()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # moto's, flask's and botocore's own
def test_s3_as_the_remote(project: Project, bucket: str, tmp_path: Path) -> None:
    clone = project.clone(tmp_path / "second")
    remote = ("remote.store.url", "s3://stepahead/results"), ("remote.store.endpointurl", bucket)
    gets_everything(project, clone, ("core.remote", "store"), *remote, **KEYS, **ALONE)
