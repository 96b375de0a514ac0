"""The tables of the page, one a part: every score beside its floor, its baselines and its spread."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core.artifacts import read_table
from stepahead.report.numbers import short
from stepahead.report.text_table import aligned

SERIES_NOTES = {
    "floor": "the variance of the noise: nobody does better on average",
    "oracle": "knows the signal: the floor on exactly these steps",
    "persistence": "repeats the last value",
    "seasonal_naive": "repeats the last season",
    "drift": "draws the line from the first value to the last one on",
    "mean": "predicts the mean of the training part",
    "ols": "linear in the last tau values, by least squares",
    "ols_coarse": "linear in tau means of the last 2^(tau−1) values",
    "yule_walker": "linear in the last tau values, from autocovariances",
    "mlp": "perceptron on the last tau values",
    "mlp_direct": "perceptron with an output for each k",
    "mlp_pcgrad": "mlp_direct with gradient surgery",
    "rnn": "recurrent network over the last tau values",
    "gru": "recurrent network with gates",
    "lstm": "recurrent network with gates and memory cells",
    "lvar": "linear, with hidden states instead of lags",
}
TEXT_NOTES = {
    "floor": "the entropy rate of the source",
    "ngram_1": "frequencies alone",
    "ngram_2": "the first-order Markov model",
    "scratch": "recurrent network from plain tensors",
    "rnn": "recurrent network",
    "gru": "recurrent network with gates",
    "gru_reset": "gru with its reset gate alone",
    "gru_update": "gru with its update gate alone",
    "lstm": "recurrent network with gates and memory cells",
    "ensemble": "the probabilities of all networks and weight seeds averaged",
}
LONG = 24  # characters of an n-gram that are shown: where a script has no spaces, a word is a sentence
BEST = 4  # models that a terminal shows
NAIVE = {  # the rows that learn nothing, and what each does, in a sentence; a model's skill is against the best of them
    "persistence": "repeating the last value",
    "mean": "predicting the mean",
    "drift": "drawing the line from the first value on",
    "seasonal_naive": "repeating the last season",
}
BASELINES = (*NAIVE, "oracle")
SPANS = {"book": "running", "train": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class Cell:
    """A number as text, what stands after its ±, and whether it is the best, or beaten by the baseline; a share that
    goes with it, such as a change, whether that is better or worse, and whether it is beyond the error bars."""

    text: str = "–"
    spread: str = ""
    best: bool = False
    worse: bool = False
    change: str = ""
    verdict: str = ""
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


def best_naive(errors: Mapping[str, Mapping[int, tuple[float, float]]], k: int) -> tuple[str, float]:
    """What the best of the rows that learn nothing does, and its mean squared error at k, from `read_errors`."""
    mse, name = min((errors[name][k][0], name) for name in NAIVE if name in errors)
    return NAIVE[name], mse


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


def kept_epochs(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The epoch whose weights each network kept, from what `read_perplexities` gives."""
    return {model: int(row["epoch"]) for model, row in rows.items() if row.get("epoch")}


def levels(rows: Mapping[str, Mapping[str, Any]], vocab_size: int) -> dict[str, float]:
    """What a network's validation perplexity is compared with, by name: the best n-gram's, and that of guessing."""
    ngrams = {row["val"]: name for name, row in rows.items() if name.startswith("ngram_") and row.get("val")}
    best = {f"{ngrams[min(ngrams)]}, validation": min(ngrams)} if ngrams else {}
    return best | {"uniform guessing": float(vocab_size)}


Scores = Mapping[str, tuple[float | None, float | None]]
"""By column: a score, and its spread where there is one."""


def series_table(errors: Mapping[str, Mapping[int, tuple[float, float]]], floor: float | None) -> Table:
    """Mean squared error at each reported horizon, from what `read_errors` gives."""
    columns = [f"k{k}" for k in next(iter(errors.values()))]
    scores: dict[str, Scores] = {name: {f"k{k}": score for k, score in row.items()} for name, row in errors.items()}
    if floor is not None:
        scores["floor"] = dict.fromkeys(columns, (floor, None))
    baselines = [name for name in BASELINES if name in errors]
    rows = _rows(scores, columns, baselines, columns, [name for name in NAIVE if name in errors], SERIES_NOTES)
    return Table([f"k = {k[1:]}" for k in columns], rows)


def in_terminal(title: str, table: Table) -> list[str]:
    """The table in lines of text: the floor, the best models, and the best of the other rows, the baselines."""
    models = [row for row in table.rows if row.kind == "model"][:BEST]
    baselines = [row for row in table.rows if row.kind == "baseline" and row.name != "oracle"][:1]
    shown = [row for row in table.rows if row in models or row in baselines or row.kind == "floor"]
    return aligned([[title, *table.header], *([row.name, *(cell.text for cell in row.cells)] for row in shown)])


def skill(errors: Mapping[str, Mapping[int, tuple[float, float]]], model: str, k: int) -> float:
    """The share of the best naive row's mean squared error, k steps ahead, that a model saves."""
    _, best = best_naive(errors, k)
    return 1 - errors[model][k][0] / best if best else 0.0


def unit_table(errors: Mapping[str, Mapping[int, tuple[float, float]]]) -> Table:
    """Root mean squared error, which has the unit of the series, and in percent the skill of each trained model."""
    horizons = list(next(iter(errors.values())))
    roots = {name: {k: math.sqrt(mse) for k, (mse, _) in row.items()} for name, row in errors.items()}
    decimals = _decimals([root for row in roots.values() for root in row.values() if root])
    models = [name for name in errors if name not in BASELINES]
    best = {k: min((roots[name][k] for name in models), default=0.0) for k in horizons}

    def cell(name: str, k: int) -> Cell:
        text, saved = f"{roots[name][k]:,.{decimals}f}", skill(errors, name, k)
        if name not in models:
            return Cell(text, change="\N{NO-BREAK SPACE}")
        return Cell(text, best=roots[name][k] == best[k], change=f"{100 * saved:+.0f}%".replace("-", "−"))

    rows = [
        Row(name, "model" if name in models else "baseline", "", [cell(name, k) for k in horizons])
        for name in sorted(errors, key=lambda name: roots[name][horizons[-1]])
    ]
    return Table([f"k = {k}" for k in horizons], rows)


def text_table(rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """From what `read_perplexities` gives: the running perplexity of the last epoch, as the book gives it, the epoch of
    the weights kept, and each span with these."""
    columns = [span for span in SPANS if any(row.get(span) is not None for row in rows.values())]
    scores = {name: {c: (row.get(c), row.get(f"{c}_std")) for c in columns} for name, row in rows.items()}
    ngrams = [name for name in rows if name.startswith("ngram_")]
    notes = {name: f"counts of {name.removeprefix('ngram_')} tokens in a row" for name in ngrams} | TEXT_NOTES
    for name in rows:
        if (learner := name.removeprefix("adaptive_")) != name:
            notes[name] = f"{learner}, which learns from each token it has scored"
    for name, counted in (("mixture", "the longest n-gram"), ("adaptive_mixture", "the adaptive n-gram")):
        if name in rows:
            notes[name] = f"{rows[name].get('neural') or 'a network'} and {counted}, mixed"
    unseen = [c for c in columns if c in ("val", "test")]
    table = Table([SPANS[c] for c in columns], _rows(scores, columns, ngrams, unseen, ngrams, notes))
    kept = kept_epochs(rows)
    if kept:
        place = columns.index("book") + 1 if "book" in columns else 0
        table.header.insert(place, "epoch kept")
        for row in table.rows:
            row.cells.insert(place, Cell(str(kept[row.name])) if row.name in kept else Cell())
    return table


def gram_names(ngrams: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], str]:
    """What to call the n-grams of each kind and n, in what reports/frequencies/ngrams.json holds."""
    names = {"word": "words", "char": "characters"}
    return {(e["kind"], e["n"]): f"{names[e['kind']]}, n = {e['n']}" for e in ngrams}


def frequency_table(ngrams: Sequence[Mapping[str, Any]]) -> Table:
    """How many different n-grams the text has, of how many that its words or characters could form, and how steeply
    their frequencies fall."""
    names = gram_names(ngrams)
    rows = []
    for each in ngrams:
        exponent = "–" if each["exponent"] is None else f"{round(each['exponent'], 2) + 0.0:.2f}"
        possible, share = each["possible"], each["distinct"] / each["possible"]
        cells = [f"{each['distinct']:,}", short(possible), short(share)]
        first = ", ".join(visible(gram if len(gram) <= LONG else f"{gram[:LONG]}…") for gram in each["most_frequent"])
        if each["kind"] == "word" and each["stopwords"]:
            first += f" ({len(each['stopwords'])} of them are English stopwords)"
        rows.append(Row(names[each["kind"], each["n"]], "model", first, [Cell(c) for c in [*cells, exponent]]))
    return Table(["different", "possible", "share", "exponent"], rows, first="n-grams, the most frequent first")


def harmless(text: str) -> str:
    """`text` without what would act on the page's layout: control characters and changes of direction."""
    return "".join(c if c.isprintable() or c in "\n\t\xa0" else "\N{REPLACEMENT CHARACTER}" for c in text)


def visible(text: str) -> str:
    """As `harmless`, with a sign for each space and line's end."""
    return harmless(text).replace(" ", "␣").replace("\n", "↵\n")


def _rows(
    scores: Mapping[str, Scores],
    columns: Sequence[str],
    baselines: Sequence[str],
    compared: Sequence[str],
    with_whom: Sequence[str],
    notes: Mapping[str, str],
) -> list[Row]:
    """A row for each of `scores`: the floor, then from the best to the worst in the last column.

    In the columns `compared`, a model worse than the best of `with_whom` is marked.
    """
    trained = [name for name in scores if name not in {"floor", *baselines}]
    best = {c: _lowest(scores, trained, c) for c in columns}
    bar = {c: _lowest(scores, with_whom, c) for c in compared}
    decimals = _decimals([value for row in scores.values() for value, _ in row.values() if value])

    def order(name: str) -> tuple[bool, bool, float]:
        value = scores[name][columns[-1]][0]
        return name != "floor", value is None, value or 0.0

    def cell(name: str, c: str) -> Cell:
        value, spread = scores[name][c]
        if value is None:
            return Cell()
        is_trained = name in trained
        after = f"{spread:,.{decimals}f}" if spread else ""
        worse = is_trained and value > bar.get(c, value)
        return Cell(f"{value:,.{decimals}f}", after, is_trained and value == best[c], worse)

    kinds = {"floor": "floor"} | dict.fromkeys(baselines, "baseline")
    return [
        Row(name, kinds.get(name, "model"), notes.get(name, ""), [cell(name, c) for c in columns])
        for name in sorted(scores, key=order)
    ]


def _decimals(values: Sequence[float]) -> int:
    """As many as leave the smallest of positive `values` three digits, but none more than seven."""
    if not values:
        return 0
    first, last = (math.floor(math.log10(value)) for value in (min(values), max(values)))
    return max(min(2 - first, 6 - max(last, 0)), 0)


def _lowest(scores: Mapping[str, Scores], names: Sequence[str], column: str) -> float:
    return min((value for name in names if (value := scores[name][column][0]) is not None), default=float("inf"))
