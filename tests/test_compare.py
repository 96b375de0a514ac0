"""python -m stepahead compare on real experiments, and its page in a real browser."""

import json
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import HOSTILE, Opened
from tests.project import Done, Project

# only what the experiments are about is trained
FEW = ("-S", "models.linear=[ols]", "-S", "models.direct=[]", "-S", "models.recurrent=[]")


def compare(project: Project, *arguments: str) -> Done:
    return project.run(sys.executable, "-m", "stepahead", "compare", *arguments, COLUMNS="200")


def test_with_nothing_to_compare_it_says_what_to_do(finished: Project) -> None:
    done = compare(finished)
    assert done.code == 1
    assert done.output.startswith(
        "error: workspace: the same as HEAD, and left out; there is nothing to compare: dvc exp"
    )
    assert done.output.count("\n") == 1


def test_without_experiments_the_workspace_is_compared_with_head(project: Project) -> None:
    project.set({"generate.length": 9})
    scores = project.json("reports/metrics/kstep.json")
    scores["ols"]["k1"] *= 2
    (project.folder / "reports/metrics/kstep.json").write_text(json.dumps(scores), encoding="utf-8")
    done = compare(project)
    assert done.code == 0, done.output
    assert "generate.length    20          9" in done.output
    assert "+100.0%" in done.output
    assert (project.folder / "reports/compare.html").exists()
    assert project.git("status", "--short").output.split() == ["M", "params.yaml", "M", "reports/metrics/kstep.json"]


def test_an_unknown_name_costs_one_line_that_names_those_there_are(finished: Project) -> None:
    done = compare(finished, "HEAD", "nope")
    assert done.code == 1
    assert done.output == "error: 'nope' is no experiment and no revision; there are workspace, HEAD\n"


@pytest.mark.parametrize("name", ["HEAD:params.yaml", "HEAD^{tree}"])
def test_a_file_or_a_folder_in_git_is_no_revision(finished: Project, name: str) -> None:
    done = compare(finished, name)
    assert done.code == 1
    assert done.output.startswith(f"error: '{name}' is no experiment and no revision; there are ")
    assert done.output.count("\n") == 1


def test_metrics_of_another_version_are_told_and_left_out(project: Project) -> None:
    scores = {model: {"k1": {"mse": 1.0}} for model in project.json("reports/metrics/kstep.json")}
    (project.folder / "reports/metrics/kstep.json").write_text(json.dumps(scores), encoding="utf-8")
    done = compare(project)
    assert done.code == 0, done.output
    assert "workspace: without reports/metrics/kstep.json" in done.output


def test_markdown_compares_a_revision_with_the_workspace(project: Project) -> None:
    project.set({"tau": 8})
    done = project.run("make", "--silent", "--assume-old=.venv/.ready", "compare-md", "BASE=HEAD")
    assert done.code == 0, done.output
    assert done.output.startswith("| param | HEAD | workspace |\n| --- | --- | --- |\n| tau | 4 | 8 |\n")
    assert "workspace: no stage has run with this tau" in done.output
    assert not (project.folder / "reports/compare.html").exists()


def test_it_imports_no_torch_and_nothing_that_draws(finished: Project) -> None:
    code = "import sys, stepahead.__main__; print({'torch', 'pandas', 'vl_convert', 'dvc'} & set(sys.modules))"
    assert finished.run(sys.executable, "-c", code).output == "set()\n"


def test_what_is_gone_from_the_cache_costs_a_line(project: Project) -> None:
    shutil.rmtree(project.folder / ".dvc/cache/files")
    project.set({"tau": 8})
    done = compare(project)
    assert done.code == 0, done.output
    [line] = [line for line in done.output.splitlines() if line.startswith("HEAD: without")]
    assert "reports/tables/kstep.csv" in line


@pytest.fixture(scope="module")
def swept(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The finished pipeline with three real experiments, the last with a hostile param, and one that failed."""
    folder = tmp_path_factory.mktemp("swept") / "clone"
    finished.duplicate(folder)
    project = Project(folder)
    for tau in (2, 8, 16):
        done = project.dvc("exp", "run", "--temp", "-n", f"tau-{tau}", "-S", f"tau={tau}", *FEW, "evaluate_kstep")
        assert done.code == 0, done.output
    assert project.dvc("exp", "run", "--queue", "-n", "broken", "-S", "tau=0", "evaluate_kstep").code == 0
    project.dvc("exp", "run", "--run-all", "--jobs", "1")
    project.set({"generate.prefix": HOSTILE})
    assert project.dvc("exp", "save", "-n", "hostile").code == 0
    assert compare(project).code == 0
    return project


@pytest.mark.slow
def test_experiments_stand_in_the_order_of_their_params(swept: Project) -> None:
    done = compare(swept)
    assert done.code == 0, done.output
    header, tau = done.output.splitlines()[:2]
    assert header.split() == ["param", "HEAD", "tau-2", "hostile", "tau-8", "tau-16"]
    assert tau.split() == ["tau", "4", "2", "4", "8", "16"]
    assert "broken: failed, and is left out; dvc queue logs broken says why" in done.output
    assert "workspace: the same as hostile, and left out" in done.output
    assert "\x1b" not in done.output
    old, new = (swept.json("reports/metrics/kstep.json"), json.loads(metrics(swept, "tau-16")))
    change = new["ols"]["k4"] / old["ols"]["k4"] - 1
    [line] = [line for line in done.output.splitlines() if line.startswith("ols k = 4")]
    assert line.split()[-2] == f"{100 * change:+.1f}%"
    assert 0 < float(line.split()[-1].rstrip("*").lstrip("<")) < 1


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 120])
def test_the_list_of_experiments_fits_the_terminal(swept: Project, width: int) -> None:
    done = swept.run("make", "--silent", "--assume-old=.venv/.ready", "exps", COLUMNS=str(width))
    assert done.code == 0, done.output
    table, *_, errors, notes = done.output.split("\n\n")
    assert "broken: failed" in notes
    assert [line.split()[0] for line in table.splitlines()] == ["run", "HEAD", "tau-2", "hostile", "tau-8", "tau-16"]
    assert max(map(len, [*table.splitlines(), *errors.splitlines()])) <= width
    assert errors.splitlines()[0].split() == ["error", "(mse),", "k", "=", "16", "mlp", "ols"]
    mse = json.loads(metrics(swept, "tau-16"))["ols"]["k16"]
    assert errors.splitlines()[-1].split()[-1] == f"{mse:.4g}"


def metrics(project: Project, experiment: str) -> str:
    """The k-step metrics of an experiment, as DVC's own command reads them."""
    code = "import sys, dvc.api; print(dvc.api.read('reports/metrics/kstep.json', rev=sys.argv[1]))"
    return project.run(sys.executable, "-c", code, experiment).output


@pytest.fixture(scope="module")
def opened(browser: Any, swept: Project) -> Iterator[Opened]:
    opened = Opened(browser, swept.folder / "reports/compare.html")
    yield opened
    opened.page.context.close()


@pytest.mark.slow
def test_the_page_needs_no_network_and_is_small(opened: Opened, swept: Project) -> None:
    assert opened.requests == [opened.address]
    assert opened.complaints == []
    assert (swept.folder / "reports/compare.html").stat().st_size < 3_000_000


@pytest.mark.slow
def test_a_hostile_param_shows_as_text(opened: Opened) -> None:
    assert opened.page.title() == "stepahead: experiments compared"
    assert "</script><script>document.title='owned'</script>" in opened.page.locator("#params table").inner_text()
    assert "\u202e" not in opened.page.locator("#params").inner_text()
    assert opened.page.locator("img").count() == 0


@pytest.mark.slow
def test_a_model_is_chosen_and_a_run_switched_off_from_the_keyboard(opened: Opened) -> None:
    def marks() -> list[str]:
        return opened.marks("curves")

    before = marks()
    opened.page.locator("#figure-curves select").press("ArrowDown")
    other = opened.soon(marks, before)
    assert other != before
    opened.page.locator("#figure-curves [data-line]").first.press("Space")
    assert len(opened.soon(marks, other)) == len(other) - 1


@pytest.mark.slow
def test_the_sweep_has_a_line_for_each_horizon(opened: Opened) -> None:
    assert opened.page.locator("#figure-sweep h3").inner_text() == "Error against tau"
    assert len(opened.marks("sweep")) == 3
    assert (
        opened.page.locator("#figure-sweep .chart").get_attribute("aria-label").startswith("Mean squared error against")
    )


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_a_telephone_and_a_desk(width: int, theme: str, browser: Any, swept: Project) -> None:
    viewport = {"width": width, "height": 800}
    opened = Opened(browser, swept.folder / "reports/compare.html", viewport=viewport, color_scheme=theme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    assert opened.violations() == []
    opened.page.context.close()


@pytest.mark.slow
def test_without_scripts_it_says_what_the_charts_show(browser: Any, swept: Project) -> None:
    opened = Opened(browser, swept.folder / "reports/compare.html", java_script_enabled=False)
    assert opened.page.locator("#figure-curves noscript p").inner_text().startswith("Mean squared error by steps ahead")
    assert opened.page.locator("#scores table").first.is_visible()
    assert not opened.page.locator(".controls").first.is_visible()
    opened.page.context.close()
