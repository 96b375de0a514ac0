"""What every test shares: the arithmetic of the stages, and a small pipeline that has run."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from filelock import FileLock

from stepahead.core import numerics
from tests.browser import ARGUMENTS
from tests.project import ROOT, Project

numerics.pin()
hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is slow, and not wrong
hypothesis.settings.load_profile("any machine")
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:  # under nohup or &, and then so it is in what the tests start
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout under test."""
    return ROOT


@pytest.fixture(scope="session")
def committed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last commit: params and results are whatever a run, or another processor, left in the checkout."""
    return Project(root).clone(tmp_path_factory.mktemp("committed") / "clone").folder


@pytest.fixture(scope="session")
def mirror(root: Path) -> Path:
    """A folder with the real downloads, which developers have beside the checkout."""
    folder = root.parent / "shared" / "data"
    if not (folder / "timemachine.txt").exists():
        pytest.skip("needs the real Time Machine in ../shared/data, which users do not have")
    return folder


@pytest.fixture(scope="session")
def finished(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the checkout in which `dvc repro` has run once, watched, and been committed. Not to be changed.

    Test processes that run side by side share it.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, watched, marker = shared / "finished/clone", shared / "finished/watched", shared / "finished/done"
    with FileLock(shared / "finished.lock"):
        if not marker.exists():
            project = Project.copy(root, folder, watched)
            done = project.dvc("repro")
            assert done.code == 0, done.output
            project.commit()
            marker.touch()
    return Project(folder, watched)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """The finished pipeline in a folder of its own, to change."""
    return finished.duplicate(tmp_path / "clone")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install --editable '.[dev]'")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium, on Debian: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
