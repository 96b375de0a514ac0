"""What the pages' charts show: the numbers, the controls, and in words what a reader who cannot see them misses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from stepahead.report import charts
from stepahead.report.columns import Columns, models_of, rows_where, split_by
from stepahead.report.line_styles import Look, line_looks
from stepahead.report.numbers import log_ticks, number
from stepahead.report.results import gram_names
from stepahead.report.run_summary import date_labels
from stepahead.series.data.dataset import Series

MAX_STEPS = 4000  # of a long series, around the end of training; a chart of more cannot be read
MAX_CELLS = 60_000  # numbers in a chart's table
DIGITS = ".5g"


@dataclass(frozen=True)
class Exhibit:
    """A chart, its table in columns, its alternative text and its controls: lines to switch on and off, those that are
    off at first, one of several models, a horizon, a range of steps."""

    spec: charts.Spec
    columns: dict[str, list[Any]]
    alt: str
    lines: Mapping[str, Look] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    models: Sequence[str] = ()
    horizons: Sequence[int] = ()
    steps: tuple[int, int] | None = None


def series_exhibit(series: Series, label: str) -> Exhibit:
    """The series and its signal."""
    low = max(0, min(series.n_train - MAX_STEPS // 2, len(series.values) - MAX_STEPS))
    shown = slice(low, low + MAX_STEPS)
    columns: dict[str, Any] = {"t": np.arange(1, len(series.values) + 1)[shown]}
    if series.dates is not None:
        columns["date"] = series.dates[shown]
    columns["observed"] = series.values[shown]
    if series.signal is not None:
        columns["signal"] = series.signal[shown]
    steps = (int(columns["t"][0]), int(columns["t"][-1]))
    alt = (
        f"The series {series.name}, steps {steps[0]} to {steps[1]}, from {number(series.values[shown].min())} to "
        f"{number(series.values[shown].max())}; a dotted line after step {series.n_train} marks the end of training."
    )
    spec = charts.series_chart(steps, series.n_train, label, list(columns), date_labels(series, steps))
    return Exhibit(spec, in_columns(columns), alt, steps=steps)


def prediction_exhibit(
    series: Series,
    predictions: Columns,
    looks: Mapping[str, Look],
    errors: Columns,
    label: str,
    limits: tuple[float, float],
) -> Exhibit:
    """Predictions in front of what came.

    Args:
        predictions: columns t, a column a model, and k where each was made k steps before. Without k they were all made
            at the end of training, and some steps before it are shown too.
        errors: the models' errors, which decide whom the reader sees first: the best, the middling and the worst.
    """
    models = {model: looks[model] for model in models_of(predictions) if model in looks}
    horizons = [int(k) for k in sorted(set(predictions["k"].tolist()))] if "k" in predictions else []
    n_steps = max(1, MAX_CELLS // (max(1, len(horizons)) * (len(models) + 2)))
    first = int(predictions["t"].min())
    predictions = rows_where(predictions, predictions["t"] < first + n_steps)
    steps = (first, int(predictions["t"].max()))
    if not horizons:
        before = np.arange(max(1, first - len(predictions["t"]) // 8), first)
        unknown = np.full(len(before), np.nan)
        earlier = {name: before if name == "t" else unknown for name in predictions}
        predictions = {name: np.concatenate([earlier[name], column]) for name, column in predictions.items()}
        steps = (int(predictions["t"][0]), steps[1])
    at = predictions["t"] - 1
    columns: dict[str, Any] = {"k": predictions["k"]} if horizons else {}
    columns["t"] = predictions["t"]
    if series.dates is not None:
        columns["date"] = np.array(series.dates)[at]
    columns |= {"observed": series.values[at], **{model: predictions[model] for model in models}}
    hidden = [model for model in models if model not in _spread_of(list(models), errors)]
    css = {model: look.css for model, look in models.items()}
    at_first = horizons[len(horizons) // 2] if horizons else None
    spec = charts.prediction_chart(
        css, list(columns), steps, series.n_train, limits, label, hidden, at_first, date_labels(series, steps)
    )
    when = f"made k = {', '.join(map(str, horizons))} steps before" if horizons else "all made at the end of training"
    alt = f"Predictions for steps {first} to {steps[1]}, {when}, by {', '.join(models)}, over the observed values."
    return Exhibit(spec, in_columns(columns), alt, models, hidden, horizons=horizons, steps=steps)


def error_exhibit(errors: Columns, looks: Mapping[str, Look], floor: float | None) -> Exhibit:
    """Error against k with its spread over seeds; `errors` has the columns model, k, mse and mse_std."""
    low = np.maximum(errors["mse"] - errors["mse_std"], errors["mse"] / 4)  # as in the figure: the axis is logarithmic
    table = {**{name: errors[name] for name in ("model", "k", "mse", "mse_std")}, "low": low}
    curves = split_by(errors, "model")
    models = {model: looks[model] for model in curves}
    ends = {model: float(curve["mse"][-1]) for model, curve in curves.items()}
    best, worst = min(ends, key=lambda m: ends[m]), max(ends, key=lambda m: ends[m])
    horizon = errors["k"].max()
    alt = (
        f"Mean squared error 1 to {horizon} steps ahead of {len(models)} models. At {horizon} the lowest is "
        f"{best} with {number(ends[best])}, the highest {worst} with {number(ends[worst])}."
        + (f" The floor is {number(floor)}." if floor else "")
    )
    marked = [model for model, curve in curves.items() if len(curve["k"]) < curve["k"][-1]]
    table["high"] = errors["mse"] + errors["mse_std"]
    ticks = _ticks([*low, *table["high"], floor or low[0]])
    spec = charts.error_chart({model: look.css for model, look in models.items()}, floor, marked=marked, ticks=ticks)
    return Exhibit(spec, in_columns(table), alt, models)


def learning_exhibit(
    histories: Mapping[str, Columns], looks: Mapping[str, Look], kept: Mapping[str, int], levels: Mapping[str, float]
) -> Exhibit:
    """Running and validation perplexity of each network by epoch; the arguments are those of `training_figure`."""
    rows = [
        (model, span, epoch, value, epoch == kept.get(model))
        for model, curve in histories.items()
        for span, name in (("train", "perplexity"), ("val", "val"))
        for epoch, value in zip(curve["epoch"].tolist(), curve[name].tolist(), strict=True)
        if np.isfinite(value)
    ]
    watched = {model: span for model, span, *_ in rows}  # the last: val where there is one
    names = ("model", "span", "epoch", "perplexity", "kept")
    table: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    table["kept"] = [row[4] and row[1] == watched[row[0]] for row in rows]
    models = {model: replace(looks[model], dash=[1, 0]) for model in histories}
    ends = ", ".join(f"{m} {number(c['perplexity'][-1])}" for m, c in histories.items() if len(c["perplexity"]))
    alt = f"Perplexity by epoch on a logarithmic scale; on the training text in the last epoch: {ends}." + "".join(
        f" {name}: {number(level)}." for name, level in levels.items()
    )
    ticks, css = _ticks([*table["perplexity"], *levels.values()]), {model: look.css for model, look in models.items()}
    spec = charts.learning_chart(css, levels, ticks, validated="val" in watched.values())
    return Exhibit(spec, in_columns(table), alt, models)


def perplexity_exhibit(rows: Mapping[str, Mapping[str, Any]]) -> Exhibit:
    """Perplexity of each model on each span, from reports/tables/perplexity.csv."""
    models = {name: row for name, row in rows.items() if name != "floor"}
    spans = [span for span in charts.SPANS if any(row.get(span) is not None for row in models.values())]
    order = sorted(models, key=lambda name: (models[name].get(spans[-1]) is None, models[name].get(spans[-1]) or 0))
    found = [(m, span, models[m][span]) for m in order for span in spans if models[m].get(span) is not None]
    table: dict[str, list[Any]] = {
        name: [row[i] for row in found] for i, name in enumerate(("model", "span", "perplexity"))
    }
    floor = rows.get("floor", {}).get("test")
    alt = f"Perplexity on {', '.join(spans)}, from the best to the worst on the last: " + ", ".join(
        f"{m} {number(models[m][spans[-1]])}" for m in order if models[m].get(spans[-1]) is not None
    )
    ticks = _ticks([*table["perplexity"], *([floor] if floor else [])])
    return Exhibit(charts.perplexity_chart(order, floor, ticks), in_columns(table), f"{alt}.")


def frequency_exhibit(curves: Columns, ngrams: Sequence[Mapping[str, Any]]) -> Exhibit:
    """How often the r-th most frequent n-gram occurs, a line for each kind and n; the arguments are those of
    `frequencies_figure`."""
    names = gram_names(ngrams)
    places = zip(curves["kind"].tolist(), curves["n"].tolist(), strict=True)
    table = {"ngrams": [names[place] for place in places], "rank": curves["rank"], "count": curves["count"]}
    looks = line_looks(names.values(), "g")
    slopes = ", ".join(
        f"{names[each['kind'], each['n']]} {each['exponent']:.2f}" for each in ngrams if each["exponent"] is not None
    )
    alt = f"Occurrences against rank, both on logarithmic scales. Exponents of a power law: {slopes}."
    spec = charts.frequency_chart(
        {name: look.css for name, look in looks.items()}, _ticks([1, *curves["count"], *curves["rank"]])
    )
    return Exhibit(spec, in_columns(table), alt, looks)


def _ticks(values: Sequence[float]) -> list[float]:
    known = [value for value in values if value > 0]
    return log_ticks(min(known), max(known)) if known else []


def _spread_of(models: list[str], errors: Columns) -> set[str]:
    known = rows_where(errors, (errors["k"] == errors["k"].max()) & np.isin(errors["model"], models))
    last = known["model"][np.argsort(known["mse"])].tolist()
    return {last[i] for i in (0, len(last) // 2, -1)} if last else set(models[:3])


def in_columns(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    """A table of arrays or lists as JSON can hold it, with short numbers."""
    return {name: [_short(value) for value in np.asarray(column).tolist()] for name, column in table.items()}


def _short(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(format(value, DIGITS)) if np.isfinite(value) else None
