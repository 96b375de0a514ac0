"""What the charts of a comparison show."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stepahead.compare.comparison import Comparison, Metric, Sweep, text
from stepahead.compare.runs import Run, Table
from stepahead.core.errors import printable
from stepahead.report import charts
from stepahead.report.charts import Chart, Choice, Level, Spec
from stepahead.report.line_styles import line_looks

MAX_ROWS = 12_000  # of a chart's table; of longer curves, every n-th point
Curves = dict[str, dict[str, list[tuple[Any, ...]]]]
"""Run -> model -> points."""


def curve_chart(comparison: Comparison) -> Chart | None:
    """Error against k, a line a run, of a model to choose."""
    curves = {label: _kstep_curves(run.errors) for label, run in zip(comparison.labels, comparison.runs, strict=True)}
    points, models = _merged(curves)
    if not models:
        return None
    table = charts.table(points, "run", "model", "k") | _band([point[3:] for point in points])
    ends = {name: mse for name, model, _, mse, _ in points if model == models[0]}  # the last point's stays
    alt = f"Mean squared error by steps ahead. {models[0]}, at the last step: " + ", ".join(
        f"{name} {mse:.3g}" for name, mse in ends.items()
    )
    return _of_model(table, f"{alt}.", charts.steps_ahead(), _error(table), models, _floor(comparison.runs))


def sweep_chart(sweep: Sweep) -> Chart | None:
    """Error against the param that varies, a line a reported horizon, of a model to choose."""
    metrics = Comparison(sweep.runs, ()).kstep
    if not any(metric.differs for metric in metrics):
        return None
    rows = [(model, column, *_with_value(sweep, i), mse, std or 0.0) for model, column, i, mse, std in _scores(metrics)]
    table = charts.table(rows, "model", "horizon", "run", "value") | _band([row[4:] for row in rows])
    alt = f"Mean squared error against {sweep.key}. {lowest(sweep, metrics)}"
    return _against(sweep, table, alt, _error(table), _by_last(metrics), "horizon", _floor(sweep.runs))


def perplexity_sweep_chart(sweep: Sweep) -> Chart | None:
    """Perplexity against the param that varies, a line a span, of a model to choose."""
    metrics = Comparison(sweep.runs, ()).perplexity
    if not any(metric.differs for metric in metrics):
        return None
    rows = [(model, span, *_with_value(sweep, i), score) for model, span, i, score, _ in _scores(metrics)]
    table = charts.table(rows, "model", "span", "run", "value", "perplexity")
    alt = f"Perplexity against {sweep.key}. {lowest(sweep, metrics)}"
    y = charts.log("perplexity", "perplexity", table["perplexity"])
    return _against(sweep, table, alt, y, _by_last(metrics), "span", None)


def training_chart(comparison: Comparison) -> Chart | None:
    """Running perplexity by epoch, a line a run, of a cell to choose."""
    curves: Curves = {
        label: {
            printable(cell): list(zip(map(int, each["epoch"]), each["perplexity"], strict=True))
            for cell, each in run.histories.items()
            if each
        }
        for label, run in zip(comparison.labels, comparison.runs, strict=True)
    }
    points, cells = _merged(curves)
    if not cells:
        return None
    table = charts.table(points, "run", "model", "epoch", "perplexity")
    names = ", ".join(dict.fromkeys(table["run"]))
    alt = f"Training perplexity by epoch of {', '.join(cells)}, a line a run: {names}."
    y = charts.log("perplexity", "perplexity", table["perplexity"])
    return _of_model(table, alt, charts.count("epoch", "epoch"), y, cells, None)


def _of_model(table: charts.Table, alt: str, x: Spec, y: Spec, models: Sequence[str], floor: float | None) -> Chart:
    """A line a run, of a model to choose."""
    lines, choice = line_looks(dict.fromkeys(table["run"])), Choice("model", models)
    levels = [Level(floor, "floor")] if floor else []
    return charts.line_chart(table, alt, x, y, lines=lines, line="run", choice=choice, levels=levels)


def _against(
    sweep: Sweep, table: charts.Table, alt: str, y: Spec, models: Sequence[str], line: str, floor: float | None
) -> Chart:
    """A line a horizon or span, with a point a run, of a model to choose."""
    x = charts.value_axis(sweep.key, _axis(sweep))
    lines, choice = line_looks(dict.fromkeys(table[line])), Choice("model", models)
    heads = {"run": "run", "value": sweep.key}
    levels = [Level(floor, "floor")] if floor else []
    table["dot"] = [True] * len(table["run"])
    return charts.line_chart(table, alt, x, y, lines=lines, line=line, choice=choice, levels=levels, heads=heads)


def _error(table: charts.Table) -> Spec:
    return charts.log("mse", "mean squared error", [*table["low"], *table["high"]])


def lowest(sweep: Sweep, metrics: Sequence[Metric]) -> str:
    """Which value of the param gave each model its lowest score in the last column."""
    last, best = metrics[-1].column, []
    for metric in [m for m in metrics if m.column == last]:
        score, value = min((s.value, text(v)) for s, v in zip(metric.scores, sweep.values, strict=True) if s)
        where = f"at {sweep.key} = {value}" if metric.differs else f"at every {sweep.key}"
        best.append((score, f"{metric.model} {score:.3g} {where}"))
    return f"Lowest for {last}: {', '.join(each for _, each in sorted(best))}."


def _kstep_curves(errors: Table) -> dict[str, list[tuple[Any, ...]]]:
    curves: dict[str, list[tuple[Any, ...]]] = {}
    columns = (errors.get(name, []) for name in ("model", "k", "mse", "mse_std"))
    for model, k, mse, std in zip(*columns, strict=True):
        curves.setdefault(printable(model), []).append((int(k), mse, std))
    return curves


def _merged(curves: Curves) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Rows of run, model and what a point has, of the models whose curves are not the same in all runs; and these
    models, the one that ends lowest first. Runs with the same curve of a model are one, and named together."""
    alike: dict[str, dict[tuple[Any, ...], list[str]]] = {}
    for run, of_run in curves.items():
        for model, curve in of_run.items():
            alike.setdefault(model, {}).setdefault(tuple(curve), []).append(run)
    models = sorted((m for m in alike if len(alike[m]) > 1), key=lambda m: min(curve[-1][1] for curve in alike[m]))
    every = 1 + sum(len(curve) for model in models for curve in alike[model]) // MAX_ROWS
    points = [
        (" = ".join(runs), model, *point)
        for model in models
        for curve, runs in alike[model].items()
        for point in curve[::every]
    ]
    return points, models


def _band(scores: Sequence[tuple[float, float]]) -> charts.Table:
    """A column each of mse and the ends of its band, from mse and its standard deviation."""
    mse, std = np.array(scores).T
    return {name: column.tolist() for name, column in charts.band(mse, std).items()}


def _by_last(metrics: Sequence[Metric]) -> list[str]:
    """The models, first those that the param changes, of each kind the one with the lowest score at the end first."""
    lows = {m.model: min(score.value for score in m.scores if score) for m in metrics}  # the last column's stays
    changed = {metric.model for metric in metrics if metric.differs}
    return sorted(lows, key=lambda model: (model not in changed, lows[model]))


def _scores(metrics: Sequence[Metric]) -> list[tuple[str, str, int, float, float | None]]:
    return [(m.model, m.column, i, s.value, s.spread) for m in metrics for i, s in enumerate(m.scores) if s]


def _with_value(sweep: Sweep, i: int) -> tuple[str, Any]:
    return printable(sweep.runs[i].name), _axis(sweep)[i]


def _axis(sweep: Sweep) -> list[Any]:
    return sweep.values if sweep.numeric else [text(value) for value in sweep.values]


def _floor(runs: Sequence[Run]) -> float | None:
    """The error that nobody beats on average, where it is the same in all runs."""
    floors = {run.kstep.get("floor") for run in runs}
    return floors.pop() if len(floors) == 1 else None
