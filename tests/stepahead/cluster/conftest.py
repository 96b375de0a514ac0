"""A DVC project of one quick stage, and machines to sweep it on."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import ROOT, Done, Project
from tests.stepahead.cluster.hosts import Hosts

PIPELINE = """
stages:
  score:
    cmd: python score.py
    deps: [score.py]
    params: [tau, seed, pause]
    outs: [result.txt]
    metrics: [reports/metrics/kstep.json: {cache: false}]
"""
PARAMS = "tau: 1\nseed: 0\npause: 0\nunread: 0\n"
SCORE = """
import json, os, sys, time
from pathlib import Path
tau, seed, pause = (int(line.split(":")[1]) for line in Path("params.yaml").read_text().splitlines()[:3])
with open(os.environ["COMPUTED"], "a") as log:
    log.write(f"{tau} {seed}\\n")
if tau < 0:
    sys.exit("error: tau = -1, but it must be 1 or more; raise it")
time.sleep(pause)
Path("result.txt").write_text(f"{tau} {seed}\\n" * 1000)
Path("reports/metrics").mkdir(parents=True, exist_ok=True)
Path("reports/metrics/kstep.json").write_text(json.dumps({"ols": {"k1": tau + seed / 100}}))
"""


class Tiny(Project):
    """The project, with a note in `computed` of each run of its stage, on whichever machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.notes = folder.parent / "computed"
        self.environment |= {"COMPUTED": str(self.notes), "PYTHONPATH": str(ROOT)}

    def sweep(self, *arguments: str) -> Done:
        return self.run(sys.executable, "-m", "stepahead", "sweep", *arguments)

    def computed(self) -> list[str]:
        return sorted(self.notes.read_text().splitlines()) if self.notes.exists() else []

    def experiments(self) -> dict[str, str]:
        """The tree of each by its name."""
        head = self.git("rev-parse", "HEAD").output.strip()
        place = f"refs/exps/{head[:2]}/{head[2:]}/"
        listing = self.git("for-each-ref", "--format=%(refname:lstrip=4) %(tree)", place).output
        return dict(line.split() for line in listing.splitlines())


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    pytest.importorskip("distributed", reason="needs the extra: pip install --editable '.[cluster]'")
    folder = tmp_path / "project"
    folder.mkdir()
    for name, content in (("dvc.yaml", PIPELINE), ("params.yaml", PARAMS), ("score.py", SCORE)):
        (folder / name).write_text(content)
    project = Tiny(folder)
    project.git("init", "--quiet")
    project.git("config", "user.name", "test")
    project.git("config", "user.email", "test@example.org")
    assert project.dvc("init", "--quiet").code == 0
    assert project.dvc("repro").code == 0
    project.commit()
    project.notes.unlink()
    return project


@pytest.fixture
def hosts(tiny: Tiny, tmp_path: Path) -> Iterator[Hosts]:
    """Machines with a network and disks of their own, where the system permits, and a scheduler on the first."""
    with Hosts(tmp_path, tiny.environment) as hosts:
        yield hosts
