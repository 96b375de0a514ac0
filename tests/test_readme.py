"""The README and the pages in docs/ say what the files in git say."""

import json
import math
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docs.fill import PAGES, fill
from docs.results import RESULTS
from docs.stages import stage_picture
from docs.tables import TABLES
from stepahead.core.artifacts import read_json
from stepahead.core.params import leaves
from tests.project import DEFAULTS, Project

LANGUAGES = PAGES[:2]


@pytest.mark.parametrize("page", PAGES)
def test_every_table_is_what_the_tracked_files_give(page: str, committed: Path) -> None:
    text = (committed / page).read_text(encoding="utf-8")
    assert fill(text, committed) == text, "run: make readme"


def test_every_table_stands_in_a_page(committed: Path) -> None:
    text = "".join((committed / page).read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"<!-- table: (\w+) -->", text)) == set(TABLES)


def test_a_table_that_went_stale_is_noticed(committed: Path) -> None:
    text = (committed / "README.md").read_text(encoding="utf-8")
    stale = text.replace("| `persistence` | 0.0", "| `persistence` | 0.1", 1)
    assert stale != text
    assert fill(stale, committed) == text


def test_what_the_pages_show_of_a_run_is_what_its_metrics_say(committed: Path) -> None:
    found = read_json(committed / RESULTS)
    kstep, perplexity = (
        to_six_digits(read_json(committed / f"reports/metrics/{part}.json")) for part in ("kstep", "perplexity")
    )
    assert found["floor"] == kstep.pop("floor", None), "run: make readme"
    perplexity.pop("floor", None)
    errors = {model: {f"k{k}": mse for k, (mse, _) in row.items()} for model, row in found["kstep"].items()}
    assert {model: errors[model] for model in kstep} == kstep, "run: make readme"  # a baseline is in the tables only
    for model, row in perplexity.items():
        shown = found["perplexity"][model]
        assert row == {span: shown.get("book", shown[span]) if span == "train" else shown[span] for span in row}


def test_the_loss_on_tiny_shakespeare_is_the_one_measured(root: Path) -> None:
    measured = read_json(root / "benchmarks/tiny_shakespeare.json")
    loss = math.log(measured["rows"]["gru"]["val"])
    for page in LANGUAGES:
        assert f"{loss:.2f}" in (root / page).read_text(encoding="utf-8")
    assert loss <= 1.60
    assert measured["cpu_s"] <= 330  # "about five minutes of one core"


def test_the_metrics_are_few_enough_to_read(committed: Path) -> None:
    rows = [read_json(path) for path in (committed / "reports/metrics").glob("*.json")]
    assert sum(1 for row in rows for key, _ in leaves(row) if key) <= 60


def test_the_defaults_are_the_committed_params(committed: Path) -> None:
    params, defaults = (committed / name for name in ("params.yaml", "stepahead/report/template/defaults.yaml"))
    assert params.read_bytes() == defaults.read_bytes(), "run: make readme"


def to_six_digits(value: Any) -> Any:
    return changed(value, lambda number: float(f"{number:.6g}"))


def changed(value: Any, change: Callable[[float], float]) -> Any:
    if isinstance(value, dict):
        return {key: changed(each, change) for key, each in value.items()}
    return change(value)


def test_other_params_and_another_processors_digits_turn_nothing_red(root: Path, tmp_path: Path) -> None:
    clone = Project(root).clone(tmp_path / "clone")
    for path in sorted((clone.folder / "reports/metrics").glob("*.json")):
        path.write_text(json.dumps(changed(read_json(path), lambda number: 1.17 * number)), encoding="utf-8")
    clone.set({"tau": 12, "models.linear": ["ols"], "series.name": "sunspots", "rnn.epochs": 2})
    (clone.folder / "dvc.lock").write_text("\n" * 2000, encoding="utf-8")
    assert len(clone.git("status", "--short").output.splitlines()) == 4
    files = [
        *(f"tests/{name}.py" for name in ("test_readme", "test_docs", "stepahead/report/test_try_next")),
        *("tests/benchmarks/test_presets.py", "tests/test_pipeline.py::test_dvc_yaml_can_be_read"),
    ]
    chosen = "(table or metrics or applies or try_next or presets or can_be_read) and not digits"
    done = clone.run(sys.executable, "-m", "pytest", "-vv", "-k", chosen, *files)
    assert done.code == 0, done.output
    assert "test_what_the_pages_show_of_a_run_is_what_its_metrics_say PASSED" in done.output


@pytest.fixture(scope="module", params=LANGUAGES)
def readme(request: pytest.FixtureRequest, root: Path) -> str:
    return (root / request.param).read_text(encoding="utf-8")


def test_every_param_in_a_command_exists(readme: str) -> None:
    commands = [line for line in re.findall(r"dvc exp run[^`\n]*", readme) if " -S " in line]
    assert commands
    for command in commands:
        for key, _, _ in (word.partition("=") for word in re.findall(r"-S '?([\w.]+=[^\s']*)", command)):
            node = DEFAULTS
            for part in key.split("."):
                assert part in node, f"{key} in: {command}"
                node = node[part]


def written(text: str) -> str:
    """A page without its generated tables, to which the other language links."""
    return re.sub("<!-- table: .*?<!-- end -->", "", text, flags=re.DOTALL)


def test_it_is_read_in_five_minutes(root: Path) -> None:
    assert len(written((root / "README.md").read_text(encoding="utf-8")).split()) <= 900


def test_the_picture_of_the_stages_has_no_arrow_that_goes_without_saying(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text(
        """
stages:
  # ── Series ──
  make:
    outs: [data/x]
  fit:
    deps: [data/x]
    outs: [models/m.bin]
  # ── Report ──
  show:
    deps: [data/x, models]
    outs: [page]
""",
        encoding="utf-8",
    )
    lines = [line.strip() for line in stage_picture(tmp_path).splitlines()]
    assert [line for line in lines if "-->" in line] == ["make --> fit", "fit --> show"]
    assert lines[2:10] == ["subgraph Series", "make", "fit", "end", "subgraph Report", "show", "end", "make --> fit"]


def test_every_file_it_names_exists(readme: str, root: Path) -> None:
    for name in re.findall(r"\]\(([\w/.-]+)\)", readme):
        assert (root / name).exists(), name


@pytest.mark.parametrize(
    "part", [pytest.param(r"^```.*?^```$", id="code"), pytest.param(r"^#+(?= )", id="levels of the headings")]
)
def test_both_languages_have_the_same_parts(part: str, root: Path) -> None:
    english, chinese = (
        re.findall(part, written((root / page).read_text(encoding="utf-8")), flags=re.DOTALL | re.MULTILINE)
        for page in LANGUAGES
    )
    assert english
    assert chinese == english


def test_the_books_figures_come_out(committed: Path) -> None:
    """The bounds that the book's own builds set; the figures are those of the last `make book`."""
    bounds = {
        "RNN from scratch, 512": 1.1,
        "RNN from scratch, 512, random sampling": 1.6,
        "RNN, 256": 1.4,
        "GRU, 256": 1.2,
        "LSTM, 256": 1.2,
    }
    rows = {row["model"]: row for row in read_json(committed / "benchmarks/book.json")["rows"]}
    for model, bound in bounds.items():
        assert float(rows[model]["here"]) <= bound, model
        assert shlex.split(rows[model]["command"])[:3] == ["dvc", "exp", "run"]
