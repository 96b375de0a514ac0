"""A chart as files: what the page draws it from, as JSON, and as PNG and SVG; the same bytes for the same content."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stepahead.core import processes
from stepahead.core.artifacts import atomic, read_json, write_text
from stepahead.core.params import read_yaml
from stepahead.report.charts import CONFIG, Chart, Choice, Spec
from stepahead.report.line_styles import LIGHT, Look, themes

CAPTIONS = Path("stepahead/report/template/captions.yaml")
# A text that the font has all letters of (Latin, Greek, Cyrillic) is drawn without the system's fonts, of which another
# version would give other bytes; the others need them.
NO_FONTS = Path(__file__).parent.resolve() / "template/fonts.conf"
COVERED = re.compile(r"[\u0000-\u052f\u1e00-\u22ff]*")
CLIP = re.compile(r'(?:(?<=id=")|(?<=url\(#))clip\d+')
WIDTH = 640
MAX_PANELS = 4  # a choice of so many is a panel each, where nothing can be chosen
TEXT = "#1b1f24"
FILE_CONFIG: Spec = {
    **CONFIG,
    "background": LIGHT,
    "font": "Liberation Sans",  # comes with vl-convert
    "legend": {"labelFontSize": 12, "labelLimit": 400},
    "title": {"anchor": "start", "fontSize": 14, "fontWeight": 600},
}


def save(charts: Mapping[str, Chart], folder: Path) -> None:
    """Write each chart, by the name that captions.yaml has a title for, as JSON, SVG and PNG."""
    captions = read_yaml(CAPTIONS)
    drawings = render([(captions[name]["title"], chart) for name, chart in charts.items()])
    for (name, chart), (svg, png) in zip(charts.items(), drawings, strict=True):
        write_text(folder / f"{name}.json", json.dumps(asdict(chart), ensure_ascii=False, allow_nan=False))
        write_text(folder / f"{name}.svg", svg)
        with atomic(folder / f"{name}.png") as temporary:
            temporary.write_bytes(png)


def render(charts: Sequence[tuple[str, Chart]]) -> list[tuple[str, bytes]]:
    """Each chart, with its title, as SVG and PNG."""
    specs = [standalone(chart, title) for title, chart in charts]
    if all(COVERED.fullmatch(json.dumps(spec, ensure_ascii=False)) for spec in specs):
        os.environ["FONTCONFIG_FILE"] = str(NO_FONTS)
    import vl_convert  # which looks for fonts once

    def drawn(spec: Spec) -> tuple[str, bytes]:
        svg = _numbered(vl_convert.vegalite_to_svg(spec))
        return svg, vl_convert.svg_to_png(svg, scale=1.5)

    return processes.each(drawn, specs)


def _numbered(svg: str) -> str:
    """With its clip paths counted from 0: Vega counts on through all that a process draws."""
    numbers: dict[str, int] = {}
    return CLIP.sub(lambda match: f"clip{numbers.setdefault(match[0], len(numbers))}", svg)


def read(path: Path) -> Chart:
    """A chart from the JSON that `save` wrote."""
    found: dict[str, Any] = read_json(path)
    found["lines"] = {name: Look(**look) for name, look in found["lines"].items()}
    if found["choice"]:
        found["choice"] = Choice(**found["choice"])
    if found["steps"]:
        low, high = found["steps"]
        found["steps"] = low, high
    return Chart(**found)


def standalone(chart: Chart, title: str) -> Spec:
    """The specification with its table, for a page of paper: every line, a legend, and a panel for each choice."""
    columns, choice = chart.columns, chart.choice
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    spec = {name: value for name, value in chart.spec.items() if name not in {"autosize", "params", "width", "height"}}
    spec["layer"] = [layer for layer in spec["layer"] if "params" not in layer]  # all but what the pointer shows
    params = [{**param, "value": []} if param["name"] == "hidden" else param for param in chart.spec["params"]]
    size = {"width": WIDTH, "height": chart.spec["height"]}
    if choice and 1 < len(choice.options) <= MAX_PANELS:
        size = {"width": WIDTH // 2, "height": 220}
        panels = [_panel(spec, choice, option) | size for option in choice.options]
        spec = {"columns": 2, "concat": panels}
    else:
        spec |= size
    whole = {**spec, "title": title, "params": params, "data": {"values": rows}, "config": FILE_CONFIG}
    legend: Spec = {"title": None, "symbolSize": 90}
    if chart.line != "span":  # whose marks are points
        legend |= {"symbolType": "stroke", "symbolSize": 500, "symbolStrokeWidth": 2}
    text = json.dumps(whole, ensure_ascii=False).replace("currentColor", TEXT)
    text = text.replace('"legend": null', f'"legend": {json.dumps(legend)}')
    themed: Spec = json.loads(re.sub(r"var\(--(\w+)\)", lambda match: themes(match[1])[0], text))
    return themed


def _panel(spec: Spec, choice: Choice, option: Any) -> Spec:
    """The chart of one option, which stands in the filters in place of the param."""
    chosen = json.dumps(json.dumps(option))[1:-1] if isinstance(option, str) else str(option)
    panel: Spec = json.loads(json.dumps(spec).replace("=== choice", f"=== {chosen}"))
    return panel | {"title": {"text": f"{choice.field} = {option}", "fontWeight": "normal", "fontSize": 12}}
