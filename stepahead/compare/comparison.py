"""What differs between runs: params, metrics and whether a change is more than its error bar, and the param swept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stepahead.compare.runs import Run
from stepahead.core.errors import printable
from stepahead.core.params import leaves
from stepahead.report.run_summary import as_text

SPANS = ("book", "train", "val", "test")
# scores can be compared only where these are the same
SCORED_ON = {
    "k-step errors": ("seed", "series.", "kstep.horizons"),
    "perplexities": ("corpus.", "markov.", "tokens.", "vocab.", "evaluate."),
}
FEWEST = 3  # runs that make a sweep; two are a before and an after


@dataclass(frozen=True)
class Score:
    """A metric of a run; `spread` is its standard deviation over weight seeds, None where it has no error bar."""

    value: float
    spread: float | None = None


@dataclass(frozen=True)
class Metric:
    """A model's score in every run, the first of which the others are compared with."""

    model: str
    column: str
    scores: Sequence[Score | None]

    @property
    def differs(self) -> bool:
        """Whether two of the runs that have it do."""
        return len({score.value for score in self.scores if score}) > 1

    def change(self, i: int) -> float | None:
        """The i-th run's change as a share of the first's value."""
        old, new = self.scores[0], self.scores[i]
        return (new.value - old.value) / abs(old.value) if old and new and old.value else None

    def beyond(self, i: int) -> bool | None:
        """Whether the error bars of the i-th run and the first do not touch; None where one has none."""
        old, new = self.scores[0], self.scores[i]
        if old is None or new is None or old.spread is None or new.spread is None:
            return None
        return abs(new.value - old.value) > old.spread + new.spread


@dataclass(frozen=True)
class Sweep:
    """The param that varies, and the runs that differ in nothing else, by its value."""

    key: str
    runs: Sequence[Run]

    @cached_property
    def values(self) -> list[Any]:
        return [params(run)[self.key] for run in self.runs]

    @cached_property
    def numeric(self) -> bool:
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)


@dataclass(frozen=True)
class Comparison:
    """Runs beside each other; the first is what the others are compared with."""

    runs: Sequence[Run]
    notes: Sequence[str]

    @property
    def names(self) -> list[str]:
        return [printable(run.name) for run in self.runs]

    @cached_property
    def params(self) -> dict[str, list[str]]:
        """The params that differ, with their values as text."""
        return {key: [_shown(params(run), key) for run in self.runs] for key in differing(self.runs)}

    @cached_property
    def kstep(self) -> list[Metric]:
        """Mean squared errors of all models at all reported horizons."""
        tables = [_kstep_scores(run.kstep) for run in self.runs]
        return _metrics(tables, lambda column: int(column.removeprefix("k = ")))

    @cached_property
    def perplexity(self) -> list[Metric]:
        return _metrics([_perplexity_scores(run.perplexity) for run in self.runs], SPANS.index)

    @cached_property
    def sweep(self) -> Sweep | None:
        """Of the params that differ, the one that takes the most values while all others stay as they are."""
        return max(_sweeps(self.runs), key=lambda sweep: len(sweep.runs), default=None)


def compare(runs: Sequence[Run], notes: Iterable[str], sort: bool) -> Comparison:
    """With `sort`, the runs after the first are put in the order of the params that differ."""
    keys = differing(runs)
    others = sorted(runs[1:], key=lambda run: [_rank(params(run).get(key)) for key in keys]) if sort else runs[1:]
    cautions = [f"{scores}: not scored on the same data ({', '.join(on)} differ)" for scores, on in _unlike(keys)]
    return Comparison([runs[0], *others], [*notes, *cautions])


def params(run: Run) -> dict[str, Any]:
    return {printable(key): value for key, value in leaves(run.params)}


def text(value: Any) -> str:
    """A param's value on one line; a control character would end vl-convert, and the process with it."""
    return printable(as_text(value))


def differing(runs: Sequence[Run]) -> list[str]:
    """The keys of the params that are not the same in all runs, in their order in params.yaml."""
    every = [params(run) for run in runs]
    keys = dict.fromkeys(key for each in every for key in each)
    return [key for key in keys if len({_shown(each, key) for each in every}) > 1]


def _shown(values: Mapping[str, Any], key: str) -> str:
    return text(values[key]) if key in values else "–"


def _unlike(keys: Sequence[str]) -> list[tuple[str, list[str]]]:
    found = [(scores, [key for key in keys if key.startswith(on)]) for scores, on in SCORED_ON.items()]
    return [(scores, on) for scores, on in found if on]


def _sweeps(runs: Sequence[Run]) -> list[Sweep]:
    keys, found = differing(runs), []
    for key in keys:
        groups: dict[tuple[str, ...], dict[str, Run]] = {}
        for run in runs:
            values = params(run)
            others = tuple(_shown(values, other) for other in keys if other != key)
            if key in values:
                groups.setdefault(others, {}).setdefault(text(values[key]), run)
        for group in groups.values():
            if len(group) >= FEWEST:
                found.append(Sweep(key, sorted(group.values(), key=lambda run: _rank(params(run)[key]))))
    return found


def _rank(value: Any) -> tuple[bool, float, str]:
    """Numbers in their order, then everything else as text."""
    is_number = isinstance(value, int | float)
    return not is_number, value if is_number else 0, "" if is_number else text(value)


Scores = dict[tuple[str, str], Score]


def _kstep_scores(rows: Mapping[str, Any]) -> Scores:
    return {
        (printable(model), f"k = {printable(k.removeprefix('k'))}"): Score(each["mse"], each.get("mse_std") or None)
        for model, row in rows.items()
        if model != "floor"
        for k, each in row.items()
        if "mse" in each
    }


def _perplexity_scores(rows: Mapping[str, Any]) -> Scores:
    return {
        (printable(model), span): Score(row[span], row.get(f"{span}_std") or None)
        for model, row in rows.items()
        if model != "floor"
        for span in SPANS
        if row.get(span) is not None
    }


def _metrics(tables: Sequence[Scores], order: Any) -> list[Metric]:
    keys = dict.fromkeys(key for table in tables for key in table)
    ordered = sorted(keys, key=lambda key: (key[0], order(key[1])))
    return [Metric(*key, [table.get(key) for table in tables]) for key in ordered]
