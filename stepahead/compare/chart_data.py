"""What the charts of a comparison show."""

from collections.abc import Mapping, Sequence
from typing import Any

from stepahead.compare.comparison import Comparison, Metric, Sweep, text
from stepahead.compare.runs import Run, Table
from stepahead.core.errors import printable
from stepahead.report import charts
from stepahead.report.chart_data import Exhibit, in_columns
from stepahead.report.line_styles import Look, line_looks

MAX_ROWS = 12_000  # of a chart's table; of longer curves, every n-th point
Curves = dict[str, dict[str, list[tuple[Any, ...]]]]
"""Run -> model -> points."""


def curve_exhibit(comparison: Comparison, looks: Mapping[str, Look]) -> Exhibit | None:
    """Error against k, a line a run (by its label in `looks`), of a model to choose."""
    curves = {label: _kstep_curves(run.errors) for label, run in zip(looks, comparison.runs, strict=True)}
    models = _differing(curves)
    if not models:
        return None
    points = _points(curves, models)
    table = _in_columns(points, ("run", "model", "k")) | _band([point[3:] for point in points])
    ends = {label: of.get(models[0]) for label, of in curves.items()}
    alt = f"Mean squared error by steps ahead. {models[0]}, at the last step: " + ", ".join(
        f"{label} {curve[-1][1]:.3g}" for label, curve in ends.items() if curve
    )
    spec = charts.error_chart(_css(looks), _floor(comparison.runs), line="run", model=models[0])
    return Exhibit(spec, in_columns(table), f"{alt}.", looks, models=models)


def sweep_exhibit(sweep: Sweep) -> Exhibit | None:
    """Error against the param that varies, a line a reported horizon, of a model to choose."""
    metrics = Comparison(sweep.runs, ()).kstep
    if not any(metric.differs for metric in metrics):
        return None
    models = _by_last(metrics)
    horizons = list(dict.fromkeys(metric.column for metric in metrics))
    looks = line_looks(horizons, "h")
    rows = [(model, column, *_with_value(sweep, i), mse, std or 0.0) for model, column, i, mse, std in _scores(metrics)]
    table = _in_columns(rows, ("model", "horizon", "run", "value")) | _band([row[4:] for row in rows])
    spec = charts.error_chart(
        _css(looks), _floor(sweep.runs), charts.value_axis(sweep.key, _axis(sweep)), line="horizon", model=models[0]
    )
    alt = f"Mean squared error against {sweep.key}. {lowest(sweep, metrics)}"
    return Exhibit(spec, in_columns(table), alt, looks, models=models)


def perplexity_sweep_exhibit(sweep: Sweep) -> Exhibit | None:
    """Perplexity against the param that varies, a line a span, of a model to choose."""
    metrics = Comparison(sweep.runs, ()).perplexity
    if not any(metric.differs for metric in metrics):
        return None
    models = _by_last(metrics)
    looks = line_looks(dict.fromkeys(metric.column for metric in metrics), "s")
    rows = [(model, span, *_with_value(sweep, i), score) for model, span, i, score, _ in _scores(metrics)]
    table = _in_columns(rows, ("model", "span", "run", "value", "perplexity"))
    axis = charts.value_axis(sweep.key, _axis(sweep))
    spec = charts.training_chart(_css(looks), axis, line="span", model=models[0])
    alt = f"Perplexity against {sweep.key}. {lowest(sweep, metrics)}"
    return Exhibit(spec, in_columns(table), alt, looks, models=models)


def training_exhibit(comparison: Comparison, looks: Mapping[str, Look]) -> Exhibit | None:
    """Running perplexity by epoch, a line a run, of a cell to choose."""
    curves: Curves = {
        label: {
            printable(cell): list(zip(map(int, each["epoch"]), each["perplexity"], strict=True))
            for cell, each in run.histories.items()
            if each
        }
        for label, run in zip(looks, comparison.runs, strict=True)
    }
    cells = _differing(curves)
    if not cells:
        return None
    points = _points(curves, cells)
    table = _in_columns(points, ("run", "model", "epoch", "perplexity"))
    alt = f"Training perplexity by epoch of {', '.join(cells)}, a line a run: {', '.join(looks)}."
    return Exhibit(
        charts.training_chart(_css(looks), line="run", model=cells[0]), in_columns(table), alt, looks, models=cells
    )


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


def _differing(curves: Curves) -> list[str]:
    """The models whose curves are not the same in all runs, the one that ends lowest first."""
    every = dict.fromkeys(model for of_run in curves.values() for model in of_run)
    found = {model: [of[model] for of in curves.values() if model in of] for model in every}
    changed = [model for model, those in found.items() if any(curve != those[0] for curve in those)]
    return sorted(changed, key=lambda model: min(curve[-1][1] for curve in found[model]))


def _points(curves: Curves, models: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows of run, model and what a point has, thinned out where they are too many."""
    chosen = [(run, model, of[model]) for run, of in curves.items() for model in models if model in of]
    every = 1 + sum(len(curve) for *_, curve in chosen) // MAX_ROWS
    return [(run, model, *point) for run, model, curve in chosen for point in curve[::every]]


def _in_columns(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _band(scores: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """mse, mse_std, and the band around them; the axis is logarithmic, and mse − std can fall below zero."""
    return {
        "mse": [mse for mse, _ in scores],
        "mse_std": [std for _, std in scores],
        "low": [max(mse - std, mse / 4) for mse, std in scores],
        "high": [mse + std for mse, std in scores],
    }


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


def _css(looks: Mapping[str, Look]) -> dict[str, dict[str, object]]:
    return {line: look.css for line, look in looks.items()}
