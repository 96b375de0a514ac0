"""reports/index.html in a real browser, as somebody without a network opens it."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from stepahead.core.artifacts import read_columns
from tests.browser import HOSTILE, Opened
from tests.project import Project


@pytest.fixture(scope="module")
def opened(browser: Any, finished: Project) -> Iterator[Opened]:
    opened = Opened(browser, finished.folder / "reports/index.html")
    yield opened
    opened.page.context.close()


def test_it_needs_no_network_and_says_nothing_on_the_console(opened: Opened) -> None:
    assert opened.requests == [opened.address]
    assert opened.complaints == []


def test_every_chart_is_drawn_and_says_in_words_what_it_shows(opened: Opened) -> None:
    charts = opened.page.locator("[data-chart]")
    assert charts.count() >= 6
    for chart in charts.all():
        assert chart.locator("svg").count() == 1
        assert len(chart.get_attribute("aria-label")) > 40
    assert opened.page.locator("img").count() == 0  # none is a picture that ignores theme and width


def test_the_horizon_slider_moves_the_predictions_from_the_keyboard(opened: Opened) -> None:
    slider = opened.page.locator("#figure-kstep [data-signal=choice]")
    horizons, shapes = [], [opened.marks("kstep")]
    for key in ("Home", "ArrowRight", "ArrowRight"):
        slider.press(key)
        horizons.append(slider.get_attribute("aria-valuetext"))
        shapes.append(opened.soon(lambda: opened.marks("kstep"), shapes[-1]))
    assert horizons == ["1", "4", "16"]
    assert shapes[1] != shapes[2] != shapes[3]


def test_a_model_is_switched_off_and_on(opened: Opened) -> None:
    def marks() -> list[str]:
        return opened.marks("kstep_error")

    before = marks()
    box = opened.page.locator("#figure-kstep_error [data-line]").last
    box.press("Space")
    fewer = opened.soon(marks, before)
    assert len(fewer) == len(before) - 1
    box.press("Space")
    assert len(opened.soon(marks, fewer)) == len(before)


def test_a_line_that_a_choice_does_not_have_is_not_listed(opened: Opened) -> None:
    label = opened.page.locator("#figure-kstep_error fieldset label").first
    label.evaluate("label => { label.hidden = true; }")
    assert not label.is_visible()
    label.evaluate("label => { label.hidden = false; }")


def test_the_range_of_steps_zooms_and_never_becomes_empty(opened: Opened) -> None:
    def labels() -> str:
        return str(opened.page.locator("#figure-series .role-axis-label").first.text_content())

    before = labels()
    low, high = (opened.page.locator(f"#figure-series [data-signal={end}]") for end in ("from", "to"))
    low.press("End")
    assert opened.soon(labels, before) != before
    assert int(low.input_value()) < int(high.input_value())
    low.press("Home")


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("series", r"time step\s+\d+\s"),
        ("kstep", r"k\s+\d+\s+time step\s+\d+\s"),
        ("kstep_error", r"steps ahead \(k\)\s+\d+\s"),
        ("future", r"time step\s+\d+\s.*95% to"),
        ("intervals", r"time step\s+\d+\s.*95% to"),
        ("perplexity", r"model\s+\w+\s.*test"),
        ("training_perplexity", r"epoch\s+\d+\s.*gru, validation text"),
    ],
)
def test_the_pointer_shows_the_values_there_from_the_highest_down(figure: str, words: str, opened: Opened) -> None:
    text = tooltip(opened, figure)
    assert re.match(words, text, flags=re.DOTALL)
    assert "undefined" not in text
    heads = {"kstep": 2, "perplexity": 0}.get(figure, 1)  # numbers that say where the pointer is
    values = [float(value.replace(",", "")) for value in re.findall(r"^-?[\d.,]+$", text, flags=re.MULTILINE)][heads:]
    assert len(values) > 1
    assert values == sorted(values, reverse=True)


def test_the_pointer_shows_visible_lines_only(opened: Opened) -> None:
    box = opened.page.locator("#figure-kstep [data-line=lvar]")
    assert "lvar" in tooltip(opened, "kstep")
    box.press("Space")
    assert "lvar" not in tooltip(opened, "kstep")
    box.press("Space")


def tooltip(opened: Opened, figure: str) -> str:
    """What is shown where the pointer is at the right of a chart."""
    chart = opened.page.locator(f"#figure-{figure} .chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    for beside in (1, 0):
        opened.page.mouse.move(box["x"] + 0.9 * box["width"] + beside, box["y"] + box["height"] / 2)

    def text() -> str:
        return "\n".join(opened.page.locator("#vg-tooltip-element.visible").all_inner_texts())

    found = str(opened.soon(text, ""))
    opened.page.mouse.move(0, 0)
    opened.soon(text, found)
    return found


def test_a_model_is_chosen_for_its_intervals(opened: Opened) -> None:
    def held() -> str:
        return " ".join(opened.page.locator("#figure-intervals .chart text").all_text_contents())

    before = held()
    opened.page.locator("#figure-intervals select").press("ArrowDown")
    assert "in the 95% interval" in opened.soon(held, before) != before


def test_on_paper_the_legend_stays_and_no_figure_is_split(opened: Opened) -> None:
    opened.page.emulate_media(media="print", color_scheme="dark")
    assert opened.page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"  # on white paper
    shown = opened.page.locator("#figure-kstep fieldset label:visible")
    checked = opened.page.locator("#figure-kstep [data-line]:checked")
    assert shown.count() == checked.count() > 0
    assert not opened.page.locator("#figure-kstep input:visible").count()
    for figure in opened.page.locator("figure").all():
        assert figure.evaluate("figure => getComputedStyle(figure).breakInside") == "avoid"
    opened.page.emulate_media(media="screen", color_scheme="light")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_a_telephone_and_a_desk_by_day_and_by_night(
    width: int, theme: str, browser: Any, finished: Project
) -> None:
    viewport = {"width": width, "height": 800}
    opened = Opened(browser, finished.folder / "reports/index.html", viewport=viewport, color_scheme=theme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width
    widest = opened.page.evaluate("Math.max(...[...document.querySelectorAll('.chart svg')].map(s => s.clientWidth))")
    assert 0.6 * min(width, 960) < widest < width
    assert opened.violations() == []
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (theme == "light")
    opened.page.context.close()


def test_without_scripts_it_shows_the_drawings(browser: Any, finished: Project) -> None:
    opened = Opened(browser, finished.folder / "reports/index.html", java_script_enabled=False)
    drawn = opened.page.locator("noscript img")
    assert drawn.count() == len(list((finished.folder / "reports/figures").glob("*/*.svg"))) >= 11
    widths = drawn.evaluate_all("images => images.map(image => image.naturalWidth)")
    assert min(widths) > 0
    assert not opened.page.locator(".controls").first.is_visible()
    assert not opened.page.locator(".chart").first.is_visible()
    opened.page.context.close()


@pytest.mark.slow
def test_a_hostile_corpus_and_series_show_as_text(browser: Any, project: Project) -> None:
    for name, change in {
        "reports/generated.json": lambda rows: {
            next(iter(rows)): {"text": HOSTILE * 2, "start": 9, "copied": [20, 60], "passages": {}}
        },
        "data/corpus/about.json": lambda about: {**about, "name": HOSTILE},
        "data/series/series.json": lambda scalars: {**scalars, "name": HOSTILE, "unit": HOSTILE},
    }.items():
        content = json.dumps(change(project.json(name)))
        (project.folder / name).unlink()  # it may be a link into DVC's cache
        (project.folder / name).write_text(content, encoding="utf-8")
    project.set({"generate.prefix": HOSTILE})
    for stage in ("plot_series", "write_page"):
        done = project.run(sys.executable, "-m", f"stages.{stage}", DVC_STAGE=stage)
        assert done.code == 0, done.output
    opened = Opened(browser, project.folder / "reports/index.html")
    assert opened.page.title() != "owned"
    assert opened.complaints == []
    assert opened.requests == [opened.address]
    shown = opened.page.locator("#generated .text").inner_text()
    assert "</script><script>document.title='owned'</script>" in shown
    assert "{{␣7␣*␣7␣}}" in shown
    assert "\u202e" not in shown
    assert opened.page.locator("img").count() == 0
    opened.page.context.close()


def test_a_forecast_is_taken_apart(opened: Opened, finished: Project) -> None:
    page = opened.page
    origin, k = (page.locator(f"[data-explain={name}]") for name in ("origin", "k"))

    def number(text: str) -> float:
        return float(text.replace("−", "-"))

    def sum_line() -> list[float]:
        text = page.locator("[data-explain=sum]").inner_text()
        return [number(found) for found in re.findall(r"[−\d.e]+\d", text)]

    table = read_columns(finished.folder / "reports/tables/predictions.csv")
    predictions = dict(zip(zip(table["t"], table["k"], strict=True), table["ols"], strict=True))
    for steps in (1, 4):
        k.fill(str(steps))
        origin.press("Home")
        step, constant, lags, forecast, *_ = sum_line()
        added = page.locator("[data-explain=lags] td:last-child").all_inner_texts()
        assert sum(map(number, added)) == pytest.approx(lags, rel=0.02)
        assert constant + lags == pytest.approx(forecast, rel=0.02, abs=1e-3)
        assert forecast == pytest.approx(predictions[int(step), steps], rel=0.01)
    before = origin.input_value()
    page.locator("#explain svg").click(position={"x": 930, "y": 100})
    assert origin.input_value() != before
    assert page.locator("#growth tbody tr").count() >= 5
