"""Two runs in one checkout, and experiments in the queue: one waits or is told so, and no result is damaged."""

import re
import time
from pathlib import Path

import pytest
import yaml

from tests.project import Project

BUSY = "Unable to acquire lock|is busy, it is being blocked by"
LENGTHS = (5, 6, 7, 8)


@pytest.mark.slow
def test_two_runs_in_one_checkout(finished: Project, tmp_path: Path) -> None:
    clone = finished.clone(tmp_path / "clone")
    logs = [tmp_path / "first", tmp_path / "second"]
    runs = []
    for log in logs:
        runs.append(clone.start("dvc", "repro", log=log))
        time.sleep(2)
    for run, log in zip(runs, logs, strict=True):
        code, output = run.wait(), log.read_text()
        assert code == 0 or re.search(BUSY, output), output
        assert "Traceback" not in output
    assert 0 in [run.returncode for run in runs]
    assert any(run.returncode != 0 for run in runs)
    done = clone.dvc("repro")
    assert done.code == 0, done.output
    assert done.stages == []  # the winner's run was whole
    assert (clone.folder / "dvc.lock").read_bytes() == (finished.folder / "dvc.lock").read_bytes()


@pytest.mark.slow
def test_four_experiments_in_the_queue(project: Project) -> None:
    before = (project.folder / "dvc.lock").read_bytes()
    queued = project.dvc(
        "exp", "run", "--queue", "-n", "length", "-S", f"generate.length={','.join(map(str, LENGTHS))}"
    )
    assert queued.code == 0, queued.output
    names = re.findall(r"'(length-\d)'", queued.output)
    assert len(set(names)) == len(LENGTHS), queued.output
    try:
        assert project.dvc("queue", "start", "-j", "2").code == 0
        while (status := project.dvc("queue", "status").output).count("Success") < len(LENGTHS):
            assert "Failed" not in status, status
            time.sleep(2)
    finally:
        project.dvc("queue", "stop", "--kill")
    assert (project.folder / "dvc.lock").read_bytes() == before
    outs = {}
    for name in dict.fromkeys(names):
        applied = project.dvc("exp", "apply", name)
        assert applied.code == 0, applied.output
        assert project.dvc("status").output.strip() == "Data and pipelines are up to date."
        params = yaml.safe_load((project.folder / "params.yaml").read_text(encoding="utf-8"))
        outs[params["generate"]["length"]] = (project.folder / "reports/generated.json").read_bytes()
        project.git("checkout", "--quiet", ".")
    assert sorted(outs) == list(LENGTHS)
    assert len(set(outs.values())) == len(LENGTHS)
