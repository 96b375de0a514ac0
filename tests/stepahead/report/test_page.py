import re
from dataclasses import replace

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.report.charts import Chart
from stepahead.report.line_styles import Look
from stepahead.report.page import (
    Assets,
    Continuation,
    Page,
    Passage,
    Piece,
    continuation,
    figures,
    passages,
    read_assets,
    render,
)
from stepahead.report.results import Cell, Row, Table
from stepahead.report.run_summary import Setting

HOSTILE = "</script><!--<img src=x onerror=alert(1)>\u2028\u202e\x1b[31m&amp;'\""
CHART = Chart({"mark": "line", "height": 1}, {"t": [1], "name": [HOSTILE]}, HOSTILE, {HOSTILE: Look("#123456")})
TABLE = Table(["k = 1"], [Row("mlp", "model", "", [Cell("0.04", "0.01")])])
ABOUT = {"title": "B", "see": "A.", "see_if_signal": "S.", "see_if_seeds": "C.", "book": "8", "numbers": "tables/b.csv"}
CAPTIONS = {"absent": ABOUT, "b": ABOUT}
TRUE = {"signal": False, "seeds": True, "book_series": False, "book_text": True}


@pytest.fixture
def content() -> Page:
    return Page(
        answers={"series": [HOSTILE], "text": [HOSTILE]},
        tables={"series": TABLE, "unit": TABLE, "text": TABLE},
        data={"series": HOSTILE, "text": HOSTILE},
        unit=HOSTILE,
        checks=[HOSTILE],
        figures=figures({"text/b": CHART}, CAPTIONS, TRUE, {"b": HOSTILE}),
        settings=[Setting("corpus.name", HOSTILE, "bundled", f"-S 'corpus.name={HOSTILE}'"), Setting("tau", "4", "4")],
        versions={"dvc": "3"},
        continuations=[Continuation("rnn", [Piece(HOSTILE, "copied")], 1)],
        passages=[Passage("train", HOSTILE, HOSTILE, [Continuation("rnn", [Piece(HOSTILE, "recited")], 1)])],
        growth=TABLE,
        explain={"model": HOSTILE, "reach": 1, "horizon": 1, "first": 1, "last": 2},
        living={"networks": {HOSTILE: {}}, "counted": None, "text": HOSTILE},
        try_next="dvc exp run -S generate.temperature=1",
    )


@pytest.fixture
def assets(root, tmp_path) -> Assets:
    (tmp_path / "vega.js").write_text("\n")
    assets = read_assets(root / "stepahead/report/template", tmp_path / "vega.js")
    return replace(assets, scripts=dict.fromkeys(assets.scripts, ""))


def test_what_a_corpus_says_never_becomes_markup(content: Page, assets: Assets) -> None:
    html = render("index.html", content, assets)
    assert "<img src=x" not in html
    assert "<!--" not in html
    assert not {"\u2028", "\u202e", "\x1b"} & {*html}
    assert html.count("</script>") == 8
    assert "&lt;/script&gt;&lt;!--" in html
    assert "\\u003c/script\\u003e" in html


def test_the_same_content_gives_the_same_bytes(content: Page, assets: Assets) -> None:
    assert render("index.html", content, assets) == render("index.html", replace(content), assets)


@pytest.mark.parametrize("code", ["x = '</SCRIPT>'", "<!--"])
def test_a_script_that_would_end_itself_is_refused(code: str, content: Page, assets: Assets) -> None:
    with pytest.raises(StepaheadError, match=r"vega\.js"):
        render("index.html", content, replace(assets, bundle=code))


def test_changed_settings_come_with_the_command_that_sets_them(content: Page, assets: Assets) -> None:
    html = render("index.html", content, assets)
    assert "dvc exp run -S &#39;corpus.name=" in html
    assert "tau=4" not in html


def test_a_figure_says_what_is_true_of_the_run() -> None:
    (of_text,) = figures({"text/b": CHART}, CAPTIONS, TRUE, {"b": "dvc exp run -S tau=8"})
    assert (of_text.part, of_text.see, of_text.book, of_text.try_next) == ("text", "A. C.", "8", "dvc exp run -S tau=8")
    (of_series,) = figures({"series/b": CHART}, CAPTIONS, TRUE, {})
    assert (of_series.part, of_series.book, of_series.try_next) == ("series", "", "")


def test_lines_have_a_colour_in_each_theme_and_a_note(content: Page, assets: Assets) -> None:
    noted = Chart(CHART.spec, CHART.columns, "alt", {"ols": Look("#88CCEE", note="least squares")})
    html = render("index.html", replace(content, figures=figures({"series/b": noted}, CAPTIONS, TRUE, {})), assets)
    light, dark = re.findall("--c88ccee: (#[0-9a-f]{6});", html.lower())
    assert dark == "#88ccee" != light  # it does not stand out from white
    assert 'title="least squares"' in html


def test_what_was_copied_is_marked_and_nothing_is_lost() -> None:
    found = continuation("rnn", {"text": "time travellers saw\u202e xyz", "start": 9, "copied": [12, 18]})
    assert [(p.text, p.kind) for p in found.pieces] == [
        ("time␣trav", "prefix"),
        ("ell", ""),
        ("ers␣sa", "copied"),
        ("w\N{REPLACEMENT CHARACTER}␣xyz", ""),
    ]
    assert found.marked == 6


def test_a_passage_shows_how_far_each_model_recites_it() -> None:
    found = {"text": "the clock struck ten\n", "start": 9, "truth": " struck two", "recited": 9, "copied": [9, 9]}
    other = {"text": "the clock sat", "start": 9, "truth": " struck two", "recited": 2, "copied": [9, 9]}
    (train,) = passages({"gru": {"passages": {"train": found}}, "rnn": {"passages": {"train": other}}})
    assert (train.span, train.given, train.truth) == ("train", "the␣clock", "␣struck␣two")
    assert [(c.model, c.marked, [(p.text, p.kind) for p in c.pieces]) for c in train.continuations] == [
        ("gru", 9, [("␣struck␣t", "recited"), ("en↵\n", "")]),
        ("rnn", 2, [("␣s", "recited"), ("at", "")]),
    ]
