"""The pages' interactive charts, as Vega-Lite specifications: the grammar of DVC's own plot templates.

A specification names its table instead of holding it. A page's controls set its params: `hidden` (lines switched off),
`model` (the one shown), `k`, and `from` and `to` (the steps shown). Colours are CSS variables, so that the page's theme
reaches them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
Look = Mapping[str, Any]
"""A line's `color` (CSS) and `dash` (lengths in pixels)."""

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
    "legend": {"labelColor": "currentColor", "labelFontSize": 12, "titleColor": "currentColor"},
}
PLAIN = ",.6~r"  # 128 and 5,000,000, where Vega's own choice would be 1.3e+2 and 5e+6
IN_RANGE = {"filter": "datum.t >= from && datum.t <= to"}
_QUANTITY: Spec = {"type": "quantitative"}
_LOG: Spec = {"type": "log", "nice": False, "padding": 8}
_COUNT: Spec = {
    **_QUANTITY,
    "axis": {"tickMinStep": 1, "grid": False},
    "scale": {"zero": False, "nice": False, "padding": 4},
}
ROUND = [float(f"{digit}e{power}") for power in range(-9, 10) for digit in (1, 2, 5)]
STEPS: Spec = {"field": "k", "title": "steps ahead (k)", **_COUNT}
RANKS: Spec = {"field": "rank", "title": "rank", **_QUANTITY, "scale": _LOG}
EPOCHS: Spec = {"field": "epoch", "title": "epoch", **_COUNT}
TITLES = {"t": "time step", "k": "steps ahead"}
SPAN_DASHES = {"train": [1, 0], "val": [5, 4]}
SPANS = {"train": "circle", "val": "square", "test": "diamond"}


def series_chart(
    steps: tuple[int, int], n_train: int, label: str, columns: Sequence[str], dates: Sequence[str] | None = None
) -> Spec:
    """Table columns t, observed and, where known, signal and date; `dates` are the labels of the steps."""
    # without a signal, the line joins what was observed
    layers = [_points(_y("observed", label)), _thin_line(_y("signal" if "signal" in columns else "observed", label))]
    layers.append(_hover_rule(columns))
    params = [*_range(steps), *_dates(dates)]
    return _chart([*layers, _end_of_training(n_train)], [IN_RANGE], _step_axis(steps, dates), params)


def prediction_chart(
    looks: Mapping[str, Look],
    columns: Sequence[str],
    steps: tuple[int, int],
    n_train: int,
    limits: tuple[float, float],
    label: str,
    hidden: Sequence[str],
    k: int | None = None,
    dates: Sequence[str] | None = None,
) -> Spec:
    """Table columns t, observed, a column a model, date where known and, where `k` is the horizon shown first, k;
    `dates` are the labels of the steps."""
    models = {
        "transform": [{"fold": list(looks), "as": ["model", "prediction"]}, _shown("model")],
        "mark": {"type": "line", "strokeWidth": 1.8, "clip": True},
        "encoding": {"y": _y("prediction", label, limits), **_line_encoding(looks, "model")},
    }
    observed = _points(_y("observed", label, limits))
    at_k = [] if k is None else [{"filter": "datum.k === k"}]
    params = [*_range(steps), *_dates(dates), _value("hidden", list(hidden))] + ([] if k is None else [_value("k", k)])
    layers = [observed, models, _hover_rule(columns), _end_of_training(n_train)]
    return _chart(layers, [*at_k, IN_RANGE], _step_axis(steps, dates), params)


def error_chart(
    looks: Mapping[str, Look],
    floor: float | None,
    x: Spec = STEPS,
    line: str = "model",
    model: str | None = None,
    marked: Sequence[str] = (),
    ticks: Sequence[float] = ROUND,
) -> Spec:
    """Table columns `line`, the field of `x`, mse, mse_std, low, high and, where `model` is that shown first, model;
    the points of the lines `marked` are shown, not only the lines between them."""
    y = _log("mse", "mean squared error", ticks)
    band = {
        "mark": {"type": "area", "opacity": 0.15},
        "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}, **_line_encoding(looks, line, ("color",))},
    }
    tips = [_tip("mse", "error"), _tip("mse_std", "± over seeds")]
    layers: list[Spec] = [band, *_lines(y, looks, line, x, tips)]
    if marked:
        layers.append(
            {
                "transform": [{"filter": {"field": line, "oneOf": list(marked)}}],
                "mark": {"type": "point", "filled": True, "size": 30, "opacity": 1},
                "encoding": {"y": y, **_line_encoding(looks, line, ("color",))},
            }
        )
    if floor:
        layers += _level("mse", floor, "floor")
    return _line_chart(layers, x, line, model)


def training_chart(looks: Mapping[str, Look], x: Spec = EPOCHS, line: str = "model", model: str | None = None) -> Spec:
    """Table columns `line`, the field of `x`, perplexity and, where `model` is that shown first, model."""
    y = _log("perplexity", "perplexity", ROUND)
    return _line_chart(_lines(y, looks, line, x, [_tip("perplexity")]), x, line, model)


def learning_chart(
    looks: Mapping[str, Look], levels: Mapping[str, float], ticks: Sequence[float], *, validated: bool
) -> Spec:
    """Table columns model, span (train or val: a solid or a dashed line), epoch, perplexity, and kept, which is true
    for the point to mark. `levels` are the perplexities of the level lines, by name."""
    y = _log("perplexity", "perplexity", ticks)
    lines, points = _lines(y, looks, "model", EPOCHS, [_tip("span"), _tip("perplexity")])
    spans = {"domain": [*SPAN_DASHES], "range": [*SPAN_DASHES.values()]}
    names = "{train: 'training text', val: 'validation text'}[datum.value]"
    look = {"title": None, "orient": "top", "symbolStrokeColor": "currentColor", "symbolSize": 600, "labelExpr": names}
    legend = look if validated else None
    lines["encoding"]["strokeDash"] = {"field": "span", "type": "nominal", "scale": spans, "legend": legend}
    kept = {
        "transform": [{"filter": "datum.kept"}],
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {"y": y, **_line_encoding(looks, "model", ("color",))},
    }
    level_lines = [layer for name, level in levels.items() for layer in _level("perplexity", level, name)]
    return _line_chart([lines, kept, points, *level_lines], EPOCHS, "model", None)


def frequency_chart(looks: Mapping[str, Look], ticks: Sequence[float]) -> Spec:
    """Table columns ngrams, which names the line, rank and count."""
    x = {**RANKS, "axis": {"values": [*ticks], "format": PLAIN, "labelOverlap": "greedy", "grid": False}}
    y = _log("count", "occurrences", ticks)
    return _line_chart(_lines(y, looks, "ngrams", x, [_tip("count", "occurrences")]), x, "ngrams", None)


def value_axis(key: str, values: Sequence[Any]) -> Spec:
    """The values of a param, in the field value: on a scale where they are numbers, otherwise as words in order."""
    if any(isinstance(value, str) for value in values):
        return {"field": "value", "type": "ordinal", "title": key, "sort": [*values]}
    low, high = min(values), max(values)
    logarithmic = low > 0 and high / low >= 16
    scale = {"type": "log", "base": 2, "nice": False} if logarithmic else {"zero": False, "nice": False}
    axis = {"values": [*values], "format": PLAIN, "grid": False}
    return {"field": "value", **_QUANTITY, "title": key, "axis": axis, "scale": {**scale, "padding": 12}}


def perplexity_chart(models: Sequence[str], floor: float | None, ticks: Sequence[float]) -> Spec:
    """Table columns model, span and perplexity; a row a model, in the order of `models`."""
    color = {"field": "span", "scale": {"domain": [*SPANS], "range": [f"var(--{s})" for s in SPANS]}}
    shape = {"field": "span", "scale": {"domain": [*SPANS], "range": [*SPANS.values()]}}
    legend = {"title": None, "orient": "top", "symbolSize": 90}
    y = {"field": "model", "type": "nominal", "sort": [*models], "title": None, "axis": {"grid": True}}
    encoding = {
        "y": y,
        "color": {**color, "legend": legend},
        "shape": {**shape, "legend": legend},
        "tooltip": [_tip("model"), _tip("span"), _tip("perplexity")],
    }
    points = {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.9}, "encoding": encoding}
    layers: list[Spec] = [points]
    if floor:
        layers.append({"data": {"values": [{"floor": floor}]}, **_rule({"x": {"field": "floor", **_QUANTITY}})})
    return _chart(layers, [], _log("perplexity", "perplexity", ticks), []) | {"height": 28 * len(models)}


def _chart(layers: list[Spec], transforms: list[Spec], x: Spec, params: list[Spec]) -> Spec:
    for layer in layers:
        # a layer with data of its own stands outside the transforms and the shared axis
        if "data" not in layer:
            layer["encoding"] = {"x": x, **layer["encoding"]}
            layer["transform"] = [*transforms, *layer.get("transform", [])]
    fit = {"type": "fit-x", "contains": "padding"}
    return {"width": "container", "height": 300, "autosize": fit, "params": params, "layer": layers}


def _value(name: str, value: Any) -> Spec:
    return {"name": name, "value": value}


def _log(field: str, title: str, ticks: Sequence[float]) -> Spec:
    axis = {"values": [*ticks], "format": PLAIN, "labelOverlap": "greedy"}
    return {"field": field, "title": title, **_QUANTITY, "axis": axis, "scale": _LOG}


def _range(steps: tuple[int, int]) -> list[Spec]:
    return [_value("from", steps[0]), _value("to", steps[1])]


def _dates(dates: Sequence[str] | None) -> list[Spec]:
    return [] if dates is None else [_value("dates", list(dates))]


def _step_axis(steps: tuple[int, int], dates: Sequence[str] | None) -> Spec:
    """The steps between the signals `from` and `to`, by their dates where there are some."""
    labels = {"format": "d"} if dates is None else {"labelExpr": f"dates[datum.value - {steps[0]}]"}
    axis = {"grid": False, "tickMinStep": 1, **labels}
    scale = {"domain": [{"expr": "from"}, {"expr": "to"}], "nice": False, "zero": False}
    return {"field": "t", **_QUANTITY, "title": "time step" if dates is None else "date", "axis": axis, "scale": scale}


def _y(field: str, label: str, limits: tuple[float, float] | None = None) -> Spec:
    scale = {"zero": False} | ({"domain": list(limits), "nice": False} if limits else {})
    return {"field": field, **_QUANTITY, "title": label, "scale": scale}


def _points(y: Spec) -> Spec:
    return {
        "mark": {"type": "point", "filled": True, "size": 14, "opacity": 0.45, "color": "currentColor"},
        "encoding": {"y": y},
    }


def _thin_line(y: Spec) -> Spec:
    return {"mark": {"type": "line", "color": "currentColor", "strokeWidth": 1.5}, "encoding": {"y": y}}


def _line_encoding(looks: Mapping[str, Look], line: str, channels: Sequence[str] = ("color", "strokeDash")) -> Spec:
    """Every line keeps its colour and dash, whichever of them are shown; the page has a legend of its own."""
    ranges = {"color": "color", "strokeDash": "dash"}
    return {
        channel: {
            "field": line,
            "type": "nominal",
            "legend": None,
            "scale": {"domain": [*looks], "range": [look[ranges[channel]] for look in looks.values()]},
        }
        for channel in channels
    }


def _shown(line: str) -> Spec:
    return {"filter": f"indexof(hidden, datum.{line}) < 0"}


def _tip(field: str, title: str | None = None) -> Spec:
    kind = {"type": "nominal"} if field in {"date", "horizon", "model", "ngrams", "run", "span", "value"} else _QUANTITY
    whole = field in {"count", "epoch", "k", "rank", "t"}
    number = {"format": "d" if whole else ",.4~r"} if kind is _QUANTITY else {}
    return {"field": field, "title": title or field, **kind, **number}


def _hover_rule(columns: Sequence[str]) -> Spec:
    """A line under the pointer whose tooltip holds every column's value there."""
    select = {"type": "point", "on": "pointerover", "nearest": True, "encodings": ["x"], "clear": "pointerout"}
    shown = {"condition": {"param": "hover", "empty": False, "value": 0.5}, "value": 0}
    rule = _rule({"opacity": shown})
    if "date" in columns:
        # with `nearest`, Vega-Lite shows text in a list of fields as undefined, but the whole row as it is
        rule["mark"]["tooltip"] = {"content": "data"}
    else:
        rule["encoding"]["tooltip"] = [_tip(column, TITLES.get(column)) for column in columns]
    return {"params": [{"name": "hover", "select": select}], **rule}


def _lines(y: Spec, looks: Mapping[str, Look], line: str, x: Spec, tips: list[Spec]) -> list[Spec]:
    """Lines, and on them points with a tooltip, which show under the pointer; those over a param's values, always."""
    dots = x["field"] == "value"
    tooltip = [_tip(line), _tip(x["field"], TITLES.get(x["field"], x["title"])), *tips]
    select = {"type": "point", "on": "pointerover", "clear": "pointerout"}
    opacity = {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0.8 if dots else 0}
    encoding = {"y": y, **_line_encoding(looks, line, ("color",)), "opacity": opacity, "tooltip": tooltip}
    mark = {"type": "point", "filled": True, "size": 60 if dots else 140}
    return [
        {"mark": {"type": "line", "strokeWidth": 1.8}, "encoding": {"y": y, **_line_encoding(looks, line)}},
        {"params": [{"name": "hover", "select": select}], "mark": mark, "encoding": encoding},
    ]


def _line_chart(layers: list[Spec], x: Spec, line: str, model: str | None) -> Spec:
    of_model = [] if model is None else [{"filter": "datum.model === model"}]
    params = [_value("hidden", [])] + ([] if model is None else [_value("model", model)])
    return _chart(layers, [*of_model, _shown(line)], x, params)


def _rule(encoding: Spec) -> Spec:
    return {"mark": {"type": "rule", "color": "currentColor", "strokeWidth": 1}, "encoding": encoding}


def _level(field: str, value: float, name: str) -> list[Spec]:
    """A level line, and its name over its right end."""
    data, y = {"values": [{field: value, "name": name}]}, {"field": field, **_QUANTITY}
    text = {"type": "text", "align": "right", "baseline": "bottom", "dy": -3, "color": "currentColor"}
    return [
        {"data": data, **_rule({"y": y})},
        {"data": data, "mark": text, "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "name"}}},
    ]


def _end_of_training(n_train: int) -> Spec:
    """A dotted line, while it is in the range shown."""
    rule = _rule({"x": {"field": "t", **_QUANTITY}})
    rule["mark"] |= {"strokeDash": [2, 3], "clip": True}
    return {"data": {"values": [{"t": n_train + 0.5}]}, **rule}
