"""The charts of the series, after d2l 9.1."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.report import charts
from stepahead.report.charts import Chart, Choice, Level, Looks, Spec
from stepahead.report.columns import Columns, models_of, rows_where, split_by
from stepahead.report.line_styles import Look, line_looks
from stepahead.report.numbers import number
from stepahead.report.run_summary import date_labels, value_label, value_limits
from stepahead.series.data.dataset import Series

MAX_STEPS = 4000  # of a long series, around the end of training; a chart of more cannot be read
MAX_CELLS = 60_000  # numbers in a chart's table
HISTORY = 6  # times as many steps as the forecast beyond the end has
BEFORE = 50  # steps shown before the end of training, where a forecast starts there
BANDS = ("#56B4E9", "#0072B2", "#332288")  # of intervals, the widest first
OBSERVED = {"observed": Look("#75808c", note="the values of the series")}
SIGNAL = {"signal": Look("#000000", note="the series without its noise: the best forecast possible")}


def series_chart(series: Series) -> Chart:
    """The series, its noiseless signal where known, and where training ends."""
    low = max(0, min(series.n_train - MAX_STEPS // 2, len(series.values) - MAX_STEPS))
    shown = np.arange(low, min(len(series.values), low + MAX_STEPS))
    columns = _at(series, shown + 1)
    lines: dict[str, Look] = {**OBSERVED}
    label = value_label(series)
    if series.signal is not None:
        columns["signal"] = series.signal[shown]
        lines |= SIGNAL
    layers = _observed(series, lines)
    if series.signal is not None:
        layers.append(_line("signal", label, lines))
    values = series.values[shown]
    alt = (
        f"The series {series.name}, steps {shown[0] + 1} to {shown[-1] + 1}, from {number(values.min())} to "
        f"{number(values.max())}; a dotted line after step {series.n_train} marks the end of training."
    )
    return _over_time(series, columns, alt, layers, lines)


def kstep_chart(series: Series, predictions: Columns, looks: Looks, errors: Columns) -> Chart:
    """Each step as it was predicted k steps before it, over what came.

    Args:
        predictions: columns k, t and one a model.
        errors: columns model, k, mse; the best, the middling and the worst model are shown first.
    """
    models = [model for model in models_of(predictions) if model in looks]
    horizons = [int(k) for k in sorted(set(predictions["k"].tolist()))]
    first = int(predictions["t"].min())
    n_steps = max(1, MAX_CELLS // (len(horizons) * (len(models) + 2)))
    shown = rows_where(predictions, predictions["t"] < first + n_steps)
    columns = {"k": shown["k"], **_at(series, shown["t"]), **{model: shown[model] for model in models}}
    ks = ", ".join(map(str, horizons))
    alt = f"Predictions of the steps from {first} on, made k = {ks} steps before, by {', '.join(models)}."
    choice = Choice("k", horizons, len(horizons) // 2)
    return _predicted(series, columns, alt, {model: looks[model] for model in models}, errors, choice)


def multistep_chart(series: Series, path: Columns, looks: Looks, errors: Columns) -> Chart:
    """What each model predicts from the end of training on, fed with its own predictions; columns t and one a model."""
    models = [model for model in models_of(path) if model in looks]
    path = rows_where(path, np.arange(len(path["t"])) < MAX_CELLS // (len(models) + 2))
    before = np.arange(max(1, int(path["t"][0]) - BEFORE), path["t"][0])
    unknown = np.full(len(before), np.nan)
    columns = _at(series, np.concatenate([before, path["t"]]))
    columns |= {model: np.concatenate([unknown, path[model]]) for model in models}
    first, last = path["t"][0], path["t"][-1]
    alt = f"Forecasts of the steps {first} to {last}, all made at step {first - 1}, by {', '.join(models)}."
    return _predicted(series, columns, alt, {model: looks[model] for model in models}, errors, None)


def error_chart(errors: Columns, looks: Looks, floor: float | None) -> Chart:
    """Error against k, with a band of one standard deviation over weight seeds; columns model, k, mse and mse_std."""
    curves = split_by(errors, "model")
    ends = {model: float(curve["mse"][-1]) for model, curve in curves.items()}
    best, worst = min(ends, key=lambda m: ends[m]), max(ends, key=lambda m: ends[m])
    alt = (
        f"Mean squared error 1 to {errors['k'].max()} steps ahead of {len(curves)} models. At the last the lowest is "
        f"{best} with {number(ends[best])}, the highest {worst} with {number(ends[worst])}."
        + (f" The floor is {number(floor)}." if floor else "")
    )
    few = [model for model, curve in curves.items() if len(curve["k"]) < curve["k"][-1]]
    columns = {"model": errors["model"], "k": errors["k"], **charts.band(errors["mse"], errors["mse_std"])}
    columns["dot"] = np.isin(errors["model"], few)
    y = charts.log("mse", "mean squared error", [*columns["low"], *columns["high"], floor or errors["mse"][0]])
    levels = [Level(floor, "floor")] if floor else []
    lines = {model: looks[model] for model in sorted(curves, key=lambda model: -ends[model])}
    return charts.line_chart(columns, alt, charts.steps_ahead(), y, lines=lines, levels=levels)


def interval_chart(series: Series, intervals: Columns, path: Columns, errors: Columns) -> Chart | None:
    """A model's forecast from the end of training in its prediction intervals, with the share of held-out values that
    they held; None where no model that predicts any number of steps has intervals.

    Args:
        intervals: columns model, level, k, half_width and coverage; a level's rows end where it reaches no further.
        path: columns t and one a model.
    """
    endless = rows_where(intervals, np.isin(intervals["model"], models_of(path)))
    if not len(endless["k"]):
        return None
    known = rows_where(errors, errors["k"] == errors["k"].max())
    ends = dict(zip(known["model"].tolist(), known["mse"].tolist(), strict=True))
    by_name = split_by(endless, "model")
    order = sorted(by_name, key=lambda name: ends[name])
    levels = sorted(set(intervals["level"].tolist()), reverse=True)
    steps = np.arange(max(1, series.n_train + 1 - BEFORE), series.n_train + 1 + int(endless["k"].max()))
    held, parts = [], []
    for name in order:
        of_model = by_name[name]
        forecast = np.full(len(steps), np.nan)
        start, n_steps = np.searchsorted(steps, series.n_train + 1), int(of_model["k"].max())
        forecast[start : start + n_steps] = path[name][:n_steps]
        part = {"model": np.full(len(steps), name, object), **_at(series, steps), "forecast": forecast}
        by_level = split_by(of_model, "level")
        for level in levels:
            half = np.full(len(steps), np.nan)
            widths = by_level[level]["half_width"] if level in by_level else half[:0]
            half[start : start + len(widths)] = widths
            low, high = series.scale.around(forecast, half)
            part |= {f"{level:.0%} from": low, f"{level:.0%} to": high}
        shares = (f"{rows['coverage'].mean():.0%} in the {level:.0%}" for level, rows in by_level.items())
        held.append({"model": name, "held": f"held {', '.join(shares)} interval"})
        parts.append(part)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    lines, layers = _banded(series, [f"{level:.0%}" for level in levels])
    text = {"type": "text", "align": "left", "baseline": "bottom", "color": "currentColor", "fontSize": 12}
    where = {"x": {"value": -30}, "y": {"value": -6}, "text": {"field": "held"}}
    mine = [{"filter": "datum.model === choice"}]
    layers.append({"data": {"values": held}, "transform": mine, "mark": text, "encoding": where})
    alt = (
        f"The forecast from step {series.n_train + 1} on in its prediction intervals. "
        f"Of the held-out values {order[0]} {held[0]['held']}."
    )
    return _over_time(series, columns, alt, layers, lines, Choice("model", order))


def future_chart(series: Series, ahead: Mapping[str, Any], model: str) -> Chart:
    """The end of a series and what comes next, in its bands; its noiseless signal goes on where it is known.

    Args:
        ahead: columns forecast, date where it is known, and low_80, high_80, … None or NaN beyond a level's reach.
        model: whose forecast it is.
    """
    n_steps, length = len(ahead["forecast"]), len(series.values)
    first = max(0, length - max(HISTORY * n_steps, 60))
    unknown = [None] * (length - first)
    columns: dict[str, Any] = {"t": np.arange(first + 1, length + n_steps + 1)}
    dates = [*series.dates, *ahead["date"]] if series.dates and "date" in ahead else None
    columns |= {"date": dates[first:]} if dates else {}
    columns |= {"observed": [*series.values[first:].tolist(), *[None] * n_steps]}
    columns |= {"forecast": [*unknown, *ahead["forecast"]]}
    levels = sorted({int(name[4:]) for name in ahead if name.startswith("low_")}, reverse=True)
    for level in levels:
        for end, name in (("from", "low"), ("to", "high")):
            columns[f"{level}% {end}"] = [*unknown, *ahead[f"{name}_{level}"]]
    if series.signal is not None:
        columns["signal"] = [*series.signal[first:], *signal_after(series.signal, n_steps)]
    lines, layers = _banded(series, [f"{level}%" for level in levels], model, SIGNAL if "signal" in columns else {})
    alt = f"The last {length - first} values and the forecast by {model} of the next {n_steps}."
    values = np.concatenate([series.values, ahead["forecast"]])
    whole = replace(series, values=values, dates=dates, n_train=length)
    return _over_time(whole, columns, alt, layers, lines)


def signal_after(signal: Array, n: int) -> Array:
    """The `n` steps after a sine without noise (T,): s[t + 1] = 2 cos(ω) s[t] − s[t − 1], also where time runs back."""
    middle = signal[1:-1]
    cosine = middle @ (signal[2:] + signal[:-2]) / (2 * middle @ middle or 1.0)
    after = [*signal[-2:]]
    for _ in range(n):
        after.append(2 * cosine * after[-1] - after[-2])
    return np.array(after[2:])


def coverage_chart(intervals: Columns, looks: Looks) -> Chart:
    """The share of held-out values inside the intervals against k, which should be that of the level."""
    levels = {f"{level:.0%}": level for level in sorted(set(intervals["level"].tolist()))}
    names = np.array([f"{level:.0%}" for level in intervals["level"]], object)
    model = intervals["model"]
    every = dict.fromkeys(model.tolist())
    lines = {name: looks[name] for name in every}
    alt = "The share of held-out values inside the prediction intervals by steps ahead, of " + ", ".join(every) + "."
    columns = {"level": names, "model": model, "k": intervals["k"], "coverage": intervals["coverage"]}
    few = [m for m in every if len(set(intervals["k"][model == m].tolist())) < intervals["k"][model == m].max()]
    columns["dot"] = np.isin(model, few)
    least = min(intervals["coverage"].min(), *levels.values())
    y = charts.linear("coverage", "share of held-out values inside", (max(least - 0.05, 0.0), 1.02))
    y["axis"] = {"format": ".0%"}
    marks = [Level(level, "as promised", option) for option, level in levels.items()]
    choice = Choice("level", list(levels))
    return charts.line_chart(columns, alt, charts.steps_ahead(), y, lines=lines, choice=choice, levels=marks)


def order_chart(orders: Columns) -> Chart:
    """AIC and BIC of the linear model against tau, each above its lowest value, which is marked."""
    rows = [
        (name.upper(), tau, value, value == 0)
        for name in ("aic", "bic")
        for tau, value in zip(orders["tau"].tolist(), (orders[name] - orders[name].min()).tolist(), strict=True)
    ]
    best = {name: orders["tau"][orders[name.lower()].argmin()] for name in ("AIC", "BIC")}
    alt = f"AIC and BIC by the number of lags, above the lowest: AIC is lowest at {best['AIC']}, BIC at {best['BIC']}."
    notes = {"AIC": "Akaike's criterion", "BIC": "Schwarz's criterion, which charges more for a lag"}
    lines = {name: Look(look.color, look.dash, notes[name]) for name, look in line_looks(["", *notes]).items() if name}
    columns = charts.table(rows, "criterion", "tau", "above", "dot")
    y = charts.linear("above", "above the lowest")
    return charts.line_chart(columns, alt, charts.count("tau", "lags (tau)"), y, lines=lines, line="criterion")


def cosine_chart(cosines: Columns) -> Chart:
    """The cosine between two horizons' gradients by epoch; columns model, k, other_k, epoch, cosine and conflicts."""
    pairs = np.array([f"{k} and {other}" for k, other in zip(cosines["k"], cosines["other_k"], strict=True)], object)
    conflicts = split_by({"pair": pairs, "conflicts": cosines["conflicts"]}, "pair")
    looks = line_looks(conflicts)
    lines = {
        pair: Look(looks[pair].color, looks[pair].dash, f"in conflict in {rows['conflicts'].mean():.0%} of the steps")
        for pair, rows in conflicts.items()
    }
    columns = {"model": cosines["model"], "pair": pairs, "epoch": cosines["epoch"], "cosine": cosines["cosine"]}
    most = max(conflicts, key=lambda pair: conflicts[pair]["conflicts"].mean())
    alt = f"The cosine between the gradients of two horizons by epoch. Most in conflict: {most}, {lines[most].note}."
    choice = Choice("model", list(dict.fromkeys(cosines["model"].tolist())))
    y, levels = charts.linear("cosine", "cosine of the gradients"), [Level(0.0, "at right angles")]
    x = charts.count("epoch", "epoch")
    return charts.line_chart(columns, alt, x, y, lines=lines, line="pair", choice=choice, levels=levels)


def _at(series: Series, steps: Array) -> dict[str, Any]:
    """Columns t, date where it is known, and observed."""
    dates = {} if series.dates is None else {"date": np.array(series.dates)[steps - 1]}
    return {"t": steps, **dates, "observed": series.values[steps - 1]}


def _predicted(
    series: Series, columns: dict[str, Any], alt: str, models: Looks, errors: Columns, choice: Choice | None
) -> Chart:
    limits = value_limits(columns["observed"])
    label, lines = value_label(series), {**OBSERVED, **models}
    forecasts: Spec = {
        "transform": [{"fold": list(models), "as": ["model", "value"]}, {"filter": "indexof(hidden, datum.model) < 0"}],
        "mark": {"type": "line", "strokeWidth": 1.8, "clip": True},
        "encoding": {"y": charts.linear("value", label, limits), **charts.encode(lines, "model")},
    }
    layers = [*_observed(series, lines, limits), forecasts]
    hidden = [model for model in models if model not in _spread_of(list(models), errors)]
    return _over_time(series, columns, alt, layers, lines, choice, hidden)


def _over_time(
    series: Series,
    columns: dict[str, Any],
    alt: str,
    layers: list[Spec],
    lines: Looks,
    choice: Choice | None = None,
    hidden: list[str] | None = None,
) -> Chart:
    steps = (int(columns["t"].min()), int(columns["t"].max()))
    dates = date_labels(series, steps)
    heads = {name: title for name, title in (("date", "date"), ("t", "time step"), ("k", "k")) if name in columns}
    layers = [*layers, charts.rule_at("t", series.n_train + 0.5, strokeDash=[2, 3])]
    x = charts.time_axis(steps, dates)
    return charts.chart(
        columns, alt, x, layers, lines=lines, hidden=hidden or [], choice=choice, steps=steps, dates=dates, heads=heads
    )


def _banded(
    series: Series, levels: list[str], model: str = "", signal: Looks = MappingProxyType({})
) -> tuple[dict[str, Look], list[Spec]]:
    """The lines and layers of a forecast over its bands, the widest first; `model`: whose it is, if always the same;
    `signal`: where that is drawn too."""
    lines = OBSERVED | dict(signal) | {"forecast": Look("#D55E00", note=model)}
    lines |= {f"{level} interval": Look(color) for level, color in zip(levels, BANDS, strict=False)}
    label = value_label(series)
    bands = [_band(level, label, lines) for level in levels]
    known = [_line(name, label, lines) for name in (*signal, "forecast")]
    return lines, [*bands, *_observed(series, lines), *known]


def _observed(series: Series, lines: Looks, limits: tuple[float, float] | None = None) -> list[Spec]:
    """What was observed, as points; without a signal, a line joins them."""
    label = value_label(series)
    mark = {"type": "point", "filled": True, "size": 14, "fillOpacity": 0.9, "clip": True}
    encoding = {"y": charts.linear("observed", label, limits), **charts.encode(lines, "observed", ("color",))}
    points = charts.switched({"mark": mark, "encoding": encoding}, "observed")
    return [points] if series.signal is not None else [_line("observed", label, lines, limits), points]


def _line(name: str, label: str, lines: Looks, limits: tuple[float, float] | None = None) -> Spec:
    width = 1 if name == "observed" else 1.8
    mark = {"type": "line", "strokeWidth": width, "clip": True}
    encoding = {"y": charts.linear(name, label, limits), **charts.encode(lines, name)}
    return charts.switched({"mark": mark, "encoding": encoding}, name)


def _band(level: str, label: str, lines: Looks) -> Spec:
    mark = {"type": "area", "fillOpacity": 0.3}
    y = charts.linear(f"{level} from", label)
    encoding = {"y": y, "y2": {"field": f"{level} to"}, **charts.encode(lines, f"{level} interval", ("color",))}
    return charts.switched({"mark": mark, "encoding": encoding}, f"{level} interval")


def _spread_of(models: list[str], errors: Columns) -> set[str]:
    """The best, the middling and the worst of the models at the longest horizon."""
    known = rows_where(errors, (errors["k"] == errors["k"].max()) & np.isin(errors["model"], models))
    last = known["model"][np.argsort(known["mse"])].tolist()
    return {last[i] for i in (0, len(last) // 2, -1)} if last else set(models[:3])
