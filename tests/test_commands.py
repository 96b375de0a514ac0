"""Every command that a page shows can be pasted: the shell, Hydra and the stage that reads the param take it."""

import dataclasses
import importlib
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from stepahead.report import try_next
from tests.project import DEFAULTS, ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "Makefile")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SWEEP = re.compile(r"\$\{?\$?tau\}?")  # of the shell loops


def commands(text: str) -> Iterator[str]:
    """The dvc commands in a page, each on one line, and single options -S between backticks."""
    text = text.replace("\\\n", " ").replace("$$", "$")
    for found in re.findall(r"(?:dvc exp run|dvc repro)[^`\n;|]*", text):
        yield found.split(" # ")[0]
    yield from re.findall(r"`(-S [^`]*)`", text)


def rules() -> dict[str, Callable[[Any], Any]]:
    found = {}
    for script in sorted((ROOT / "stages").glob("[!_]*.py")):
        config = importlib.import_module(f"stages.{script.stem}").Config
        found |= {field.metadata["key"]: field.metadata["rule"] for field in dataclasses.fields(config)}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_commands_can_be_pasted(page: Any) -> None:
    check(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("has_signal", [True, False])
def test_what_the_figures_propose_can_be_pasted(has_signal: bool) -> None:
    orders = {"tau": np.array([4, 12]), "bic": np.array([1.0, 0.0])}
    check("\n".join(try_next.commands(DEFAULTS, orders, {"gru": 9}, has_signal=has_signal, held_out=396).values()))


def check(page: str) -> None:
    stages = set(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"])
    known, parser = rules(), OverridesParser.create()
    for command in commands(page):
        words = shlex.split(SWEEP.sub("8", command))
        for option, word in pairwise(words):
            if option != "-S" or "…" in word:
                continue
            override = parser.parse_override(word)
            assert override.key_or_group in known, command
            values = override.value()
            for value in values.list if hasattr(values, "list") else [values]:
                known[override.key_or_group](value)
        targets = [word for word in words[3:] if re.fullmatch("[a-z]+_[a-z_]+", word) and word not in ("time_machine",)]
        assert not [t for t in targets if t not in stages and f"-n {t}" not in command], command


def test_the_pages_show_commands() -> None:
    shown = [command for page in PAGES for command in commands(page.read_text(encoding="utf-8"))]
    assert len(shown) > 20
