"""The figures of the text wing, after d2l 9.5 and 9.6."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from stepahead.report.style import legend_beside, look, panels


def training_figure(histories: Mapping[str, "pd.Series[float]"]) -> Figure:
    """Running perplexity (epochs,) of each cell, on a log scale."""
    figure, (axes,) = panels()
    for cell, perplexity in histories.items():
        axes.plot(np.arange(1, len(perplexity) + 1), perplexity, linewidth=1.2, **look(cell))
    axes.set(xlabel="epoch", ylabel="perplexity", title="Training perplexity, as the book measures it")
    _log_from_one(axes)
    legend_beside(axes, histories)
    return figure


def perplexity_figure(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Train, validation and test perplexity with fixed weights, a group of bars a model."""
    figure, (axes,) = panels()
    spans = {"train": "#56B4E9", "val": "#E69F00", "test": "#D55E00"}
    places = np.arange(len(rows))
    for i, (span, color) in enumerate(spans.items()):
        bars = axes.bar(places + (i - 1) * 0.27, [row[span] for row in rows.values()], 0.25, color=color, label=span)
        axes.bar_label(bars, fmt="%.2f", fontsize=8)
    axes.set(ylabel="perplexity", title="Perplexity on text seen in training, and not")
    _log_from_one(axes)
    axes.set_xticks(places, list(rows))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _log_from_one(axes: Axes) -> None:
    """A logarithmic axis from 1, the perplexity of a model that is never surprised, with plain numbers."""
    axes.set_yscale("log")
    axes.set_ylim(bottom=1)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
