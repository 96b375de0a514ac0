"""A pipeline of one stage, which does what it is told: to wait, to read a file, to fail."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import Done, Project

SCRIPT = """
import os, time
from dataclasses import dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.core.errors import StepaheadError


@dataclass(frozen=True)
class Config:
    width: int = params.param("width", params.integer(1))
    rate: float = params.param("work.rate", params.number())


def main() -> None:
    Path(".started").touch()
    while Path(".hold").exists():
        time.sleep(0.01)
    config = params.load(Config)
    content = Path("data/in.txt").read_text()
    Path("out.txt").write_text(f"{config.width} {content}")
    Path("folder").mkdir(exist_ok=True)
    Path("folder/new").write_text("new")
    exec(os.environ.get("ACT", ""))


if __name__ == "__main__":
    stage.run(main)
"""
PIPELINE = """
stages:
  work:
    cmd: python -m stages.work
    deps: [data, stages, stepahead/core]
    params: [width, work]
    outs: [out.txt, folder]
"""


class Tiny(Project):
    """The pipeline's folder, and its stage as a process."""

    def work(self, act: str = "", **environment: str) -> Done:
        return self.run("python", "-m", "stages.work", DVC_STAGE="work", ACT=act, **environment)

    def while_it_runs(self, change: Callable[[], object], act: str = "", *command: str) -> Done:
        """Start the stage, change something once it is in `main`, and let it end."""
        log, hold, started = self.folder / ".log", self.folder / ".hold", self.folder / ".started"
        hold.touch()
        started.unlink(missing_ok=True)
        process = self.start(*(command or ("python", "-m", "stages.work")), log=log, DVC_STAGE="work", ACT=act)
        while process.poll() is None and not started.exists():
            time.sleep(0.01)
        change()
        hold.unlink()
        return Done(process.wait(), log.read_text(encoding="utf-8"))


@pytest.fixture
def tiny(root: Path, tmp_path: Path) -> Tiny:
    folder = tmp_path / "tiny"
    shutil.copytree(root / "stepahead/core", folder / "stepahead/core", ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in {
        "stages/__init__.py": (root / "stages/__init__.py").read_text(encoding="utf-8"),
        "stages/work.py": SCRIPT,
        "dvc.yaml": PIPELINE,
        "params.yaml": "width: 8\nother: 1\nwork: {rate: 0.5}\nmore: {other: 1}\n",
        "data/in.txt": "content",
        ".dvc/config": "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n",
        ".dvcignore": (root / ".dvcignore").read_text(encoding="utf-8"),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    more = "  more:\n    cmd: 'true'\n    params: [other, more]\n    outs: [nothing]\n"
    (folder / "dvc.yaml").write_text(PIPELINE + more, encoding="utf-8")
    project = Tiny(folder)
    project.environment["PATH"] = f"{project.environment['PATH']}{os.pathsep}{os.defpath}"
    return project
