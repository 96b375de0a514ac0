"""The figures of the series wing, after d2l 9.1."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stepahead.report.style import legend_beside, look, panels
from stepahead.series.series import Series


def series_figure(series: Series) -> Figure:
    """The series, its noiseless signal where known, and where training ends."""
    figure, (axes,) = panels()
    steps = np.arange(1, len(series.values) + 1)
    axes.plot(steps, series.values, ".", markersize=3, color="#0072B2", alpha=0.5, label="observed")
    if series.signal is not None:
        axes.plot(steps, series.signal, color="#000000", linewidth=1, label="signal without noise")
    axes.axvline(series.n_train + 0.5, color="#D55E00", linestyle="--", linewidth=1, label="end of training")
    axes.set(xlabel="time step", ylabel="x", title=f"The series: {series.name}")
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
    axes.set(xlabel="time step", ylabel="x", title=title, ylim=_limits(series))
    legend_beside(axes, [observed, *map(str, predictions)])
    return figure


def kstep_figure(series: Series, predictions: Mapping[int, pd.DataFrame]) -> Figure:
    """One panel a horizon k, each step predicted k steps before it."""
    figure, all_axes = panels(rows=(len(predictions) + 1) // 2, columns=2, height=2.8)
    for axes, (k, frame) in zip(all_axes, predictions.items(), strict=False):
        steps = np.asarray(frame.index)
        axes.plot(steps, series.values[steps - 1], color="#BBBBBB", linewidth=0.8, label="observed")
        for model in frame:
            axes.plot(steps, frame[model], linewidth=1, **look(str(model)))
        axes.set(title=f"predicted {k} step{'s' * (k > 1)} before", ylim=_limits(series))
    for axes in all_axes[len(predictions) :]:
        axes.remove()
    figure.supxlabel("time step", fontsize=10)
    figure.supylabel("x", fontsize=10)
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


def _limits(series: Series) -> tuple[float, float]:
    """Room for the series, so that one runaway forecast does not flatten everything else."""
    low, high = float(series.values.min()), float(series.values.max())
    return low - (high - low) / 4, high + (high - low) / 4
