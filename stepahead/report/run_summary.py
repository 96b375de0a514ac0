"""What was run, for the page: the data, the settings and where they differ from the defaults, the versions."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepahead.core.artifacts import Array
from stepahead.core.errors import printable
from stepahead.core.override import override
from stepahead.core.params import leaves
from stepahead.report.columns import Columns
from stepahead.series.data.dataset import Series

PACKAGES = ("dvc", "numpy", "torch", "vl-convert-python")


@dataclass(frozen=True)
class Setting:
    """A param with its value and its default, as YAML would write them; default is None where there is none.

    `override`: the option of `dvc exp run` that sets it.
    """

    key: str
    value: str
    default: str | None
    override: str = ""

    @property
    def changed(self) -> bool:
        return self.default is not None and self.value != self.default


def settings(params: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[Setting]:
    """Every leaf of `params`, with the value that `defaults` has for it."""
    known = {key: as_text(value) for key, value in leaves(defaults)}
    return [Setting(key, as_text(value), known.get(key), override(key, value)) for key, value in leaves(params)]


def command(changed: Iterable[Setting]) -> str:
    """The shell command that makes this run from the defaults."""
    options = [s.override for s in changed if s.changed]
    return " ".join(["dvc exp run", *options]) if options else "dvc repro"


def series_fact(series: Series) -> str:
    """The series in a sentence."""
    steps = f"{len(series.values):,} steps, the first {series.n_train:,} to learn from"
    noise = f", noise of standard deviation {series.noise_std:g}" if series.noise_std else ""
    dates = f", {series.dates[0]} to {series.dates[-1]}" if series.dates else ""
    filled = f", {series.filled:,} missing values filled in" if series.filled else ""
    return f"{series.name}: {steps}{noise}{dates}{filled}{f', in {series.unit}' if series.unit else ''}"


def corpus_fact(about: Mapping[str, Any], summary: Mapping[str, Any], tokens: Mapping[str, Any]) -> str:
    """The corpus in a sentence, from data/corpus/about.json, data/vocab/summary.json and the params."""
    spans = ", ".join(f"{n:,} characters to {use}" for use, n in _uses(summary["characters"]) if n)
    return f"{about['name']}: {spans}; {summary['size']:,} different {tokens['kind']} tokens"


def checks(stationarity: Columns, residuals: Columns) -> list[str]:
    """What the tests of the series and of each model's residuals say, from tables with columns test and verdict."""
    of_series = zip(stationarity["test"], stationarity["verdict"], strict=True)
    of_models = zip(residuals["model"], residuals["test"], residuals["verdict"], strict=True)
    return [f"{test}: {verdict}" for test, verdict in of_series] + [
        f"{model}, {test}: {verdict}" for model, test, verdict in of_models
    ]


def _uses(characters: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for use, span in (("learn from", "train"), ("validate", "val"), ("test", "test")):
        yield use, characters.get(span, 0)


def pinned_versions(constraints: str) -> dict[str, str]:
    """The versions that constraints.txt pins for the packages a result can depend on."""
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", constraints, flags=re.MULTILINE))
    return {package: pins[package] for package in PACKAGES if package in pins}


def as_text(value: Any) -> str:
    """A param's value as YAML would write it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def value_label(series: Series) -> str:
    """What the y axis shows."""
    name = "x" if series.name == "sine" else series.column or series.name
    return printable(f"{name} ({series.unit})" if series.unit else name)


def date_labels(series: Series, steps: tuple[int, int]) -> list[str] | None:
    """The months, days or minutes that stand for the time steps of an axis, from the first to the last of `steps`."""
    if series.dates is None:
        return None
    end = 7 if all(date[7:] == "-01" for date in series.dates) else 16
    return [date[:end] for date in series.dates[steps[0] - 1 : steps[1]]]


def value_limits(observed: Array) -> tuple[float, float]:
    """Room for what was observed (T,), so that one runaway forecast does not flatten everything else."""
    low, high = float(observed.min()), float(observed.max())
    return low - (high - low) / 4, high + (high - low) / 4
