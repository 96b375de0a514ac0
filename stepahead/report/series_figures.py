"""The figures of the series, after d2l 9.1."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from stepahead.core.artifacts import Array
from stepahead.report.columns import Columns, models_of, split_by
from stepahead.report.run_summary import date_labels, value_label, value_limits
from stepahead.report.style import OBSERVED, legend_beside, logarithmic, look, panels, plain
from stepahead.series.data.dataset import Series


def series_figure(series: Series) -> Figure:
    """The series, its noiseless signal where known, and where training ends."""
    figure, (axes,) = panels()
    steps = np.arange(1, len(series.values) + 1)
    line = "." if series.signal is not None else ".-"
    axes.plot(steps, series.values, line, markersize=3, linewidth=0.8, alpha=0.7, color=OBSERVED, label="observed")
    if series.signal is not None:
        axes.plot(steps, series.signal, color="#000000", linewidth=1, label="signal without noise")
    axes.axvline(series.n_train + 0.5, color="#D55E00", linestyle="--", linewidth=1, label="end of training")
    axes.set(
        xlabel=time_axis(axes, series), ylabel=plain(value_label(series)), title=f"The series: {plain(series.name)}"
    )
    figure.legend(loc="outside upper right", ncols=3)
    return figure


def prediction_figure(series: Series, predictions: Columns, title: str) -> Figure:
    """Predictions (column t, and a column a model) in front of the observed values."""
    figure, (axes,) = panels()
    steps = predictions["t"]
    before = max(int(steps[0]) - len(steps) // 8, 1)
    shown = slice(before - 1, int(steps[-1]))
    observed = "observed"
    axes.plot(np.arange(before, steps[-1] + 1), series.values[shown], color=OBSERVED, linewidth=0.7, label=observed)
    for model in models_of(predictions):
        axes.plot(steps, predictions[model], linewidth=1.2, **look(model))
    _end_of_training(axes, series)
    axes.set(xlabel=time_axis(axes, series), ylabel=plain(value_label(series)), title=title)
    axes.set_ylim(value_limits(series.values[shown]))
    legend_beside(axes)
    return figure


def kstep_figure(series: Series, predictions: Mapping[int, Columns]) -> Figure:
    """One panel a horizon k, each step predicted k steps before it."""
    figure, all_axes = panels(rows=(len(predictions) + 1) // 2, columns=2, height=3.2)
    for axes, (k, columns) in zip(all_axes, predictions.items(), strict=False):
        steps = columns["t"]
        axes.plot(steps, series.values[steps - 1], color=OBSERVED, linewidth=0.5, label="observed")
        for model in models_of(columns):
            axes.plot(steps, columns[model], linewidth=1, **look(model))
        axes.set_title(f"predicted {k} step{'s' * (k > 1)} before")
    all_axes[0].set_ylim(value_limits(series.values[series.n_train :]))
    figure.supxlabel(time_axis(all_axes[0], series, ticks=4), fontsize=10)
    figure.supylabel(plain(value_label(series)), fontsize=10)
    for axes in all_axes[len(predictions) :]:
        axes.remove()
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside right upper")
    return figure


def error_figure(errors: Columns, floor: float | None) -> Figure:
    """Mean squared error against k, with a band of one standard deviation over the weight seeds.

    Args:
        errors: columns model, k, mse, mse_std.
    """
    figure, (axes,) = panels(height=4.5)
    curves = split_by(errors, "model")
    order = sorted(curves, key=lambda model: -curves[model]["mse"][-1])
    for model in order:
        k, mse, spread = (curves[model][name] for name in ("k", "mse", "mse_std"))
        axes.plot(k, mse, linewidth=1.5, marker="." if len(k) < k[-1] else "", **look(model))
        if spread.any():
            # the axis is logarithmic, and mse − std can fall below zero
            low = np.maximum(mse - spread, mse / 4)
            axes.fill_between(k, low, mse + spread, color=look(model)["color"], alpha=0.12, linewidth=0)
    if floor:
        axes.axhline(floor, color="#000000", linewidth=1, label="floor")
    axes.set(xlabel="steps ahead (k)", ylabel="mean squared error", title="Error against k on held-out steps")
    logarithmic(axes)
    legend_beside(axes, [*order, "floor"])
    return figure


def interval_figure(series: Series, model: str, path: Array, intervals: Columns) -> Figure:
    """A model's forecast `path` (N,) from the end of training, in its prediction intervals.

    Args:
        intervals: the model's, with columns level, k, width and coverage; k counts on from the end of training, and
            ends where its level reaches no further.
    """
    figure, (axes,) = panels()
    color = look(model)["color"]
    steps = series.n_train + np.arange(1, len(path) + 1)
    shown = np.arange(max(1, series.n_train - len(path)), steps[-1] + 1)
    for level, band in sorted(split_by(intervals, "level").items(), reverse=True):
        half = band["width"][: len(path)] / 2
        reach = slice(len(half))
        label = f"{level:.0%} interval, held {band['coverage'].mean():.0%}"
        alpha = 1.1 - level  # the narrower lies over the wider
        axes.fill_between(
            steps[reach], path[reach] - half, path[reach] + half, color=color, alpha=alpha, linewidth=0, label=label
        )
    axes.plot(shown, series.values[shown - 1], ".", markersize=4, color=OBSERVED, label="observed")
    axes.plot(steps, path, color=color, linewidth=1.5, label=model)
    _end_of_training(axes, series)
    axes.set(xlabel=time_axis(axes, series), ylabel=plain(value_label(series)))
    axes.set_title(f"From the end of training on, with the prediction intervals of {model}")
    legend_beside(axes)
    return figure


def _end_of_training(axes: Axes, series: Series) -> None:
    axes.axvline(series.n_train + 0.5, color=OBSERVED, linestyle=":", linewidth=1)


def time_axis(axes: Axes, series: Series, ticks: int = 7) -> str:
    """Let dates, where the series has them, stand in place of the time steps on the x axis; returns its name."""
    labels = date_labels(series, (1, len(series.values)))
    if labels is None:
        return "time step"
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda step, _: labels[round(step) - 1] if 1 <= round(step) <= len(labels) else "")
    )
    return "date"
