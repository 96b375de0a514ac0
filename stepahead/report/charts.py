"""Charts as Vega-Lite specifications, which the page draws in the browser and `figures` as PNG and SVG.

A specification names its table instead of holding it. The page's controls set its params: `hidden` (lines switched
off), `choice` (the one of several models, horizons, … that is shown), and `from` and `to` (the time steps shown).
Colours are CSS variables, so that the page's theme reaches them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.report.line_styles import Look
from stepahead.report.numbers import log_ticks, scientific

Spec = dict[str, Any]
Table = dict[str, list[Any]]
"""Columns by name."""
Looks = Mapping[str, Look]

CONFIG: Spec = {
    "aria": False,
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "domainColor": "currentColor",
        "domainOpacity": 0.4,
        "gridColor": "currentColor",
        "gridOpacity": 0.12,
        "labelColor": "currentColor",
        "labelFontSize": 12,
        "labelOverlap": True,
        "tickColor": "currentColor",
        "tickOpacity": 0.4,
        "titleColor": "currentColor",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
}
PLAIN = ",.6~r"  # 128 and 5,000,000, where Vega's own choice would be 1.3e+2 and 5e+6
DIGITS = ".5g"
SMALL = 1e-4  # where there are ticks below it, they and those near it are shown as powers of ten
ROUND = [float(f"{digit}e{power}") for power in range(-9, 10) for digit in (1, 2, 5)]
QUANTITY: Spec = {"type": "quantitative"}
LOG: Spec = {"type": "log", "nice": False, "padding": 8}


@dataclass(frozen=True)
class Choice:
    """The column by which one part of the table is shown at a time, its values, and which of them at first."""

    field: str
    options: Sequence[Any]
    first: int = 0


@dataclass(frozen=True)
class Chart:
    """A chart with its table, in words what a reader who cannot see it misses, and its controls.

    `lines`: what can be switched off and on, by name; `line`: the column that names them, where there is one; `hidden`:
    those that are off at first; `steps`: the range of time steps; `heads`: the columns that say where a value stands,
    with their titles.
    """

    spec: Spec
    columns: Table
    alt: str
    lines: Looks = field(default_factory=dict)
    line: str = ""
    hidden: Sequence[str] = ()
    choice: Choice | None = None
    steps: tuple[int, int] | None = None
    heads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """A level line and its name; `option`: of the choice for which alone it stands."""

    value: float
    name: str
    option: Any = None


def chart(
    columns: Mapping[str, Any],
    alt: str,
    x: Spec,
    layers: Sequence[Spec],
    *,
    lines: Looks,
    rows: Spec | None = None,
    pivot: tuple[str, str] | None = None,
    line: str = "",
    hidden: Sequence[str] = (),
    choice: Choice | None = None,
    steps: tuple[int, int] | None = None,
    dates: Sequence[str] | None = None,
    heads: Mapping[str, str] | None = None,
    height: int = 300,
) -> Chart:
    """Layers over a shared x axis, and a rule under the pointer whose tooltip holds every line's value there.

    Args:
        rows: the y axis, where the rule is to lie along it.
        pivot: the columns that name a line and hold its value, where the table has a row for each; None where it has a
            column for each.
        line: the column whose lines are switched off.
        steps: the range of the column t, where the x axis is made of it; `dates` are its labels.
    """
    heads = heads or {x["field"]: x["title"]}
    across = {"y": rows} if rows else {"x": x}
    filters: list[Spec] = [{"filter": f"datum.{choice.field} === choice"}] if choice else []
    filters += [{"filter": "datum.t >= from && datum.t <= to"}] if steps else []
    filters += [{"filter": f"indexof(hidden, datum.{line}) < 0"}] if line else []
    for layer in layers:
        # a layer with data of its own stands outside the transforms and the shared axis
        if "data" not in layer:
            layer["encoding"] = {"x": x, **layer["encoding"]}
            layer["transform"] = [*filters, *layer.get("transform", [])]
    params: list[Spec] = [{"name": "hidden", "value": list(hidden)}]
    if choice:
        params.append({"name": "choice", "value": choice.options[choice.first]})
    if steps:
        params += [{"name": "from", "value": steps[0]}, {"name": "to", "value": steps[1]}]
    if dates is not None:
        params.append({"name": "dates", "value": list(dates)})
    spec = {
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": params,
        "layer": [*layers, _pointer(across, filters, pivot, list(heads))],
    }
    return Chart(spec, in_columns(columns), alt, lines, line, list(hidden), choice, steps, heads)


def line_chart(
    columns: Mapping[str, Any],
    alt: str,
    x: Spec,
    y: Spec,
    *,
    lines: Looks,
    line: str = "model",
    name: str = "",
    styles: Sequence[str] = (),
    choice: Choice | None = None,
    levels: Sequence[Level] = (),
    heads: Mapping[str, str] | None = None,
) -> Chart:
    """A line for each value of the column `line`.

    Args:
        columns: `line`, the fields of `x` and `y` and, where there are some: low and high, a band; dot, true for a
            point to mark; style, of a solid and a dashed part of each line.
        styles: the two values of the column style.
        name: the column that names a line in tooltips, where `line` does not say enough.
    """
    layers: list[Spec] = []
    if "low" in columns:
        band = {"y": {**y, "field": "low"}, "y2": {"field": "high"}, **encode(lines, line, ("color",))}
        layers.append({"mark": {"type": "area", "fillOpacity": 0.15}, "encoding": band})
    encoding = {"y": y, **encode(lines, line)}
    if styles:
        dashes = {"domain": [*styles], "range": [[1, 0], [5, 4]]}
        encoding["strokeDash"] = {"field": "style", "type": "nominal", "scale": dashes, "legend": None}
    layers.append({"mark": {"type": "line", "strokeWidth": 1.8}, "encoding": encoding})
    if "dot" in columns:
        mark = {"type": "point", "filled": True, "size": 40, "fillOpacity": 1}
        encoding = {"y": y, **encode(lines, line, ("color",))}
        layers.append({"mark": mark, "encoding": encoding, "transform": [{"filter": "datum.dot"}]})
    layers += [layer for level in levels for layer in _level(y["field"], level, choice)]
    pivot = (name or line, y["field"])
    return chart(columns, alt, x, layers, lines=lines, pivot=pivot, line=line, choice=choice, heads=heads)


def encode(lines: Looks, line: str, channels: Sequence[str] = ("color", "strokeDash")) -> Spec:
    """Every line keeps its colour and dash, whichever of them are shown; `line` is the column of their names, or the
    name of one."""
    ranges = {"color": [look.css for look in lines.values()], "strokeDash": [look.dash for look in lines.values()]}
    source = {"datum": line} if line in lines else {"field": line}
    return {
        channel: {
            **source,
            "type": "nominal",
            "legend": None,  # the page has one of its own, which switches lines off and on
            "scale": {"domain": [*lines], "range": ranges[channel]},
        }
        for channel in channels
    }


def switched(layer: Spec, name: str) -> Spec:
    """A layer that is shown while the line of this name is switched on."""
    return {**layer, "transform": [*layer.get("transform", []), {"filter": f"indexof(hidden, '{name}') < 0"}]}


def log(field: str, title: str, values: Sequence[float]) -> Spec:
    """A logarithmic axis with round ticks, as far as `values` reach."""
    known = [value for value in values if value > 0]
    ticks = log_ticks(min(known), max(known)) if known else ROUND
    axis: Spec = {"values": [*ticks], "format": PLAIN, "labelOverlap": "greedy"}
    if min(ticks) < SMALL:
        labels = [scientific(tick) if tick < 100 * SMALL else f"{tick:,g}" for tick in ticks]
        axis["labelExpr"] = f"{json.dumps(labels)}[indexof({json.dumps(axis['values'])}, datum.value)]"
    return {"field": field, "title": title, **QUANTITY, "axis": axis, "scale": LOG}


def linear(field: str, title: str, limits: tuple[float, float] | None = None) -> Spec:
    scale = {"zero": False} | ({"domain": list(limits), "nice": False} if limits else {})
    return {"field": field, **QUANTITY, "title": title, "scale": scale}


def count(field: str, title: str) -> Spec:
    """Whole numbers along an x axis."""
    axis, scale = {"tickMinStep": 1, "grid": False, "format": ",d"}, {"zero": False, "nice": False, "padding": 4}
    return {"field": field, "title": title, **QUANTITY, "axis": axis, "scale": scale}


def value_axis(key: str, values: Sequence[Any]) -> Spec:
    """The values of a param, in the field value: on a scale where they are numbers, otherwise as words in order."""
    if any(isinstance(value, str) for value in values):
        return {"field": "value", "type": "ordinal", "title": key, "sort": [*values]}
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low >= 16
    scale = {"type": "log", "base": 2, "nice": False} if logarithmic else {"zero": False, "nice": False}
    axis = {"values": [*values], "format": PLAIN, "grid": False}
    return {"field": "value", **QUANTITY, "title": key, "axis": axis, "scale": {**scale, "padding": 12}}


def steps_ahead() -> Spec:
    return count("k", "steps ahead (k)")


def time_axis(steps: tuple[int, int], dates: Sequence[str] | None) -> Spec:
    """The steps between the params `from` and `to`, by their dates where there are some."""
    by_date = {"labelExpr": f"dates[datum.value - {steps[0]}]", "labelSeparation": 12}
    labels = {"format": "d"} if dates is None else by_date
    axis = {"grid": False, "tickMinStep": 1, **labels}
    scale = {"domain": [{"expr": "from"}, {"expr": "to"}], "nice": False, "zero": False}
    return {"field": "t", **QUANTITY, "title": "time step" if dates is None else "date", "axis": axis, "scale": scale}


def rule_at(field: str, value: float, **mark: Any) -> Spec:
    """An upright line at a value of the x axis, while that is in the range shown."""
    rule = {"type": "rule", "color": "currentColor", "strokeWidth": 1, "clip": True, **mark}
    return {"data": {"values": [{field: value}]}, "mark": rule, "encoding": {"x": {"field": field, **QUANTITY}}}


def band(mse: Array, std: Array) -> dict[str, Array]:
    """mse, and one standard deviation around it; the axis is logarithmic, and mse − std can fall below zero."""
    return {"mse": mse, "low": np.maximum(mse - std, mse / 4), "high": mse + std}


def table(rows: Sequence[tuple[Any, ...]], *names: str) -> Table:
    """Rows as columns."""
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def in_columns(table: Mapping[str, Any]) -> Table:
    """A table of arrays or lists as JSON can hold it, with short numbers."""
    return {
        name: [_short(value) for value in (column.tolist() if isinstance(column, np.ndarray) else column)]
        for name, column in table.items()
    }


def _short(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(format(value, DIGITS)) if np.isfinite(value) else None


def _pointer(across: Spec, filters: list[Spec], pivot: tuple[str, str] | None, heads: list[str]) -> Spec:
    """A rule at the row of the table that is nearest to the pointer; its tooltip is the row, which the page sorts."""
    spread: list[Spec] = [{"pivot": pivot[0], "value": pivot[1], "groupby": heads}] if pivot else []
    select = {"type": "point", "on": "pointerover", "nearest": True, "encodings": [*across], "clear": "pointerout"}
    opacity = {"condition": {"param": "pointer", "empty": False, "value": 0.5}, "value": 0}
    return {
        "transform": [*filters, *spread],
        "params": [{"name": "pointer", "select": select}],
        "mark": {"type": "rule", "color": "currentColor", "strokeWidth": 1, "tooltip": {"content": "data"}},
        "encoding": {**across, "opacity": opacity},
    }


def _level(field: str, level: Level, choice: Choice | None) -> list[Spec]:
    """A level line, and its name over its right end."""
    row = {field: level.value, "name": level.name}
    shown: list[Spec] = []
    if choice and level.option is not None:
        row[choice.field] = level.option
        shown = [{"filter": f"datum.{choice.field} === choice"}]
    base = {"data": {"values": [row]}, "transform": shown}
    y = {"field": field, **QUANTITY}
    text = {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "color": "currentColor"}
    return [
        {**base, "mark": {"type": "rule", "color": "currentColor", "strokeWidth": 1}, "encoding": {"y": y}},
        {**base, "mark": text, "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "name"}}},
    ]
