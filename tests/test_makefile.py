"""What make does before and around DVC."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project import Done


def make(folder: Path, *arguments: str) -> Done:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "GIT_"))}
    environment["GIT_CEILING_DIRECTORIES"] = str(folder.parent)
    done = subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout + done.stderr)


def test_a_download_without_git_is_told_so_before_anything_is_installed(root: Path, tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(root / name, tmp_path)
    done = make(tmp_path, "repro")
    assert done.code != 0
    assert [line for line in done.output.splitlines() if not line.startswith("make")] == [
        "error: DVC needs a git repository, and this folder is in none; git clone the project, "
        "or here: git init && git add --all && git commit --message start"
    ]
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("repro", "JOBS=1"), "dvc repro"),
        (("repro", "JOBS=3"), "python -m stepahead.parallel 3 repro"),
        (("exp", "JOBS=1", "S=tau=8"), "dvc exp run --set-param 'tau=8'"),
        (
            ("exp", "JOBS=2", "S=models.rnn=[rnn,gru] seed=1"),
            "python -m stepahead.parallel 2 exp run --set-param 'models.rnn=[rnn,gru]' --set-param 'seed=1'",
        ),
    ],
)
def test_jobs_and_params(arguments: tuple[str, ...], command: str, root: Path) -> None:
    assert make(root, "--dry-run", "--assume-old=.venv/.ready", *arguments).output.splitlines()[-1] == command


def test_a_wrong_number_of_jobs_costs_one_line(root: Path) -> None:
    done = make(root, "--assume-old=.venv/.ready", "repro", "JOBS=two")
    assert done.code != 0
    assert "JOBS is a whole number, 1 or more" in done.output
    assert "Traceback" not in done.output
