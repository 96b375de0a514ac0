"""The figures of the text wing, after d2l 9.5 and 9.6."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

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
    """Train, validation and test perplexity with fixed weights, a group of bars a model, the best on the right."""
    models = {name: row for name, row in rows.items() if name != "floor"}
    spans = {"train": "#56B4E9", "val": "#E69F00", "test": "#D55E00"}
    shown = [span for span in spans if any(row[span] is not None for row in models.values())]
    order = sorted(models, key=lambda name: -models[name][shown[-1]])
    figure, (axes,) = panels(height=4.5)
    places = np.arange(len(order))
    for i, span in enumerate(shown):
        heights = [models[name][span] for name in order]
        bars = axes.bar(places + (i - (len(shown) - 1) / 2) * 0.28, heights, 0.26, color=spans[span], label=span)
        axes.bar_label(bars, fmt="%.3g", fontsize=7 if len(order) < 8 else 6, padding=1)
    if "floor" in rows:
        axes.axhline(rows["floor"]["test"], color="#000000", linewidth=1, label="floor")
    axes.set(ylabel="perplexity", title="Perplexity on text seen in training, and not")
    _log_from_one(axes)
    axes.set_xticks(places, order)
    axes.grid(visible=False, axis="x")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def horizon_figure(entropies: pd.DataFrame) -> Figure:
    """Entropy of the k-step-ahead distribution of the first-order Markov model.

    Args:
        entropies: columns k, entropy and limit, in bits.
    """
    figure, (axes,) = panels()
    axes.plot(entropies["k"], entropies["entropy"], "o-", markersize=3, color="#0072B2", label="k steps ahead")
    axes.axhline(entropies["limit"].iloc[0], color="#000000", linewidth=1, label="past forgotten")
    axes.set(xlabel="steps ahead (k)", ylabel="entropy (bits)", title="How soon the present token stops mattering")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def gradient_figure(norms: pd.DataFrame) -> Figure:
    """How far back gradients reach in each cell, before and after training.

    Args:
        norms: columns cell, weights (untrained or trained), k and norm.
    """
    figure, all_axes = panels(columns=2)
    for axes, weights in zip(all_axes, ("untrained", "trained"), strict=True):
        for cell, curve in norms[(norms["weights"] == weights) & (norms["norm"] > 0)].groupby("cell", sort=False):
            axes.plot(curve["k"], curve["norm"], linewidth=1.2, **look(str(cell)))
        axes.set(title=weights, xlabel="steps back (k)", yscale="log")
    low = max(norms["norm"].min(), norms["norm"].max() * 1e-12)  # beyond it nothing is learnt
    all_axes[0].set(ylabel="gradient norm", ylim=(low / 2, norms["norm"].max() * 2))
    figure.suptitle("The gradient of the loss with respect to the hidden state k steps before", fontsize=12)
    legend_beside(all_axes[1], norms["cell"].unique())
    return figure


def _log_from_one(axes: Axes) -> None:
    """A logarithmic axis from 1, the perplexity of a model that is never surprised, with plain numbers."""
    axes.set_yscale("log")
    axes.set_ylim(bottom=1)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
