"""What dvc plots show and dvc plots diff write, in a browser without a network."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Opened
from tests.project import Project


@pytest.mark.parametrize("command", [("show",), ("diff", "HEAD")])
def test_dvcs_own_page_draws_its_charts_without_a_network(command: tuple[str], browser: Any, project: Project) -> None:
    done = project.dvc("plots", *command)
    assert done.code == 0, done.output
    page = project.folder / "dvc_plots/index.html"
    opened = Opened(browser, page, ready="main svg, main canvas")
    plots = sum(len(stage.get("plots", [])) for stage in project.pipeline().values())
    cells = len(project.json("reports/metrics/perplexity.json").keys() & {"scratch", "rnn", "gru", "lstm"})
    drawn = opened.page.locator("main .vega-embed :is(svg, canvas).marks")
    assert opened.soon(drawn.count, 0) == plots - 1 + cells  # the matrix of train_rnn has one entry in dvc.yaml
    assert opened.requests == [page.as_uri(), (project.folder / "reports/vega.js").as_uri()]
    assert [complaint for complaint in opened.complaints if "WARN Infinite extent" not in complaint] == []
    opened.page.context.close()


def test_where_the_charts_scripts_are_missing_the_page_says_so(browser: Any, root: Path, tmp_path: Path) -> None:
    (tmp_path / "dvc_plots").mkdir()
    shutil.copyfile(root / ".dvc/plots.html", tmp_path / "dvc_plots/index.html")
    opened = Opened(browser, tmp_path / "dvc_plots/index.html", ready="p:not([hidden])")
    assert "dvc repro bundle_vega" in str(opened.page.locator("p:not([hidden])").text_content())
    opened.page.context.close()
