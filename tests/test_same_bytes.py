"""The same commit gives the same bytes: where the clone lies, what is in its cache and the locale do not matter."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.project import Project


@pytest.mark.slow
def test_forcing_every_stage_changes_no_byte(project: Project) -> None:
    before = (project.folder / "dvc.lock").read_bytes()
    done = project.dvc("repro", "--force")
    assert done.code == 0, done.output
    assert (project.folder / "dvc.lock").read_bytes() == before


@pytest.mark.slow
def test_a_clone_elsewhere_with_an_empty_cache_changes_no_byte(finished: Project, tmp_path: Path) -> None:
    clone = finished.clone(tmp_path / "a folder with spaces" / "clone")
    before = (clone.folder / "dvc.lock").read_bytes()
    shutil.rmtree(clone.folder / "reports/metrics")  # they are in git; without them every stage has to run
    ascii_only = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = clone.dvc("repro", **ascii_only, PYTHONHASHSEED="7", TZ="Pacific/Kiritimati")
    assert done.code == 0, done.output
    assert set(done.stages) == set(yaml.safe_load(before)["stages"])
    assert (clone.folder / "dvc.lock").read_bytes() == before
    assert clone.git("status", "--porcelain").output == ""  # the metrics in git too


@pytest.mark.slow
def test_two_trainings_at_a_time_change_no_byte(finished: Project, tmp_path: Path) -> None:
    clone = finished.clone(tmp_path / "clone")
    (clone.folder / "dvc.lock").unlink()
    done = clone.run("make", "--assume-old=.venv/.ready", "repro", "JOBS=2")  # the set-up is this one's
    assert done.code == 0, done.output
    assert clone.lock() == finished.lock()
    assert clone.git("status", "--porcelain", "--", "reports").output == ""
