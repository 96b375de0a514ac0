"""The end of a series and what comes next, in its bands."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from stepahead.report.style import OBSERVED, panels, plain

from stepahead.core.artifacts import Array

COLOR = "#0072B2"
BEFORE = 6  # times as many steps of the history as of the forecast


def draw(
    name: str, unit: str, values: Array, dates: Sequence[str] | None, columns: Mapping[str, Any], model: str
) -> Figure:
    """History, forecast and bands.

    Args:
        values, dates: the series (T,).
        columns: step, date where known, forecast, and low_80, high_80, …
        model: whose forecast it is.
    """
    figure, (axes,) = panels()
    FigureCanvasAgg(figure)
    forecast = np.asarray(columns["forecast"])
    first = max(0, len(values) - max(BEFORE * len(forecast), 60))
    steps = np.arange(1, len(values) + len(forecast) + 1)
    history, ahead = steps[first : len(values)], steps[len(values) :]
    axes.plot(history, values[first:], color=OBSERVED, linewidth=1, label="observed")
    for level in sorted({key.partition("_")[2] for key in columns if key.startswith("low_")}, reverse=True):
        low, high = (np.array(columns[f"{end}_{level}"], float) for end in ("low", "high"))
        alpha = 1.1 - int(level) / 100  # the narrower lies over the wider
        axes.fill_between(ahead, low, high, color=COLOR, alpha=alpha, linewidth=0, label=f"{level} % interval")
    joined = np.concatenate([values[-1:], forecast])  # the line starts where the history ends
    axes.plot(np.append(ahead[0] - 1, ahead), joined, color=COLOR, linewidth=1.5, label=f"forecast: {plain(model)}")
    axes.axvline(len(values) + 0.5, color=OBSERVED, linestyle=":", linewidth=1)
    axes.set(ylabel=plain(unit), title=f"The next {len(forecast)} steps of {plain(name)}")
    axes.set_xlabel("step")
    if dates and "date" in columns:
        labels = [*dates, *columns["date"]]
        axes.xaxis.set_major_locator(MaxNLocator(7 if len(labels[0]) <= 10 else 4, integer=True))
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda step, _: labels[round(step) - 1] if 1 <= round(step) <= len(labels) else "")
        )
        axes.set_xlabel("date")
    figure.legend(loc="outside lower center", ncols=4)
    return figure
