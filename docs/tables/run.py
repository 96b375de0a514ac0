"""The tables of a run with the defaults: docs/results.json."""

from collections.abc import Mapping
from pathlib import Path

from docs.results import LEVELS, RESULTS, SPANS
from stepahead.compare.tables import table
from stepahead.core.artifacts import read_json


def kstep_table(root: Path) -> str:
    """Mean squared error of each model at each reported horizon, the worst at the longest one first."""
    found = read_json(root / RESULTS)
    horizons = sorted(next(iter(found["kstep"].values())), key=int)
    lines = [
        [f"`{model}`", *(_with_spread(*row[k]) for k in horizons)]
        for model, row in sorted(found["kstep"].items(), key=lambda item: -item[1][horizons[-1]][0])
    ]
    if found["floor"]:
        lines.append(["*floor*", *[f"{found['floor']:.4f}"] * len(horizons)])
    return table(["model", *(f"k = {k}" for k in horizons)], lines)


def _with_spread(mean: float, spread: float) -> str:
    return f"{mean:.4f} ± {spread:.4f}" if spread else f"{mean:.4f}"


def perplexity_table(root: Path) -> str:
    """Perplexity of each language model on what it was trained on and on what it was not."""
    rows = read_json(root / RESULTS)["perplexity"]
    lines = [
        [f"`{model}`", *(_perplexity(row, span) for span in SPANS)]
        for model, row in sorted(rows.items(), key=lambda item: -item[1]["test"])
    ]
    return table(["model", "the book's figure (training, running)", *SPANS[1:]], lines)


def _perplexity(row: Mapping[str, float], span: str) -> str:
    spread = f" ± {row[f'{span}_std']:.2f}" if f"{span}_std" in row else ""
    return f"{row[span]:.2f}{spread}" if span in row else "–"


def interval_table(root: Path) -> str:
    """Measured coverage of the adaptive 80 % and 95 % intervals at each reported horizon."""
    rows = read_json(root / RESULTS)["intervals"]
    horizons = sorted(next(iter(rows.values())), key=int)
    lines = [
        [f"`{model}`", *(" / ".join(f"{row[k][level]:.0%}" for level in LEVELS) for k in horizons)]
        for model, row in sorted(rows.items())
    ]
    return table(["model", *(f"k = {k}" for k in horizons)], lines)
