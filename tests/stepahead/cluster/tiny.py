"""A DVC project of one quick stage, to sweep."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.project import ROOT, Done, Project

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
with open(os.environ["COMPUTED"] + "-on", "a") as log:
    log.write(os.environ.get("PYTHON_CPU_COUNT", "all") + "\\n")
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

    def share(self, address: str, **settings: str) -> None:
        """Name a DVC remote in the committed settings."""
        self.dvc("remote", "add", "--default", "store", address)
        for key, value in settings.items():
            self.dvc("remote", "modify", "store", key, value)
        self.commit()

    def computed(self) -> list[str]:
        return sorted(self.notes.read_text().splitlines()) if self.notes.exists() else []

    def cores(self) -> list[str]:
        """How many each of these runs was told to use."""
        return Path(f"{self.notes}-on").read_text().splitlines()

    def experiments(self) -> dict[str, str]:
        """The tree of each by its name."""
        head = self.git("rev-parse", "HEAD").output.strip()
        place = f"refs/exps/{head[:2]}/{head[2:]}/"
        listing = self.git("for-each-ref", "--format=%(refname:lstrip=4) %(tree)", place).output
        return dict(line.split() for line in listing.splitlines())

    def run_plainly(self, names: Sequence[str]) -> None:
        """Run experiments of these names, as tau-2_seed-1, by plain dvc."""
        for name in names:
            overrides = [word for each in name.split("_") for word in ("--set-param", each.replace("-", "="))]
            done = self.dvc("exp", "run", "--name", name, *overrides)
            assert done.code == 0, done.output

    def locally(self, folder: Path, name: str) -> str:
        """The tree that plain dvc gives, in a clone, to an experiment of this name."""
        clone = Tiny(self.clone(folder).folder)
        clone.run_plainly([name])
        return clone.experiments()[name]


def make_tiny(folder: Path) -> Tiny:
    """A new one, which has been run and committed."""
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
    Path(f"{project.notes}-on").unlink()
    return project
