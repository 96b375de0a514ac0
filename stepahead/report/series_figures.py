"""The figures of the series, after d2l 9.1."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from stepahead.report.run_summary import value_label, value_limits
from stepahead.report.style import legend_beside, look, panels, plain
from stepahead.series.data.dataset import Series


def series_figure(series: Series) -> Figure:
    """The series, its noiseless signal where known, and where training ends."""
    figure, (axes,) = panels()
    steps = np.arange(1, len(series.values) + 1)
    axes.plot(steps, series.values, ".", markersize=3, color="#0072B2", alpha=0.5, label="observed")
    if series.signal is not None:
        axes.plot(steps, series.signal, color="#000000", linewidth=1, label="signal without noise")
    axes.axvline(series.n_train + 0.5, color="#D55E00", linestyle="--", linewidth=1, label="end of training")
    axes.set(
        xlabel=time_axis(axes, series), ylabel=plain(value_label(series)), title=f"The series: {plain(series.name)}"
    )
    figure.legend(loc="outside upper right", ncols=3)
    return figure


def prediction_figure(series: Series, predictions: pd.DataFrame, title: str) -> Figure:
    """Predictions (a column a model, indexed by time step) in front of the observed values."""
    figure, (axes,) = panels()
    steps = predictions.index
    before = max(int(steps[0]) - len(steps) // 8, 1)
    shown = slice(before - 1, int(steps[-1]))
    observed = "observed"
    axes.plot(np.arange(before, steps[-1] + 1), series.values[shown], color="#BBBBBB", linewidth=1, label=observed)
    for model in predictions:
        axes.plot(steps, predictions[model], linewidth=1.2, **look(str(model)))
    axes.axvline(series.n_train + 0.5, color="#888888", linestyle=":", linewidth=1)
    axes.set(xlabel=time_axis(axes, series), ylabel=plain(value_label(series)), title=title)
    axes.set_ylim(value_limits(series.values[shown]))
    legend_beside(axes, [observed, *map(str, predictions)])
    return figure


def kstep_figure(series: Series, predictions: Mapping[int, pd.DataFrame]) -> Figure:
    """One panel a horizon k, each step predicted k steps before it."""
    figure, all_axes = panels(rows=(len(predictions) + 1) // 2, columns=2, height=3.2)
    for axes, (k, frame) in zip(all_axes, predictions.items(), strict=False):
        steps = np.asarray(frame.index)
        axes.plot(steps, series.values[steps - 1], color="#CCCCCC", linewidth=0.8, label="observed")
        for model in frame:
            axes.plot(steps, frame[model], linewidth=1, **look(str(model)))
        axes.set_title(f"predicted {k} step{'s' * (k > 1)} before")
    all_axes[0].set_ylim(value_limits(series.values[series.n_train :]))
    figure.supxlabel(time_axis(all_axes[0], series, ticks=4), fontsize=10)
    figure.supylabel(plain(value_label(series)), fontsize=10)
    for axes in all_axes[len(predictions) :]:
        axes.remove()
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside right upper")
    return figure


def error_figure(errors: pd.DataFrame, floor: float | None) -> Figure:
    """Mean squared error against k, with a band of one standard deviation over the weight seeds.

    Args:
        errors: columns model, k, mse, mse_std.
    """
    figure, (axes,) = panels(height=4.5)
    last = errors[errors["k"] == errors["k"].max()].sort_values("mse", ascending=False)
    for model in last["model"]:
        curve = errors[errors["model"] == model]
        axes.plot(curve["k"], curve["mse"], linewidth=1.5, **look(model))
        if curve["mse_std"].any():
            # the axis is logarithmic, and mse − std can fall below zero
            low = np.maximum(curve["mse"] - curve["mse_std"], curve["mse"] / 4)
            high = curve["mse"] + curve["mse_std"]
            axes.fill_between(curve["k"], low, high, color=look(model)["color"], alpha=0.12, linewidth=0)
    if floor:
        axes.axhline(floor, color="#000000", linewidth=1, label="floor")
    axes.set(xlabel="steps ahead (k)", ylabel="mean squared error", yscale="log")
    axes.set_title("Error against k on held-out steps")
    legend_beside(axes, [*last["model"], "floor"])
    return figure


def interval_figure(series: Series, model: str, path: "pd.Series[float]", intervals: pd.DataFrame) -> Figure:
    """A model's forecast from the end of training (indexed by time step), in its prediction intervals.

    Args:
        intervals: the model's, with columns level, k, width; k counts on from the end of training.
    """
    figure, (axes,) = panels()
    middle, color = path.to_numpy(), look(model)["color"]
    steps = np.asarray(path.index)
    before = max(1, series.n_train - len(steps))
    shown = np.arange(before, steps[-1] + 1)
    for level in sorted(set(intervals["level"]), reverse=True):
        half = intervals[intervals["level"] == level].sort_values("k")["width"].to_numpy()[: len(steps)] / 2
        label = f"{level:.0%} interval"
        alpha = 1.1 - level  # the narrower lies over the wider
        axes.fill_between(steps, middle - half, middle + half, color=color, alpha=alpha, linewidth=0, label=label)
    axes.plot(shown, series.values[shown - 1], ".", markersize=4, color="#555555", label="observed")
    axes.plot(steps, middle, color=color, linewidth=1.5, label=model)
    axes.axvline(series.n_train + 0.5, color="#888888", linestyle=":", linewidth=1)
    axes.set(xlabel=time_axis(axes, series), ylabel=plain(value_label(series)))
    axes.set_title(f"From the end of training on, with the prediction intervals of {model}")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def time_axis(axes: Axes, series: Series, ticks: int = 7) -> str:
    """Let dates, where the series has them, stand in place of the time steps on the x axis; returns its name."""
    if series.dates is None:
        return "time step"
    dates = series.dates
    monthly = all(date[7:] == "-01" for date in dates)
    labels = [date[:7] if monthly else date[:10] for date in dates]
    axes.xaxis.set_major_locator(MaxNLocator(ticks, integer=True))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda step, _: labels[round(step) - 1] if 1 <= round(step) <= len(labels) else "")
    )
    return "date"
