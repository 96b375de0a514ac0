"""The exercises of the book: each has its command, and each command runs."""

import re
from typing import Any

import pytest
import yaml

from benchmarks.exercises import names_by_command, value
from docs.tables import found_here
from tests.project import ROOT, Project

EXERCISES: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs/exercises.yaml").read_text(encoding="utf-8"))
COMMANDS = names_by_command(EXERCISES)
COUNTS = {"8.1": 4, "8.2": 2, "8.3": 6, "8.4": 4, "8.5": 6, "8.6": 3, "8.7": 2, "9.1": 4, "9.2": 5, "9.3": 4, "9.4": 1}
"""how many exercises each section of the 0.17 edition has; of 9.4 all are one row"""


def test_every_exercise_of_the_book_is_there_and_answered_by_a_command_or_a_person() -> None:
    found: dict[str, set[str]] = {}
    for each in EXERCISES:
        section, number = re.match(r"(\d\.\d)(?:, (\d+))?", each["exercise"]).groups()  # type: ignore[union-attr]
        found.setdefault(section, set()).add(number or "1")
        assert ("command" in each) != ("person" in each), each
    assert {section: len(numbers) for section, numbers in found.items()} == COUNTS


def test_a_command_that_answers_several_exercises_shows_each_its_own() -> None:
    first, second = {"command": "x", "found": ["a", "b"]}, {"command": "x", "found": ["b", "c"]}
    assert names_by_command([first, {"person": "p"}, second]) == {"x": ["a", "b", "c"]}
    measured = {"default": {"kstep m k1": 1.0}, "rows": {"x": {"found": {"kstep m k1": 2.0, "power m 32": 3.0}}}}
    assert found_here({"command": "x", "found": ["kstep m k1"]}, measured) == ["`m` `k1`: 1 → 2"]
    assert found_here({"command": "x", "found": ["power m 32"]}, measured) == ["power `m` `32`: – → 3"]


@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("dvc")])
def test_its_command_runs_and_gives_what_it_is_about(command: str, project: Project) -> None:
    if "gs10" in command:
        pytest.skip("gs10 is a download")
    wanted = COMMANDS[command]
    # the project is small: a hundred steps are held out, and the text has a few hundred characters
    project.set({"kstep.horizons": [1, 4, 16, 64]})
    command = re.sub(r"tokens\.n_(train|val|test)=(\d)000", r"tokens.n_\1=\g<2>00", command)
    command = command.replace("rnn.num_steps=500", "rnn.num_steps=20")
    done = project.run("bash", "-c", command)
    assert done.code == 0, done.output
    for name in wanted:
        assert value(project.folder, name) is not None, name


@pytest.mark.slow
@pytest.mark.parametrize("module", ["benchmarks.offsets", "benchmarks.cells"])
def test_what_is_measured_outside_the_pipeline_runs(module: str, project: Project) -> None:
    done = project.run("python", "-m", module)
    assert done.code == 0, done.output
    assert len(done.output.splitlines()) >= 2
