"""What the pages' charts show: the numbers, the controls, and in words what a reader who cannot see them misses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from stepahead.report import charts
from stepahead.report.line_styles import Look
from stepahead.series.data.dataset import Series

if TYPE_CHECKING:
    import pandas as pd

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
        f"The series {series.name}, steps {steps[0]} to {steps[1]}, from {series.values[shown].min():.3g} to "
        f"{series.values[shown].max():.3g}; a dotted line after step {series.n_train} marks the end of training."
    )
    spec = charts.series_chart(steps, series.n_train, label, list(columns))
    return Exhibit(spec, in_columns(columns), alt, steps=steps)


def prediction_exhibit(
    series: Series,
    frame: "pd.DataFrame",
    looks: Mapping[str, Look],
    errors: "pd.DataFrame",
    label: str,
    limits: tuple[float, float],
) -> Exhibit:
    """Predictions in front of what came.

    Args:
        frame: columns t, a column a model, and k where each was made k steps before.
        errors: the models' errors, which decide whom the reader sees first: the best, the middling and the worst.
    """
    models = {model: looks[model] for model in frame.columns if model in looks}
    horizons = [int(k) for k in sorted(set(frame["k"]))] if "k" in frame else []
    n_steps = max(1, MAX_CELLS // (max(1, len(horizons)) * (len(models) + 2)))
    frame = frame[frame["t"] < frame["t"].min() + n_steps]
    at = frame["t"].to_numpy() - 1
    columns: dict[str, Any] = {"k": frame["k"]} if horizons else {}
    columns["t"] = frame["t"]
    if series.dates is not None:
        columns["date"] = np.array(series.dates)[at]
    columns |= {"observed": series.values[at], **{model: frame[model] for model in models}}
    steps = (int(frame["t"].min()), int(frame["t"].max()))
    hidden = [model for model in models if model not in _spread_of(list(models), errors)]
    first = horizons[len(horizons) // 2] if horizons else None
    css = {model: look.css for model, look in models.items()}
    spec = charts.prediction_chart(css, list(columns), steps, series.n_train, limits, label, hidden, first)
    when = f"made k = {', '.join(map(str, horizons))} steps before" if horizons else "all made at the end of training"
    alt = f"Predictions for steps {steps[0]} to {steps[1]}, {when}, by {', '.join(models)}, over the observed values."
    return Exhibit(spec, in_columns(columns), alt, models, hidden, horizons=horizons, steps=steps)


def error_exhibit(errors: "pd.DataFrame", looks: Mapping[str, Look], floor: float | None) -> Exhibit:
    """Error against k with its spread over seeds; `errors` has the columns model, k, mse and mse_std."""
    low = np.maximum(errors["mse"] - errors["mse_std"], errors["mse"] / 4)  # as in the figure: the axis is logarithmic
    table = {**{name: errors[name] for name in ("model", "k", "mse", "mse_std")}, "low": low}
    models = {model: looks[model] for model in dict.fromkeys(errors["model"])}
    last = errors[errors["k"] == errors["k"].max()].sort_values("mse")
    best, worst = last.iloc[0], last.iloc[-1]
    alt = (
        f"Mean squared error 1 to {best['k']} steps ahead of {len(models)} models. At {best['k']} the lowest is "
        f"{best['model']} with {best['mse']:.3g}, the highest {worst['model']} with {worst['mse']:.3g}."
        + (f" The floor is {floor:.3g}." if floor else "")
    )
    spec = charts.error_chart({model: look.css for model, look in models.items()}, floor)
    return Exhibit(spec, in_columns(table | {"high": errors["mse"] + errors["mse_std"]}), alt, models)


def training_exhibit(histories: Mapping[str, "pd.Series[float]"], looks: Mapping[str, Look]) -> Exhibit:
    """Running perplexity of each network by epoch."""
    table = {
        "model": [model for model, curve in histories.items() for _ in curve],
        "epoch": [epoch for curve in histories.values() for epoch in range(1, len(curve) + 1)],
        "perplexity": [value for curve in histories.values() for value in curve],
    }
    models = {model: looks[model] for model in histories}
    ends = ", ".join(f"{model} {curve.iloc[-1]:.3g}" for model, curve in histories.items() if len(curve))
    alt = f"Training perplexity by epoch on a logarithmic scale; after the last epoch: {ends}."
    return Exhibit(charts.training_chart({m: look.css for m, look in models.items()}), in_columns(table), alt, models)


def perplexity_exhibit(rows: Mapping[str, Mapping[str, Any]]) -> Exhibit:
    """Perplexity of each model on each span, from reports/metrics/perplexity.json."""
    models = {name: row for name, row in rows.items() if name != "floor"}
    spans = [span for span in charts.SPANS if any(row.get(span) is not None for row in models.values())]
    order = sorted(models, key=lambda name: (models[name].get(spans[-1]) is None, models[name].get(spans[-1]) or 0))
    found = [(m, span, models[m][span]) for m in order for span in spans if models[m].get(span) is not None]
    table = {name: [row[i] for row in found] for i, name in enumerate(("model", "span", "perplexity"))}
    floor = rows.get("floor", {}).get("test")
    alt = f"Perplexity on {', '.join(spans)}, from the best to the worst on the last: " + ", ".join(
        f"{m} {models[m][spans[-1]]:.3g}" for m in order if models[m].get(spans[-1]) is not None
    )
    return Exhibit(charts.perplexity_chart(order, floor), in_columns(table), f"{alt}.")


def _spread_of(models: list[str], errors: "pd.DataFrame") -> set[str]:
    last = errors[(errors["k"] == errors["k"].max()) & errors["model"].isin(models)].sort_values("mse")["model"]
    return {last.iloc[i] for i in (0, len(last) // 2, len(last) - 1)} if len(last) else set(models[:3])


def in_columns(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    """A table of arrays or lists as JSON can hold it, with short numbers."""
    return {name: [_short(value) for value in np.asarray(column).tolist()] for name, column in table.items()}


def _short(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(format(value, DIGITS)) if np.isfinite(value) else None
