"""How every figure looks."""

from collections.abc import Iterable
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from stepahead.report.line_styles import model_color
from stepahead.report.numbers import log_ticks

DASHES = {
    "yule_walker": "--",
    "mlp_pcgrad": "--",
    "persistence": "--",
    "mean": ":",
    "drift": ":",
    "seasonal_naive": "--",
    "oracle": "-.",
}
OBSERVED = "#808080"  # stands out from a white page and from a dark one

matplotlib.rcParams.update(
    {
        "axes.grid": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titley": 1.0,  # looking for ticks in a title's way takes longer than drawing it
        "figure.constrained_layout.use": True,
        "figure.dpi": 120,
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "grid.alpha": 0.3,
        "legend.frameon": False,
        "svg.fonttype": "none",  # text stays text: to be read aloud, searched, and in a page's colours
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


def legend_beside(axes: Axes, models: Iterable[str] | None = None) -> None:
    """A legend to the right of the axes, in the order of `models`."""
    lines = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    shown = [m for m in (lines if models is None else models) if m in lines]
    axes.legend([lines[m] for m in shown], shown, loc="upper left", bbox_to_anchor=(1, 1))


def logarithmic(axes: Axes, name: str = "y") -> None:
    """Make an axis logarithmic when all is drawn on it: plain numbers at the ticks that its range has room for."""
    axes.set(**{f"{name}scale": "log"})
    axis: Axis = getattr(axes, f"{name}axis")
    axis.set_major_locator(FixedLocator(log_ticks(*axis.get_view_interval())))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
