"""The tutorial, followed to the letter in a small project."""

import re
from pathlib import Path

import pytest

from tests.project import Project


def steps(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_both_languages_have_the_same_eight_steps(root: Path) -> None:
    english, chinese = (steps(root / f"docs/{name}") for name in ("tutorial.md", "tutorial.zh-CN.md"))
    assert len(english) == 8
    assert english == chinese


@pytest.mark.slow
def test_every_step_runs_in_order_and_the_last_one_adds_a_model(root: Path, project: Project) -> None:
    *first, last = steps(root / "docs/tutorial.md")
    # the params.yaml of a small project is another than the one that the last step's patch is for
    by_patch = last.replace("git apply", "git apply --exclude=params.yaml")
    name_it = """python -c "from benchmarks.clone import set_params; from pathlib import Path; \\
set_params(Path('params.yaml'), {'models.linear': ['ols', 'burg']})"\n"""
    assert by_patch != last
    for number, step in enumerate([*first, by_patch.replace("dvc repro", f"{name_it}dvc repro")], start=1):
        done = project.run("bash", "-euo", "pipefail", "-c", step)
        assert done.code == 0, (number, done.output)
    assert "burg" in project.json("reports/metrics/kstep.json")
