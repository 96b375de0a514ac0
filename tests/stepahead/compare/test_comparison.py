import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stepahead.compare import tables
from stepahead.compare.comparison import Comparison, Metric, Score, Verdict, compare, differing
from stepahead.compare.page import comparison_page
from stepahead.compare.runs import Losses, Run
from stepahead.report.page import Assets, read_assets, render

HOSTILE = "</script><!--<img src=x onerror=alert(1)> \x1b[31m\u202e|`*<b>"


def run(name: str, tau: Any = 4, mlp: float = 0.5, std: float = 0.1, data: str = "same", **params: Any) -> Run:
    """A run of two models with errors 1 and 4 steps ahead, and two language models."""
    # five seeds with a mean of 0 and a standard deviation of 1, in another order in each run
    deviations = np.array([-1.5, -0.5, 0.0, 0.5, 1.5]) / np.sqrt(1.25)
    seeds = {("mlp", f"k = {k}"): list(k**0.5 * mlp + std * np.roll(deviations, len(name))) for k in (1, 4)}
    surprise = np.random.default_rng(0).normal(size=400)
    lost = {("rnn", "test"): 3 + surprise + np.log(mlp), ("ngram_2", "test"): 3 + surprise}
    errors = {
        "model": ["mlp"] * 4 + ["lvar"] * 4,
        "k": [1.0, 2.0, 3.0, 4.0] * 2,
        "mse": [mlp, 1.2 * mlp, 1.5 * mlp, 2 * mlp, 0.04, 0.04, 0.05, 0.05],
        "mse_std": [std] * 4 + [0.0] * 4,
    }
    return Run(
        name,
        params={"tau": tau, **params},
        kstep={"mlp": {"k1": mlp, "k4": 2 * mlp}, "lvar": {"k1": 0.04, "k4": 0.05}, "floor": 0.04},
        perplexity={"rnn": {"train": 2.0, "test": 4 * mlp}, "ngram_2": {"test": 9.0}, "floor": 5.0},
        errors=errors,
        histories={"rnn": {"epoch": [1.0, 2.0], "perplexity": [9.0, 4 * mlp]}},
        seeds=seeds,
        losses={
            "kstep": Losses((data,), {("mlp", "k = 4"): np.zeros(400)}, {"k = 1": 1, "k = 4": 4}),
            "perplexity": Losses((data,), lost, {"test": 1}),
        },
    )


def metric(old: Score | None, new: Score | None, verdict: Verdict | None = None) -> Metric:
    return Metric("mlp", "k = 1", [old, new], [None, verdict])


def verdicts(*runs: Run) -> dict[tuple[str, str], Verdict | None]:
    """Of the second run."""
    comparison = Comparison(runs, [])
    return {(m.model, m.column): m.verdicts[1] for m in [*comparison.kstep, *comparison.perplexity]}


def test_a_change_within_the_error_bars_can_be_more_than_chance() -> None:
    old, new = run("HEAD"), run("exp", mlp=0.4)
    new.seeds["mlp", "k = 1"] = [seed - 0.1 for seed in old.seeds["mlp", "k = 1"][::-1]]
    new.seeds["mlp", "k = 4"] = [seed - 0.2 + 0.1 * seed for seed in old.seeds["mlp", "k = 4"]]
    found = verdicts(old, new)
    assert found["mlp", "k = 1"] is not None
    assert not found["mlp", "k = 1"].real  # whose seeds say the opposite of one another
    assert found["mlp", "k = 4"] is not None
    assert found["mlp", "k = 4"].real
    assert found["rnn", "test"] is not None


def test_equal_runs_get_no_verdict() -> None:
    assert not any(verdicts(run("HEAD"), run("exp")).values())


def test_runs_scored_on_other_data_get_no_verdict_and_a_caution() -> None:
    comparison = compare([run("HEAD"), run("exp", mlp=0.4), run("other", mlp=0.4, data="other")], [], sort=False)
    for m in [*comparison.kstep, *comparison.perplexity]:
        assert m.verdicts[2] is None
        assert (m.verdicts[1] is not None) == (m.differs and m.column != "train")
    assert comparison.notes == [
        f"{scores}: not all scored on the same data, and where not, not comparable"
        for scores in ("k-step errors", "perplexities")
    ]


def test_without_weight_seeds_the_losses_decide() -> None:
    old, new = (replace(run(name, mlp=mlp), seeds={}) for name, mlp in (("HEAD", 0.5), ("exp", 0.4)))
    row = np.random.default_rng(1).normal(size=400)
    new.losses["kstep"].rows["mlp", "k = 4"] = row - 0.5
    old.losses["kstep"].rows["mlp", "k = 4"] = row + np.random.default_rng(2).normal(size=400)
    found = verdicts(old, new)
    assert found["mlp", "k = 4"] is not None
    assert found["mlp", "k = 4"].real
    assert found["mlp", "k = 1"] is None  # whose losses are not there


def test_a_run_whose_losses_are_lost_is_still_compared() -> None:
    comparison = compare([run("HEAD"), replace(run("exp", mlp=0.4), losses={})], [], sort=False)
    assert not any(verdict for m in comparison.kstep for verdict in m.verdicts)
    assert comparison.notes == []
    assert "-20.0%" in tables.terminal(comparison, 100)


def test_many_chances_make_a_single_small_p_value_no_finding() -> None:
    """Of 40 runs that differ by chance alone, hardly one is called more."""
    runs = [run("HEAD")]
    for i in range(40):
        rng = np.random.default_rng(i)
        each = run(f"r{i}", mlp=0.5 + 1e-9 * i)
        runs.append(
            replace(
                each,
                seeds={place: list(np.mean(old) + rng.normal(0, 0.1, 5)) for place, old in each.seeds.items()},
                losses={"kstep": each.losses["kstep"]},
            )
        )
    judged = [verdict for m in Comparison(runs, []).kstep for verdict in m.verdicts if verdict]
    assert len(judged) > 70
    assert any(verdict.p < 0.05 for verdict in judged)
    assert sum(verdict.real for verdict in judged) == 0


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
    assert note == (
        "k-step errors: not all scored on the same data (series.noise_std differ), and where not, not comparable"
    )


def test_the_terminal_table_fits_the_terminal() -> None:
    comparison = Comparison(
        [run("HEAD"), *(run(f"tau-{tau}", tau, mlp=0.5 + tau) for tau in (8, 16, 32, 64))], ["a note"]
    )
    text = tables.terminal(comparison, 60)
    assert all(len(line) <= 60 for line in text.splitlines() if not line.startswith(("error", "perplexity")))
    assert text.count("\nmlp k = 4 ") == 4  # once in each block of columns
    assert "×17  <1e-4*" in text
    assert "perplexity, the same in all that have them: ngram_2" in text
    assert text.endswith("a note")


@pytest.mark.parametrize(("p", "text"), [(6e-4, "0.0006"), (0.0412, "0.041"), (1e-12, "<1e-4"), (1, "1")])
def test_a_p_value_has_few_digits(p: float, text: str) -> None:
    assert tables.p_value(Verdict(p)) == text


def test_a_training_perplexity_gets_no_verdict() -> None:
    old, new = run("HEAD"), run("b", 8, mlp=5)
    new.perplexity["rnn"]["train"] = 1.0
    lines = tables.terminal(Comparison([old, new], []), 200).splitlines()
    assert [line.split() for line in lines if line.startswith("rnn")] == [
        ["rnn", "train", "2", "1", "-50.0%"],
        ["rnn", "test", "2", "20", "+900.0%", "<1e-4*"],
    ]


def test_the_overview_has_a_line_a_run_and_the_last_score_of_each_model_that_changed() -> None:
    runs = [run("HEAD"), run("b", 8, mlp=0.25), run("tau-16", 16)]
    text = tables.overview(compare(runs, ["a note"], sort=True), 80)
    assert text.splitlines() == [
        "run     tau",
        "HEAD      4",
        "b         8",
        "tau-16   16",
        "",
        "error (mse), k = 4  mlp",
        "HEAD (tau = 4)        1",
        "b (tau = 8)         0.5",
        "tau-16                1",
        "",
        "perplexity, test  rnn",
        "HEAD (tau = 4)      2",
        "b (tau = 8)         1",
        "tau-16              2",
        "",
        "a note",
    ]


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
    assert "| mlp k = 1 | 0.5 ± 0.1 | 0.25 ± 0.05 | -50.0% | 0.0004 | yes |" in text
    assert "| rnn test | 2 | 1 | -50.0% | &lt;1e-4 | yes |" in text


def test_a_legend_tells_the_params_that_a_name_does_not() -> None:
    assert Comparison([run("HEAD"), run("tau-8", 8)], []).labels == ["HEAD (tau = 4)", "tau-8"]


@pytest.fixture
def assets(root: Any, tmp_path: Any) -> Assets:
    (tmp_path / "vega.js").write_text("\n")
    return read_assets(root / "stepahead/report/template", tmp_path / "vega.js")


def test_the_page_holds_a_chart_for_the_sweep_and_each_kind_of_curve(assets: Assets) -> None:
    page = comparison_page(compare([run("HEAD"), run("b", 8, mlp=0.7), run("c", 16, mlp=0.9)], [], sort=True))
    charts = {figure.name: figure.chart for figure in page.figures}
    assert list(charts) == ["sweep", "perplexity_sweep", "curves", "training"]
    assert [chart.choice.options for chart in charts.values() if chart.choice] == [
        ["mlp", "lvar"],
        ["rnn", "ngram_2"],
        ["mlp"],
        ["rnn"],
    ]
    assert charts["sweep"].columns["value"][:3] == [4, 8, 16]
    assert "mlp 1 at tau = 4" in page.figures[0].see
    assert "lvar 0.05 at every tau" in page.figures[0].see
    html = render("compare.html", page, assets)
    assert html.count('<select data-choice="model">') == 2  # of one model there is nothing to choose
    assert 'class="change worse beyond"' in html


def test_the_best_run_of_each_model_stands_on_top() -> None:
    page = comparison_page(compare([run("HEAD"), run("b", 8, mlp=0.2), run("c", 16, mlp=0.2)], [], sort=True))
    (caption, errors), (_, perplexities) = page.best
    assert caption == "Mean squared error"
    assert [(row.name, [(cell.text, cell.change) for cell in row.cells]) for row in errors.rows] == [
        ("mlp", [("b = c", "0.2"), ("b = c", "0.4")])
    ]
    assert [row.name for row in perplexities.rows] == ["rnn"]


def test_runs_with_the_same_curve_are_one_line_with_all_their_names() -> None:
    page = comparison_page(compare([run("HEAD"), run("b", 8), run("c", 16, mlp=0.2)], [], sort=True))
    (curves,) = [figure.chart for figure in page.figures if figure.name == "curves"]
    assert list(curves.lines) == ["HEAD (tau = 4) = b (tau = 8)", "c (tau = 16)"]
    assert len(curves.columns["k"]) == 2 * 4


def test_the_largest_change_comes_first_and_says_whether_it_is_better() -> None:
    runs = [run("HEAD", mlp=0.5), run("b", 8, mlp=0.4)]
    for metric in runs[1].kstep.values():
        if isinstance(metric, dict) and metric["k1"] == 0.04:
            metric["k1"] = 0.08
    (scores, _) = comparison_page(compare(runs, [], sort=True)).scores
    assert [row.name for row in scores.table.rows] == ["lvar, k = 1", "mlp, k = 1", "mlp, k = 4"]
    assert [row.cells[1].verdict for row in scores.table.rows] == ["worse", "better", "better"]


def test_runs_are_the_rows_of_the_params() -> None:
    page = comparison_page(compare([run("HEAD"), run("b", 8, mlp=0.7)], [], sort=True))
    assert page.params.header == ["tau"]
    assert [(row.name, row.cells[0].text) for row in page.params.rows] == [("HEAD", "4"), ("b", "8")]


def test_a_hostile_name_shows_as_text(assets: Assets) -> None:
    runs = [run("HEAD", "x"), run(HOSTILE, HOSTILE, mlp=0.7), run("c", "z", mlp=0.9)]
    html = render("compare.html", comparison_page(compare(runs, [HOSTILE], sort=True)), assets)
    assert "<img" not in html
    assert "<!--" not in html
    assert html.count("</script>") == 3
    assert "&lt;/script&gt;&lt;!--" in html


def test_runs_without_curves_still_make_a_page(assets: Assets) -> None:
    bare = Run("bare", {"tau": 4}, {"mlp": {"k1": 1.0}}, {}, {}, {})
    html = render("compare.html", comparison_page(compare([bare, replace(bare, name="other")], [], sort=True)), assets)
    assert "No param: the runs differ in code or data." in html
    assert json.loads(html.partition('id="data">')[2].partition("</script>")[0])["charts"] == {}
