"""A figure's files hold the same chart, and the same bytes each time."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from stepahead.report import charts, figures
from stepahead.report.charts import Chart, Choice, Level
from stepahead.report.line_styles import line_looks


@pytest.fixture
def chart() -> Chart:
    rows = [(weights, model, k, k**2.0, k == 1) for weights in ("un", "trained") for model in "ab" for k in (1, 2)]
    columns = charts.table(rows, "weights", "model", "k", "norm", "dot")
    y = charts.log("norm", "gradient norm", columns["norm"])
    choice, levels = Choice("weights", ["un", "trained"], 1), [Level(1.5, "floor")]
    x, lines = charts.steps_ahead(), line_looks("ab")
    return charts.line_chart(columns, "alt", x, y, lines=lines, choice=choice, levels=levels)


def test_the_page_reads_what_was_written(
    chart: Chart, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    figures.save({"orders": chart}, tmp_path / "a")
    figures.save({"orders": chart}, tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["orders.json", "orders.png", "orders.svg"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert figures.read(tmp_path / "a/orders.json") == chart
    text = (tmp_path / "a/orders.svg").read_text(encoding="utf-8")
    assert "var(--" not in text
    assert "currentColor" not in text
    said = [element.text for element in ET.fromstring(text).iter() if element.tag.endswith("text")]
    assert {"How many lags it takes", "weights = un", "weights = trained", "a", "b", "floor"} <= {*said}


def test_on_paper_every_line_is_there_and_each_choice_has_a_panel(chart: Chart) -> None:
    spec = figures.standalone(chart, "title")
    assert len(spec["concat"]) == 2
    for panel, option in zip(spec["concat"], ("un", "trained"), strict=True):
        assert set(re.findall(r'datum.weights === "?(\w+)"?', str(panel["layer"]))) == {option}
    assert {"name": "hidden", "value": []} in spec["params"]
    assert all("params" not in layer for panel in spec["concat"] for layer in panel["layer"])


def test_of_a_long_choice_the_first_is_drawn(chart: Chart) -> None:
    many = replace(chart, choice=Choice("weights", ["trained", *"abcd"]))
    assert "layer" in figures.standalone(many, "title")


def test_a_drawing_does_not_depend_on_what_its_process_drew_before(
    chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_CPU_COUNT", "1")
    for layer in chart.spec["layer"]:
        layer["mark"] |= {"clip": True}
    first, again = figures.render([("a title", chart), ("a title", chart)])
    assert "#clip" in first[0]
    assert first == again


DRAW = """
import sys
from pathlib import Path
from stepahead.report import charts, figures
rows = charts.table([("a", 1, 2.0), ("a", 2, 3.0)], "model", "k", "mse")
lines = {"a": figures.Look("#000000")}
chart = charts.line_chart(rows, "", charts.steps_ahead(), charts.linear("mse", "error"), lines=lines)
figures.save({"orders": chart}, Path(sys.argv[1]))
"""


def test_the_bytes_do_not_depend_on_the_systems_fonts(root: Path, tmp_path: Path) -> None:
    for name, variables in {"with": {}, "without": {"FONTCONFIG_FILE": str(figures.NO_FONTS)}}.items():
        subprocess.run(
            [sys.executable, "-c", DRAW, str(tmp_path / name)], cwd=root, env=os.environ | variables, check=True
        )
    assert (tmp_path / "with/orders.png").read_bytes() == (tmp_path / "without/orders.png").read_bytes()
