"""The figures of the text, after d2l 9.5 and 9.6."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from stepahead.report.columns import Columns, rows_where, split_by
from stepahead.report.line_styles import PALETTE, SPAN_COLORS
from stepahead.report.style import legend_beside, logarithmic, look, panels

GRAMS = {"word": "words", "char": "characters"}
GRAM_COLORS = PALETTE[1:4]
MARKERS = {"train": "o", "val": "s", "test": "D"}


def training_figure(histories: Mapping[str, Columns], kept: Mapping[str, int], levels: Mapping[str, float]) -> Figure:
    """Running and validation perplexity of each cell by epoch, on a log scale.

    Args:
        histories: columns epoch, perplexity and val, which is NaN where there is no validation span.
        kept: the epoch whose weights were kept, of the cells that have one.
        levels: perplexities to compare with, by what they are.
    """
    figure, (axes,) = panels(height=4.5)
    handles = []
    for cell, columns in histories.items():
        style = look(cell) | {"linestyle": "-", "linewidth": 1.2}
        handles += axes.plot(columns["epoch"], columns["perplexity"], **style)
        axes.plot(columns["epoch"], columns["val"], **style | {"linestyle": "--"})
        if cell in kept:
            at = columns["epoch"] == kept[cell]
            watched = columns["perplexity" if np.isnan(columns["val"]).all() else "val"]
            axes.plot(columns["epoch"][at], watched[at], "o", color=style["color"])
    for name, level in levels.items():
        axes.axhline(level, color="#000000", linewidth=0.8)
        axes.annotate(name, (1, level), (0, 2), ("axes fraction", "data"), "offset points", ha="right", va="bottom")
    axes.set(xlabel="epoch", ylabel="perplexity", title="Perplexity in training")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    logarithmic(axes)
    handles += [
        Line2D([], [], color="#000000", linestyle="-", label="training text"),
        Line2D([], [], color="#000000", linestyle="--", label="validation text"),
        Line2D([], [], color="#000000", linestyle="", marker="o", label="weights kept"),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def perplexity_figure(rows: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Train, validation and test perplexity with fixed weights, a row a model, the best on top."""
    models = {name: row for name, row in rows.items() if name != "floor"}
    shown = [span for span in MARKERS if any(row[span] is not None for row in models.values())]
    order = sorted(models, key=lambda name: -models[name][shown[-1]])
    figure, (axes,) = panels(height=1.2 + 0.3 * len(order))
    for span in shown:
        axes.plot(
            [models[name][span] for name in order], order, MARKERS[span], color=SPAN_COLORS[span], label=span, alpha=0.9
        )
    if "floor" in rows:
        axes.axvline(rows["floor"]["test"], color="#000000", linewidth=1, label="floor")
    axes.set(xlabel="perplexity", title="Perplexity on text seen in training, and not")
    logarithmic(axes, "x")
    legend_beside(axes)
    return figure


def horizon_figure(entropies: Columns) -> Figure:
    """Entropy of the k-step-ahead distribution of the first-order Markov model.

    Args:
        entropies: columns k, entropy and limit, in bits.
    """
    figure, (axes,) = panels()
    axes.plot(entropies["k"], entropies["entropy"], "o-", markersize=3, color="#0072B2", label="k steps ahead")
    axes.axhline(entropies["limit"][0], color="#000000", linewidth=1, label="past forgotten")
    axes.set(xlabel="steps ahead (k)", ylabel="entropy (bits)", title="How soon the present token stops mattering")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    legend_beside(axes)
    return figure


def frequencies_figure(curves: Columns, ngrams: Sequence[Mapping[str, Any]]) -> Figure:
    """How often the r-th most frequent n-gram of words and of characters occurs, against r.

    Args:
        curves: columns kind (word or char), n, rank and count.
        ngrams: of each kind and n, the exponent of a power law.
    """
    figure, all_axes = panels(columns=2)
    exponents = {(each["kind"], each["n"]): each["exponent"] for each in ngrams}
    by_kind = split_by(curves, "kind")
    for axes, (kind, title) in zip(all_axes, GRAMS.items(), strict=True):
        for n, curve in split_by(by_kind[kind], "n").items() if kind in by_kind else ():
            alpha = exponents[kind, n]
            label = f"n = {n}" + (f", exponent {alpha:.2f}" if alpha is not None else "")
            axes.plot(curve["rank"], curve["count"], "-", color=GRAM_COLORS[n - 1], linewidth=1.5, label=label)
        axes.set(title=f"n-grams of {title}", xlabel="rank")
        if axes.lines:
            axes.legend(loc="upper right")
            logarithmic(axes, "x")
            axes.set_xticks([tick for tick in axes.get_xticks() if math.log10(tick).is_integer()])
    all_axes[0].set(ylabel="occurrences")
    if any(axes.lines for axes in all_axes):
        logarithmic(all_axes[0])
    return figure


def gradient_figure(norms: Columns) -> Figure:
    """How far back gradients reach in each cell, before and after training.

    Args:
        norms: columns cell, weights (untrained or trained), k, norm, and power: what the norm would be were the
            Jacobian of every step the same matrix.
    """
    figure, all_axes = panels(columns=2)
    by_weights = split_by(rows_where(norms, norms["norm"] > 0), "weights")
    for axes, weights in zip(all_axes, ("untrained", "trained"), strict=True):
        for cell, curve in split_by(by_weights[weights], "cell").items():
            axes.plot(curve["k"], curve["norm"], linewidth=1.2, **look(cell))
            axes.plot(curve["k"], curve["power"], linewidth=1, linestyle=":", color=look(cell)["color"])
        axes.set(title=weights, xlabel="steps back (k)")
    low = max(norms["norm"].min(), norms["norm"].max() * 1e-12)  # beyond it nothing is learnt
    all_axes[0].set(ylabel="gradient norm", ylim=(low / 2, norms["norm"].max() * 2))
    logarithmic(all_axes[0])
    figure.suptitle("The gradient of the loss with respect to the hidden state k steps before", fontsize=12)
    legend_beside(all_axes[1])
    return figure
