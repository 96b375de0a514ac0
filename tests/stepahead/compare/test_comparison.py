import json
from dataclasses import replace
from typing import Any

import pytest

from stepahead.compare import tables
from stepahead.compare.comparison import Comparison, Metric, Score, compare, differing
from stepahead.compare.page import comparison_page, labels
from stepahead.compare.runs import Run
from stepahead.report.page import Assets, read_assets, render

HOSTILE = "</script><!--<img src=x onerror=alert(1)> \x1b[31m\u202e|`*<b>"


def run(name: str, tau: Any = 4, mlp: float = 0.5, std: float = 0.1, **params: Any) -> Run:
    """A run of two models with errors 1 and 4 steps ahead, and one language model."""
    scores = {"k1": {"mse": mlp, "mse_std": std, "skill": 0.5}, "k4": {"mse": 2 * mlp, "mse_std": std, "skill": 0.5}}
    exact = {"k1": {"mse": 0.04, "mse_std": 0.0}, "k4": {"mse": 0.05, "mse_std": 0.0}}
    errors = {
        "model": ["mlp"] * 4 + ["lvar"] * 4,
        "k": [1.0, 2.0, 3.0, 4.0] * 2,
        "mse": [mlp, 1.2 * mlp, 1.5 * mlp, 2 * mlp, 0.04, 0.04, 0.05, 0.05],
        "mse_std": [std] * 4 + [0.0] * 4,
    }
    return Run(
        name,
        params={"tau": tau, **params},
        kstep={"mlp": scores, "lvar": exact, "floor": {"mse": 0.04}},
        perplexity={"rnn": {"book": 1.5, "train": 2.0, "val": None, "test": 4 * mlp}, "ngram_2": {"test": 9.0}},
        errors=errors,
        histories={"rnn": {"epoch": [1.0, 2.0], "perplexity": [9.0, 4 * mlp]}},
    )


def metric(old: Score | None, new: Score | None) -> Metric:
    return Metric("mlp", "k = 1", [old, new])


@pytest.mark.parametrize(
    ("old", "new", "beyond"),
    [
        (Score(1, 0.1), Score(1.21, 0.1), True),
        (Score(1, 0.1), Score(0.79, 0.1), True),
        (Score(1, 0.1), Score(1.19, 0.1), False),
        (Score(1, 0.1), Score(1, 0.1), False),
        (Score(1), Score(2, 0.1), None),  # nothing to judge by
        (Score(1, 0.1), None, None),
    ],
)
def test_a_change_is_more_than_the_error_bars_where_they_do_not_touch(old: Score, new: Score, beyond: bool) -> None:
    assert metric(old, new).beyond(1) is beyond


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (1, 1.5, "+50.0%"),
        (2, 1, "-50.0%"),
        (-1, -2, "-100.0%"),
        (1, 1, "="),
        (1, 1.0001, "≈0%"),
        (1, 30, "×30"),
        (0, 1, ""),
    ],
)
def test_change_is_a_share_of_the_old_value(old: float, new: float, text: str) -> None:
    assert tables.percent(metric(Score(old), Score(new)), 1) == text


def test_a_model_that_one_run_lacks_does_not_differ() -> None:
    assert not metric(Score(1), None).differs
    assert metric(Score(1), Score(2)).differs


def test_params_that_differ_stand_in_their_order() -> None:
    runs = [
        run("a", lr=1, linear={"models": ["ols"]}),
        run("b", tau=8, lr=1.0, linear={"models": []}),
        run("c", new=None),
    ]
    assert differing(runs) == ["tau", "lr", "linear.models", "new"]


def test_the_sweep_is_the_param_that_takes_most_values_while_the_others_stay() -> None:
    runs = [run("HEAD", lr=1)] + [run(f"t{tau}", tau, lr=2) for tau in (16, 2, 8)] + [run("x", 8, lr=3)]
    sweep = compare(runs, [], sort=True).sweep
    assert sweep is not None
    assert sweep.key == "tau"
    assert sweep.values == [2, 8, 16]
    assert [each.name for each in sweep.runs] == ["t2", "t8", "t16"]


def test_two_runs_are_no_sweep() -> None:
    assert compare([run("a"), run("b", 8)], [], sort=True).sweep is None


def test_the_default_order_is_that_of_the_params_and_a_given_order_stays() -> None:
    runs = [run("HEAD"), run("b", 16), run("a", 8)]
    assert [each.name for each in compare(runs, [], sort=True).runs] == ["HEAD", "a", "b"]
    assert [each.name for each in compare(runs, [], sort=False).runs] == ["HEAD", "b", "a"]


def test_scores_on_other_data_come_with_a_warning() -> None:
    [note] = compare([run("a", series={"noise_std": 1}), run("b", series={"noise_std": 2})], [], sort=True).notes
    assert note == "k-step errors: not scored on the same data (series.noise_std differ)"


def test_the_terminal_table_fits_the_terminal() -> None:
    comparison = Comparison(
        [run("HEAD"), *(run(f"tau-{tau}", tau, mlp=0.5 + tau) for tau in (8, 16, 32, 64))], ["a note"]
    )
    text = tables.terminal(comparison, 60)
    assert all(len(line) <= 60 for line in text.splitlines() if not line.startswith(("*", "error", "perplexity")))
    assert text.count("\nmlp k = 4 ") == 3  # once in each block of columns
    assert "×17 *" in text
    assert "perplexity, the same in all that have them: ngram_2" in text
    assert text.endswith("a note")


def test_perplexity_has_no_error_bar_and_no_verdict() -> None:
    comparison = Comparison([run("HEAD"), run("b", 8, mlp=5)], [])
    line = next(line for line in tables.terminal(comparison, 200).splitlines() if line.startswith("rnn test"))
    assert line.split() == ["rnn", "test", "2", "20", "+900.0%"]


def test_names_cannot_act_on_a_terminal_or_in_markdown() -> None:
    comparison = Comparison([run("HEAD"), run(HOSTILE, HOSTILE, mlp=9)], [HOSTILE])
    assert not {"\x1b", "\u202e"} & set(tables.terminal(comparison, 80))
    text = tables.markdown(comparison)
    assert not {"\x1b", "\u202e"} & set(text)
    assert "<" not in text
    lines = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines[:3]} == {4}


def test_markdown_says_old_new_change_and_verdict() -> None:
    text = tables.markdown(Comparison([run("main"), run("workspace", 8, mlp=0.25, std=0.05)], []))
    assert "| mlp k = 1 | 0.5 ± 0.1 | 0.25 ± 0.05 | -50.0% | yes |" in text
    assert "| rnn test | 2 | 1 | -50.0% |  |" in text


def test_a_legend_tells_the_params_that_a_name_does_not() -> None:
    assert labels(Comparison([run("HEAD"), run("tau-8", 8)], [])) == ["HEAD (tau = 4)", "tau-8"]


@pytest.fixture
def assets(root: Any, tmp_path: Any) -> Assets:
    (tmp_path / "vega.js").write_text("\n")
    return read_assets(root / "stepahead/report/template", tmp_path / "vega.js")


def test_the_page_holds_a_chart_for_the_sweep_and_each_kind_of_curve(assets: Assets) -> None:
    page = comparison_page(compare([run("HEAD"), run("b", 8, mlp=0.7), run("c", 16, mlp=0.9)], [], sort=True))
    charts = {figure.name: figure.chart for figure in page.figures}
    assert list(charts) == ["sweep", "perplexity_sweep", "curves", "training"]
    assert [chart.models for chart in charts.values() if chart] == [
        ["mlp", "lvar"],
        ["rnn", "ngram_2"],
        ["mlp"],
        ["rnn"],
    ]
    assert charts["sweep"]
    assert charts["sweep"].columns["value"][:3] == [4, 8, 16]
    assert "mlp 1 at tau = 4" in page.figures[0].see
    assert "lvar 0.05 whatever tau" in page.figures[0].see
    for figure in page.figures:
        assert figure.drawings[figure.name]  # for those who switch scripts off
    html = render("compare.html", page, assets)
    assert html.count('<select data-signal="model">') == 4
    assert 'class="change beyond"' in html


def test_a_hostile_name_shows_as_text(assets: Assets) -> None:
    runs = [run("HEAD", "x"), run(HOSTILE, HOSTILE, mlp=0.7), run("c", "z", mlp=0.9)]
    html = render("compare.html", comparison_page(compare(runs, [HOSTILE], sort=True)), assets)
    assert "<img" not in html
    assert "<!--" not in html
    assert html.count("</script>") == 3
    assert "&lt;/script&gt;&lt;!--" in html


def test_runs_without_curves_still_make_a_page(assets: Assets) -> None:
    bare = Run("bare", {"tau": 4}, {"mlp": {"k1": {"mse": 1.0}}}, {}, {}, {})
    html = render("compare.html", comparison_page(compare([bare, replace(bare, name="other")], [], sort=True)), assets)
    assert "No param: the runs differ in code or data." in html
    assert json.loads(html.partition('id="data">')[2].partition("</script>")[0])["charts"] == {}
