"""The exercises of the book: each has its command, and each command runs."""

import re
from typing import Any

import pytest
import yaml

from benchmarks.exercises import names_by_command, value
from docs.tables.exercises import found_here
from tests.project import ROOT, Project

EXERCISES: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs/exercises.yaml").read_text(encoding="utf-8"))
COMMANDS = names_by_command(EXERCISES)
OLD = {"8.1": 4, "8.2": 2, "8.3": 6, "8.4": 4, "8.5": 6, "8.6": 3, "8.7": 2, "9.1": 4, "9.2": 5, "9.3": 4, "9.4": 3}
NEW = {"9.1": 4, "9.2": 3, "9.3": 5, "9.4": 4, "9.5": 10, "9.6": 2, "9.7": 2}
NEW |= {"10.1": 5, "10.2": 4, "10.3": 3, "10.4": 3}
"""how many exercises each section has in the editions 0.17 and 1.0"""


@pytest.mark.parametrize(("counts", "number"), [(OLD, r"^(\d+\.\d), (\d+)"), (NEW, r"\((\d+\.\d), (\d+)")])
def test_every_exercise_of_both_editions_is_there(counts: dict[str, int], number: str) -> None:
    found = {match.groups() for each in EXERCISES if (match := re.search(number, each["exercise"]))}
    assert found == {(section, str(i + 1)) for section, count in counts.items() for i in range(count)}


def test_each_is_answered_by_a_command_or_a_person() -> None:
    for each in EXERCISES:
        assert ("command" in each) != ("person" in each), each


def test_a_command_that_answers_several_exercises_shows_each_its_own() -> None:
    first, second = {"command": "x", "found": ["a", "b"]}, {"command": "x", "found": ["b", "c"]}
    assert names_by_command([first, {"person": "p"}, second]) == {"x": ["a", "b", "c"]}
    measured = {"default": {"kstep m k1": 1.0}, "rows": {"x": {"found": {"kstep m k1": 2.0, "power m 32": 3.0}}}}
    assert found_here({"command": "x", "found": ["kstep m k1"]}, measured) == ["`m` `k1`: 1 → 2"]
    assert found_here({"command": "x", "found": ["power m 32"]}, measured) == ["power `m` `32`: – → 3"]
    assert found_here({"command": "y", "found": ["power m 32"]}, measured) == ["(not run yet)"]


@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("dvc")])
def test_its_command_runs_and_gives_what_it_is_about(
    command: str, project: Project, request: pytest.FixtureRequest
) -> None:
    if "gs10" in command or "time_machine" in command:
        project.environment["STEPAHEAD_MIRROR"] = str(request.getfixturevalue("mirror"))
    wanted = COMMANDS[command]
    # the project is small: a hundred steps are held out, and the text has a few hundred characters
    project.set({"kstep.horizons": [1, 4, 16, 64]})
    command = re.sub(r"tokens\.n_(train|val|test)=(\d)000", r"tokens.n_\1=\g<2>00", command)
    command = command.replace("rnn.num_steps=500", "rnn.num_steps=20")
    done = project.run("bash", "-c", command)
    assert done.code == 0, done.output
    for name in wanted:
        assert name == "printed" or value(project.folder, name) is not None, name


@pytest.mark.slow
@pytest.mark.parametrize("module", ["benchmarks.offsets", "benchmarks.cells", "benchmarks.gaps"])
def test_what_is_measured_outside_the_pipeline_runs(module: str, project: Project) -> None:
    done = project.run("python", "-m", module)
    assert done.code == 0, done.output
    assert len(done.output.splitlines()) >= 2
