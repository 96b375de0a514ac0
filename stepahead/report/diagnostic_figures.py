"""Figures behind the series wing's scores: whether intervals cover, whether tasks agree, how many lags it takes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stepahead.report.style import look, panels


def coverage_figure(intervals: pd.DataFrame) -> Figure:
    """The share of held-out values inside the intervals against k, a panel a level, which they should reach.

    Args:
        intervals: columns model, level, k, coverage.
    """
    levels = sorted(set(intervals["level"]))
    figure, all_axes = panels(columns=len(levels))
    for axes, level in zip(all_axes, levels, strict=True):
        for model, curve in intervals[intervals["level"] == level].groupby("model", sort=False):
            axes.plot(curve["k"], curve["coverage"], linewidth=1.2, **look(str(model)))
        axes.axhline(level, color="#000000", linewidth=2, alpha=0.3)
        axes.set(title=f"{level:.0%} intervals", xlabel="steps ahead (k)", ylim=(0, 1.02))
    all_axes[0].set_ylabel("share of held-out values inside")
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside right upper")
    return figure


def gradient_figure(gradients: pd.DataFrame) -> Figure:
    """Heat maps of the cosine between two horizons' gradients over training, a panel a model.

    Args:
        gradients: columns model, k, other_k, epoch, cosine, conflicts.
    """
    models = list(dict.fromkeys(gradients["model"]))
    pairs = gradients[["k", "other_k"]].drop_duplicates()
    figure, all_axes = panels(columns=len(models), height=1.5 + 0.35 * len(pairs))
    limit = gradients["cosine"].abs().max()
    for axes, model in zip(all_axes, models, strict=True):
        rows = gradients[gradients["model"] == model]
        cosines = rows.pivot(index=["k", "other_k"], columns="epoch", values="cosine")
        image = axes.imshow(
            cosines,
            cmap="RdBu",
            vmin=-limit,
            vmax=limit,
            aspect="auto",
            extent=(0.5, rows["epoch"].max() + 0.5, len(pairs), 0),
        )
        for i, share in enumerate(rows.groupby(["k", "other_k"])["conflicts"].mean()):
            axes.annotate(f"{share:.0%}", (1.01, 1 - (i + 0.5) / len(pairs)), xycoords="axes fraction", va="center")
        axes.set(title=model, xlabel="epoch")
        axes.grid(visible=False)
    labels = [f"{k} and {other}" for k, other in cosines.index]
    all_axes[0].set_yticks(np.arange(len(pairs)) + 0.5, labels)
    all_axes[0].set_ylabel("horizons")
    figure.suptitle("Cosine between the gradients of two horizons; in numbers, the share of steps in conflict", size=11)
    figure.colorbar(image, ax=all_axes, label="cosine")
    return figure


def order_figure(orders: pd.DataFrame) -> Figure:
    """AIC and BIC of the linear model against tau, each above its lowest value, which is marked.

    Args:
        orders: columns tau, aic, bic.
    """
    figure, (axes,) = panels(height=3.2)
    for name, color in (("aic", "#0072B2"), ("bic", "#D55E00")):
        above = orders[name] - orders[name].min()
        best = orders["tau"][above.idxmin()]
        axes.plot(orders["tau"], above, color=color, linewidth=1.5, label=f"{name.upper()}, lowest at {best}")
        axes.plot(best, 0, "o", color=color)
    axes.set(xlabel="lags (tau)", ylabel="above the lowest", title="How many lags the linear model needs")
    axes.legend()
    return figure
