"""How every figure looks."""

from collections.abc import Iterable
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stepahead.report.line_styles import model_color

DASHES = {"yule_walker": "--", "mlp_pcgrad": "--", "persistence": "--", "mean": ":", "oracle": "-."}

matplotlib.rcParams.update(
    {
        "axes.grid": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.constrained_layout.use": True,
        "figure.dpi": 120,
        "font.size": 10,
        "grid.alpha": 0.3,
        "legend.frameon": False,
        "svg.hashsalt": "stepahead",
    }
)


def plain(text: str) -> str:
    """A user's text as a label, in which dollar signs are no formula."""
    return text.replace("$", r"\$")


def panels(rows: int = 1, columns: int = 1, height: float = 4.0) -> tuple[Figure, list[Axes]]:
    """A figure of `rows` × `columns` axes, 9 inches wide, `height` inches a row."""
    figure = Figure(figsize=(9, height * rows))
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    return figure, list(axes.flat)


def look(model: str) -> dict[str, Any]:
    """The line style of a model."""
    return {"color": model_color(model), "linestyle": DASHES.get(model, "-"), "label": model}


def legend_beside(axes: Axes, models: Iterable[str]) -> None:
    """A legend to the right of the axes, in the order of `models`."""
    lines = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    axes.legend(
        [lines[m] for m in models if m in lines],
        [m for m in models if m in lines],
        loc="upper left",
        bbox_to_anchor=(1, 1),
    )
