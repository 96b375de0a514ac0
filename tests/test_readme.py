"""The README says what the tracked files say."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from docs.fill import PAGES, TABLES, fill
from stepahead.core.artifacts import read_json


@pytest.fixture(scope="module", params=PAGES)
def readme(request: pytest.FixtureRequest, root: Path) -> str:
    return (root / request.param).read_text(encoding="utf-8")


def test_every_table_is_what_the_tracked_files_give(readme: str, root: Path) -> None:
    assert fill(readme, root) == readme, "run: make readme"


def test_every_table_stands_in_the_readme(readme: str) -> None:
    assert set(re.findall(r"<!-- table: (\w+) -->", readme)) == set(TABLES)


def test_a_table_that_went_stale_is_noticed(readme: str, root: Path) -> None:
    stale = readme.replace("| `persistence` | 0.0", "| `persistence` | 0.1", 1)
    assert stale != readme
    assert fill(stale, root) == readme


def test_every_param_in_a_command_exists(readme: str, root: Path) -> None:
    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    commands = [line for line in re.findall(r"dvc exp run[^`\n]*", readme) if " -S " in line]
    assert commands
    for command in commands:
        for key, _, _ in (word.partition("=") for word in re.findall(r"-S '?([\w.]+=[^\s']*)", command)):
            node = params
            for part in key.split("."):
                assert part in node, f"{key} in: {command}"
                node = node[part]


def test_every_file_it_names_exists(readme: str, root: Path) -> None:
    for name in re.findall(r"\]\(([\w/.-]+)\)", readme):
        assert (root / name).exists(), name


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(r"^```.*?^```$", id="code"),
        pytest.param(r"^<!-- table: \w+ -->$.*?^<!-- end -->$", id="tables"),
        pytest.param(r"^#+(?= )", id="levels of the headings"),
    ],
)
def test_both_languages_have_the_same_parts(part: str, root: Path) -> None:
    english, chinese = (
        re.findall(part, (root / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE) for page in PAGES
    )
    assert english
    assert chinese == english


def test_the_books_figures_come_out(root: Path) -> None:
    """The bounds that the book's own builds set; the figures are those of the last `make book`."""
    bounds = {
        "RNN from scratch, 512": 1.1,
        "RNN from scratch, 512, random sampling": 1.6,
        "RNN, 256": 1.4,
        "GRU, 256": 1.2,
        "LSTM, 256": 1.2,
    }
    rows = {row["model"]: row for row in read_json(root / "benchmarks/book.json")["rows"]}
    for model, bound in bounds.items():
        assert float(rows[model]["here"]) <= bound, model
        assert shlex.split(rows[model]["command"])[:3] == ["dvc", "exp", "run"]
