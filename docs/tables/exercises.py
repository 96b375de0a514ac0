"""The table of the book's exercises."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from stepahead.compare.tables import table
from stepahead.core.artifacts import read_json


def exercise_table(root: Path) -> str:
    """Every exercise of the book: its command and what came out; or why only a person can answer."""
    exercises = yaml.safe_load((root / "docs/exercises.yaml").read_text(encoding="utf-8"))
    measured = read_json(root / "benchmarks/exercises.json")
    lines = []
    for each in exercises:
        if "command" in each:
            command, answer = f"`{each['command']}`", [each["say"], *found_here(each, measured)]
        else:
            command, answer = "–", [f"*For a person:* {each['person']}"]
        lines.append([each["exercise"], each["ask"], command, "<br>".join(answer)])
    return table(["exercise", "question", "command", "what came out, after that of the defaults"], lines)


def found_here(exercise: Mapping[str, Any], measured: Mapping[str, Any]) -> list[str]:
    """What benchmarks/exercises.json has of an exercise's command, for each name that it is about."""
    if exercise["command"] not in measured["rows"]:
        return ["(not run yet)"]
    here, before = measured["rows"][exercise["command"]]["found"], measured["default"]
    return [_outcome(name, before.get(name), here[name]) for name in exercise["found"]]


def _outcome(name: str, default: Any, here: Any) -> str:
    if name == "printed":
        return "<br>".join(here.splitlines())
    kind, *rest = name.split()
    of_table = kind in ("kstep", "perplexity", "generated")  # whose columns say what they are
    label = " ".join([*([] if of_table else [kind]), *(f"`{word}`" for word in rest)])
    if isinstance(here, str):
        return f"{label}: “{here}”"
    written = [
        "–" if value is None else format(value, "," if isinstance(value, int) else ".3g") for value in (default, here)
    ]
    return f"{label}: {written[1]}" if default == here else f"{label}: {' → '.join(written)}"
