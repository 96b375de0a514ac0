"""The one table of each wing that matters, for the page: every score beside its floor, its baselines and its spread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core.artifacts import read_table

NOTES = {
    "floor": "the variance of the noise: nobody does better on average",
    "oracle": "knows the signal: the floor on exactly these steps",
    "persistence": "repeats the last value",
    "mean": "predicts the mean of the training part",
}
SPANS = {"book": "book", "train": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class Cell:
    """A number as text, what stands after its ±, and whether it is the best, or beaten by the baseline; in a
    comparison, its change, and whether that is beyond the error bars."""

    text: str = "–"
    spread: str = ""
    best: bool = False
    worse: bool = False
    change: str = ""
    beyond: bool = False


@dataclass(frozen=True)
class Row:
    """A model, a baseline or the floor."""

    name: str
    kind: str
    note: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """Rows under a header; `first` heads the column of their names."""

    header: list[str]
    rows: list[Row]
    first: str = "model"


def read_errors(table: Path, horizons: Iterable[int]) -> dict[str, dict[int, tuple[float, float]]]:
    """model -> k -> (mse, mse_std) at the reported horizons, from reports/tables/kstep.csv."""
    columns, wanted = read_table(table), set(horizons)
    rows: dict[str, dict[int, tuple[float, float]]] = {}
    for model, k, mse, std in zip(*(columns[name] for name in ("model", "k", "mse", "mse_std")), strict=True):
        if int(k) in wanted:
            rows.setdefault(model, {})[int(k)] = float(mse), float(std)
    return rows


def read_perplexities(table: Path) -> dict[str, dict[str, Any]]:
    """model -> column -> value from reports/tables/perplexity.csv; None for an empty cell."""
    columns = read_table(table)
    rows: dict[str, dict[str, Any]] = {}
    for i, model in enumerate(columns["model"]):
        cells = {name: column[i] for name, column in columns.items() if name != "model"}
        rows[model] = {
            name: (cell if name == "neural" else float(cell)) if cell else None for name, cell in cells.items()
        }
    return rows


Scores = Mapping[str, tuple[float | None, float | None]]
"""By column: a score, and its spread where there is one."""


def series_table(errors: Mapping[str, Mapping[int, tuple[float, float]]], floor: float | None) -> Table:
    """Mean squared error at each reported horizon, from what `read_errors` gives."""
    columns = [f"k{k}" for k in next(iter(errors.values()))]
    scores: dict[str, Scores] = {name: {f"k{k}": score for k, score in row.items()} for name, row in errors.items()}
    if floor is not None:
        scores["floor"] = dict.fromkeys(columns, (floor, None))
    baselines = [name for name in ("persistence", "mean", "oracle") if name in errors]
    rows = _rows(scores, columns, baselines, columns, ["persistence"], NOTES, 4)
    return Table([f"k = {k[1:]}" for k in columns], rows)


def text_table(metrics: Mapping[str, Any]) -> Table:
    """From what `read_perplexities` gives: the book's figure, and each span with fixed weights."""
    columns = [span for span in SPANS if any(row.get(span) is not None for row in metrics.values())]
    scores = {name: {c: (row.get(c), row.get(f"{c}_std")) for c in columns} for name, row in metrics.items()}
    ngrams = [name for name in metrics if name.startswith("ngram_")]
    notes = {name: _ngram_note(name) for name in ngrams} | {"floor": "the entropy rate of the source"}
    if "mixture" in metrics:
        notes["mixture"] = f"{metrics['mixture'].get('neural', 'a network')} and the longest n-gram, mixed"
    unseen = [c for c in columns if c in ("val", "test")]
    return Table([SPANS[c] for c in columns], _rows(scores, columns, ngrams, unseen, ngrams, notes, 2))


def _ngram_note(name: str) -> str:
    order = name.removeprefix("ngram_")
    return {"1": "frequencies alone", "2": "the first-order Markov model"}.get(
        order, f"counts of {order} tokens in a row"
    )


def _rows(
    scores: Mapping[str, Scores],
    columns: Sequence[str],
    baselines: Sequence[str],
    compared: Sequence[str],
    with_whom: Sequence[str],
    notes: Mapping[str, str],
    digits: int,
) -> list[Row]:
    """A row for each of `scores`: the floor, then from the best to the worst in the last column.

    In the columns `compared`, a model worse than the best of `with_whom` is marked.
    """
    trained = [name for name in scores if name not in {"floor", *baselines}]
    best = {c: _lowest(scores, trained, c) for c in columns}
    bar = {c: _lowest(scores, with_whom, c) for c in compared}

    def order(name: str) -> tuple[bool, bool, float]:
        value = scores[name][columns[-1]][0]
        return name != "floor", value is None, value or 0.0

    def cell(name: str, c: str) -> Cell:
        value, spread = scores[name][c]
        if value is None:
            return Cell()
        is_trained = name in trained
        after = f"{spread:.{digits}f}" if spread else ""
        return Cell(
            f"{value:.{digits}f}", after, is_trained and value == best[c], is_trained and value > bar.get(c, value)
        )

    kinds = {"floor": "floor"} | dict.fromkeys(baselines, "baseline")
    return [
        Row(name, kinds.get(name, "model"), notes.get(name, ""), [cell(name, c) for c in columns])
        for name in sorted(scores, key=order)
    ]


def _lowest(scores: Mapping[str, Scores], names: Sequence[str], column: str) -> float:
    return min((value for name in names if (value := scores[name][column][0]) is not None), default=float("inf"))
