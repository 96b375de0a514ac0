from dataclasses import replace

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.report import page
from stepahead.report.chart_data import Exhibit
from stepahead.report.line_styles import model_looks
from stepahead.report.page import (
    Assets,
    Continuation,
    Page,
    Passage,
    Piece,
    caption,
    continuation,
    figures,
    passages,
    read_assets,
    render,
    tidy,
)
from stepahead.report.results import Cell, Row, Table
from stepahead.report.run_summary import Setting

HOSTILE = "</script><!--<img src=x onerror=alert(1)>\u2028&amp;'\""
SVG = """<?xml version="1.0"?>
<svg width="648pt" viewBox="0 0 648 288">
 <metadata>made by</metadata>
 <!-- a comment -->
 <defs><path id="m1" d="M 1.23456 2 L 3.98765 4"/></defs>
 <g id="axes_1"><use xlink:href="#m1" x="10.55555" transform="scale(0.015625)"/><g clip-path="url(#p2)"/></g>
</svg>"""
EXHIBIT = Exhibit(spec={"mark": "line"}, columns={"t": [1], "name": [HOSTILE]}, alt=HOSTILE)
TABLE = Table(["k = 1"], [Row("mlp", "model", "", [Cell("0.04", "0.01")])])
CAPTIONS = {"b": {"title": "B", "also": ["covered"]}, "absent": {"title": "not drawn"}}


@pytest.fixture
def content() -> Page:
    return Page(
        answers={"series": [HOSTILE], "text": [HOSTILE]},
        tables={"series": TABLE, "text": TABLE},
        data={"series": HOSTILE, "text": HOSTILE},
        checks=[HOSTILE],
        figures=figures({"text/b": SVG}, CAPTIONS, {"b": EXHIBIT}, {}),
        settings=[Setting("corpus.name", HOSTILE, "bundled", f"-S 'corpus.name={HOSTILE}'"), Setting("tau", "4", "4")],
        versions={"dvc": "3"},
        continuations=[Continuation("rnn", [Piece(HOSTILE, "copied")], 1)],
        passages=[Passage("train", HOSTILE, HOSTILE, [Continuation("rnn", [Piece(HOSTILE, "recited")], 1)])],
        growth=TABLE,
        explain={"model": HOSTILE, "reach": 1, "horizon": 1, "first": 1, "last": 2},
        living={"networks": {HOSTILE: {}}, "counted": None, "text": HOSTILE},
        looks=[],
    )


@pytest.fixture
def assets(root, tmp_path) -> Assets:
    (tmp_path / "vega.js").write_text("\n")
    assets = read_assets(root / "stepahead/report/template", tmp_path / "vega.js")
    return replace(assets, scripts=dict.fromkeys(assets.scripts, ""))


def test_what_a_corpus_says_never_becomes_markup(content: Page, assets: Assets) -> None:
    html = render("index.html", content, assets)
    assert "<img" not in html
    assert "<!--" not in html
    assert "\u2028" not in html.partition('id="data">')[2]
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


def test_every_figure_stands_on_the_page_once_in_the_captions_order() -> None:
    drawings = {"series/unknown_one": SVG, "text/b": SVG, "text/covered": SVG}
    found = figures(drawings, CAPTIONS, {"b": EXHIBIT}, {})
    assert [figure.name for figure in found] == ["b", "unknown_one"]
    assert list(found[0].drawings) == ["text/b", "text/covered"]
    assert found[1].title == "unknown one"
    assert [figure.part for figure in found] == ["text", "series"]


def test_without_its_chart_a_figure_covers_no_other() -> None:
    found = figures({"text/b": SVG, "text/covered": SVG}, CAPTIONS, {}, {})
    assert [figure.name for figure in found] == ["b", "covered"]


def test_drawings_too_large_for_the_page_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_DRAWINGS", len(tidy(SVG, "x", "x")) + 10)
    shown = [figure.drawings for figure in figures({"text/x": SVG, "text/y": SVG}, {}, {}, {})]
    assert shown[0]["text/x"] is not None
    assert shown[1]["text/y"] is None


def test_a_drawing_is_made_fit_to_stand_beside_others() -> None:
    svg = tidy(SVG, "series/kstep", 'a "title"')
    assert svg.startswith('<svg role="img" aria-label="a &#34;title&#34;" fill="currentColor" width')
    assert 'id="kstep-m1"' in svg
    assert 'xlink:href="#kstep-m1"' in svg
    assert "url(#kstep-p2)" in svg
    assert "axes_1" not in svg
    assert 'd="M 1.2 2 L 3.9 4"' in svg
    assert "scale(0.015625)" in svg
    assert "comment" not in svg
    assert "made by" not in svg


def test_a_drawing_takes_the_pages_colors_and_font() -> None:
    style = "fill: #ffffff; stroke: #000000; color: #0072b2; font-family: 'DejaVu Sans', sans-serif; text-anchor: end"
    svg = tidy(
        f'<svg><g id="a"><text style="{style}">#000000</text></g></svg>',
        "x",
        "",
        {"#0072B2": model_looks(["ols"])["ols"]},
    )
    shown = "fill: var(--paper); stroke: currentColor; color: var(--m0); text-anchor: end"
    assert svg.endswith(f'<g><text style="{shown}">#000000</text></g></svg>')


def test_a_caption_says_what_is_true_of_the_run() -> None:
    about = {"see": "A.", "see_if_signal": "B.", "see_if_seeds": "C.", "try_next": "x", "try_next_if_signal": "y"}
    assert caption(about, {"signal": True, "seeds": True}) == {"see": "A. B. C.", "try_next": "y"}
    assert caption(about, {"signal": False, "seeds": True}) == {"see": "A. C.", "try_next": "x"}


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
