"""Figures behind the scores of the series: whether intervals cover, whether tasks agree, how many lags it takes."""

import numpy as np
from matplotlib.figure import Figure

from stepahead.report.columns import Columns, split_by
from stepahead.report.style import look, panels


def coverage_figure(intervals: Columns) -> Figure:
    """The share of held-out values inside the intervals against k, a panel a level, which they should reach.

    Args:
        intervals: columns model, level, k, coverage.
    """
    levels = sorted(split_by(intervals, "level").items())
    figure, all_axes = panels(columns=len(levels))
    for axes, (level, of_level) in zip(all_axes, levels, strict=True):
        for model, curve in split_by(of_level, "model").items():
            marker = "." if len(curve["k"]) < curve["k"][-1] else ""
            axes.plot(curve["k"], curve["coverage"], linewidth=1.2, marker=marker, **look(model))
        axes.axhline(level, color="#000000", linewidth=2, alpha=0.3)
        axes.set(title=f"{level:.0%} intervals", xlabel="steps ahead (k)", ylim=(0, 1.02))
    all_axes[0].set_ylabel("share of held-out values inside")
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside right upper")
    return figure


def gradient_figure(gradients: Columns) -> Figure:
    """Heat maps of the cosine between two horizons' gradients over training, a panel a model.

    Args:
        gradients: columns model, k, other_k, epoch, cosine, conflicts; a pair's epochs stand in order.
    """
    models = split_by(gradients, "model")
    pairs = list(dict.fromkeys(zip(gradients["k"].tolist(), gradients["other_k"].tolist(), strict=True)))
    figure, all_axes = panels(columns=len(models), height=1.5 + 0.35 * len(pairs))
    limit = np.abs(gradients["cosine"]).max()
    for axes, (model, columns) in zip(all_axes, models.items(), strict=True):
        epochs = columns["epoch"].max()
        image = axes.imshow(
            columns["cosine"].reshape(len(pairs), epochs),
            cmap="RdBu",
            vmin=-limit,
            vmax=limit,
            aspect="auto",
            extent=(0.5, epochs + 0.5, len(pairs), 0),
        )
        for i, share in enumerate(columns["conflicts"].reshape(len(pairs), epochs).mean(axis=1)):
            axes.annotate(f"{share:.0%}", (1.01, 1 - (i + 0.5) / len(pairs)), xycoords="axes fraction", va="center")
        axes.set(title=model, xlabel="epoch")
        axes.grid(visible=False)
    all_axes[0].set_yticks(np.arange(len(pairs)) + 0.5, [f"{k} and {other}" for k, other in pairs])
    all_axes[0].set_ylabel("horizons")
    figure.suptitle("Cosine between the gradients of two horizons; in numbers, the share of steps in conflict", size=11)
    figure.colorbar(image, ax=all_axes, label="cosine")
    return figure


def order_figure(orders: Columns) -> Figure:
    """AIC and BIC of the linear model against tau, each above its lowest value, which is marked.

    Args:
        orders: columns tau, aic, bic.
    """
    figure, (axes,) = panels(height=3.2)
    for name, color in (("aic", "#0072B2"), ("bic", "#D55E00")):
        above = orders[name] - orders[name].min()
        best = orders["tau"][above.argmin()]
        axes.plot(orders["tau"], above, color=color, linewidth=1.5, label=f"{name.upper()}, lowest at {best}")
        axes.plot(best, 0, "o", color=color)
    axes.set(xlabel="lags (tau)", ylabel="above the lowest", title="How many lags the linear model needs")
    axes.legend()
    return figure
