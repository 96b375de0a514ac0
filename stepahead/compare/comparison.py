"""What differs between runs: params, metrics and whether a change is more than chance, and the param swept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from stepahead.compare.runs import Run
from stepahead.compare.verdicts import believed, losses_p, seeds_p
from stepahead.core.errors import printable
from stepahead.core.params import leaves
from stepahead.report.run_summary import as_text

SPANS = ("train", "val", "test")
# scores can be compared only where these are the same; what was scored on is in the files of losses too
SCORED_ON = {
    "kstep": ("series.", "kstep.horizons"),
    "perplexity": ("corpus.", "markov.", "tokens.", "vocab.", "evaluate."),
}
PARTS = {"kstep": "k-step errors", "perplexity": "perplexities"}
NAMED = 2  # params that stand beside a run's name; more would not fit
FEWEST = 3  # runs that make a sweep; two are a before and an after


@dataclass(frozen=True)
class Score:
    """A metric of a run; `spread` is its standard deviation over weight seeds, None where it has no error bar."""

    value: float
    spread: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The p value of a change, and whether it counts as more than chance among all changes that were tested."""

    p: float
    real: bool = False


@dataclass(frozen=True)
class Metric:
    """A model's score in every run, the first of which the others are compared with, and the verdict on each change."""

    model: str
    column: str
    scores: Sequence[Score | None]
    verdicts: Sequence[Verdict | None]

    @property
    def differs(self) -> bool:
        """Whether two of the runs that have it do."""
        return len({score.value for score in self.scores if score}) > 1

    def change(self, i: int) -> float | None:
        """The i-th run's change as a share of the first's value."""
        old, new = self.scores[0], self.scores[i]
        return (new.value - old.value) / abs(old.value) if old and new and old.value else None


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
    def labels(self) -> list[str]:
        """The names, with the values of the params that differ where there are few and the name does not tell them."""
        few = self.params if len(self.params) <= NAMED else {}
        found = []
        for i, name in enumerate(self.names):
            untold = [f"{key} = {values[i]}" for key, values in few.items() if values[i] not in name]
            found.append(f"{name} ({', '.join(untold)})" if untold else name)
        return found

    @property
    def kstep(self) -> list[Metric]:
        """Mean squared errors of all models at all reported horizons."""
        return self._judged[0]

    @property
    def perplexity(self) -> list[Metric]:
        return self._judged[1]

    @cached_property
    def _judged(self) -> tuple[list[Metric], list[Metric]]:
        """The metrics of both parts, with verdicts that share one correction for their number."""
        kstep = _metrics(self.runs, "kstep", _kstep_scores, lambda column: int(column.removeprefix("k = ")))
        perplexity = _metrics(self.runs, "perplexity", _perplexity_scores, SPANS.index)
        limit = believed([each.p for metric in (*kstep, *perplexity) for each in metric.verdicts if each])
        return _believing(kstep, limit), _believing(perplexity, limit)

    @cached_property
    def sweep(self) -> Sweep | None:
        """Of the params that differ, the one that takes the most values while all others stay as they are."""
        return max(_sweeps(self.runs), key=lambda sweep: len(sweep.runs), default=None)


def compare(runs: Sequence[Run], notes: Iterable[str], sort: bool) -> Comparison:
    """With `sort`, the runs after the first are put in the order of the params that differ."""
    keys = differing(runs)
    others = sorted(runs[1:], key=lambda run: [_rank(params(run).get(key)) for key in keys]) if sort else runs[1:]
    return Comparison([runs[0], *others], [*notes, *_cautions(runs)])


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


def _cautions(runs: Sequence[Run]) -> list[str]:
    """The parts whose scores are of other data than the first run's, and which params say so."""
    keys, found = differing(runs), []
    for part, scores in PARTS.items():
        on = [key for key in keys if key.startswith(SCORED_ON[part])]
        both = [run for run in runs if part in run.losses]
        if on or any(not _same_data(both[0], run, part) for run in both):
            why = f" ({', '.join(on)} differ)" if on else ""
            found.append(f"{scores}: not all scored on the same data{why}, and where not, not comparable")
    return found


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
"""(model, column) -> score"""


def _kstep_scores(run: Run) -> Scores:
    places = zip(run.errors.get("model", []), run.errors.get("k", []), strict=True)
    spreads = dict(zip(places, run.errors.get("mse_std", []), strict=True))
    return {
        (model, f"k = {k[1:]}"): Score(mse, spreads.get((model, int(k[1:]))) or None)
        for model, row in run.kstep.items()
        if model != "floor"
        for k, mse in row.items()
        if k[1:].isdecimal()
    }


def _perplexity_scores(run: Run) -> Scores:
    rows = {model: row for model, row in run.perplexity.items() if model != "floor"}
    return {(model, span): Score(row[span]) for model, row in rows.items() for span in SPANS if span in row}


def _metrics(
    runs: Sequence[Run], part: str, scores_of: Callable[[Run], Scores], order: Callable[[str], int]
) -> list[Metric]:
    tables = [scores_of(run) for run in runs]
    places = dict.fromkeys(place for table in tables for place in table)
    found = []
    for model, column in sorted(places, key=lambda place: (place[0], order(place[1]))):
        first, *others = scores = [table.get((model, column)) for table in tables]
        p_values = [
            _p_value(runs[0], run, part, (model, column)) if first and score and score.value != first.value else None
            for run, score in zip(runs[1:], others, strict=True)
        ]
        verdicts = [None, *(None if p is None else Verdict(p) for p in p_values)]
        found.append(Metric(printable(model), printable(column), scores, verdicts))
    return found


def _p_value(old: Run, new: Run, part: str, place: tuple[str, str]) -> float | None:
    """Over weight seeds where both runs have several, else over what they were scored on; None on other data."""
    if not _same_data(old, new, part):
        return None
    p = seeds_p(old.seeds.get(place, []), new.seeds.get(place, []))
    if p is not None or place not in old.losses[part].rows or place not in new.losses[part].rows:
        return p
    return losses_p(old.losses[part].rows[place], new.losses[part].rows[place], old.losses[part].overlap[place[1]])


def _same_data(old: Run, new: Run, part: str) -> bool:
    """Whether both are known to be scored on the same numbers."""
    return {part} <= old.losses.keys() & new.losses.keys() and old.losses[part].data == new.losses[part].data


def _believing(metrics: Sequence[Metric], limit: float) -> list[Metric]:
    return [
        replace(metric, verdicts=[each and Verdict(each.p, each.p <= limit) for each in metric.verdicts])
        for metric in metrics
    ]
