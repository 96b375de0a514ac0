"""Forecast a series from a file alone: try models and naive rows, take the mean of the best, draw what comes next."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from stepahead.commands import own_file
from stepahead.commands.arguments import checked
from stepahead.core import artifacts, params
from stepahead.core.errors import StepaheadError, printable
from stepahead.core.override import override
from stepahead.report.numbers import number
from stepahead.series.choice.choose import QUICK, Candidate, Combination, Trial, choose
from stepahead.series.data.dataset import Series
from stepahead.series.data.scale import Scale
from stepahead.series.data.season import season_of
from stepahead.series.scoring.future import Future, future, future_table
from stepahead.sources.csv_column import Column, Reading
from stepahead.sources.spacing import with_article

SUMMARY = "Fit models on a CSV file, choose the best by their errors on its end, and forecast with their mean."
FEWEST = 20  # values from which something can be learnt and tried


def add_arguments(parser: argparse.ArgumentParser) -> None:
    own_file.add_arguments(parser)
    parser.add_argument("--steps", type=checked(params.integer(1)), help="steps ahead (default: a season, or a tenth)")
    parser.add_argument("--season", type=checked(params.integer(1)), help="its steps; 1: none (default: as found)")
    parser.add_argument("--out", type=Path, help="the CSV file to write, with a picture beside (default: here)")


def run(arguments: argparse.Namespace) -> None:
    """Write the forecast and its picture, and say what was chosen and how it did.

    Raises:
        StepaheadError: the file holds no series, or too short a one.
    """
    column, reading = own_file.read_file(arguments, Reading())
    values, name = column.values, arguments.file.name
    if len(values) < FEWEST:
        raise StepaheadError(f"{arguments.file} has {len(values)} values, and it takes {FEWEST}; give it more rows")
    season = season_of(values, column.season, arguments.season, len(values) // 2)  # it is tried on the second half
    steps = arguments.steps or min(season or max(len(values) // 10, 1), 64, len(values) // 8)
    trials = choose(values, steps, season)
    chosen = trials[0]
    fitted = chosen.candidate.fit(values, len(values), season)
    ahead = future(fitted, values, steps, known_from=chosen.start, before=chosen.fits)
    columns = future_table(ahead, values, column.dates)
    out = arguments.out or Path(f"{arguments.file.stem}.forecast.csv")
    picture = out.with_suffix(".png")
    artifacts.write_table(out, columns)
    _draw(picture, name, column, columns, str(chosen.candidate))
    _say([_about(name, column, season), *(f"  {note}" for note in column.notes)])
    _say([*_trials(trials, steps, len(values)), "", *_verdict(trials), _intervals(ahead, column)])
    _say([f"The forecast: {out}", f"The picture:  {picture}"])
    if isinstance(chosen.candidate, Combination):
        best = chosen.candidate.parts[0]
        command = _command(name, reading, season, best)
        _say([f"To train {best} in the pipeline, with the file in data/local/: {command}"])


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(printable(line))


def _about(name: str, column: Column, season: int | None) -> str:
    span = f" from {column.dates[0]} to {column.dates[-1]}" if column.dates else ""
    each = f", {with_article(column.spacing)} each" if column.spacing else ""
    repeats = f"a season of {season}" if season else "no season"
    return f"{name}: {len(column.values):,} values{span}{each}, {repeats}"


def _trials(trials: Sequence[Trial], steps: int, length: int) -> Iterator[str]:
    """The mean, its parts and every naive row, in a table."""
    left_out = f" Models that take long are left out beyond {QUICK:,} values." if length > QUICK else ""
    tried = sum(isinstance(trial.candidate, Candidate) for trial in trials)
    yield f"{tried} ways tried on the second half, from every step {steps} ahead.{left_out}"
    yield "Root mean squared error, and the mean squared error over that of the best naive row:"
    yield ""
    means = [trial.candidate for trial in trials if isinstance(trial.candidate, Combination)]
    parts = [part for mean in means for part in mean.parts]
    shown = [trial for trial in trials if trial.candidate.naive or trial.candidate in (*means, *parts)]
    width = max(len(str(trial.candidate)) for trial in shown)
    yield f"{'':{width}} {'1 ahead':>12} {f'{steps} ahead':>12} {'of naive':>9}"
    for trial in shown:
        first, last = (_short(float(trial.mse[i]) ** 0.5) for i in (0, -1))
        yield f"{trial.candidate!s:{width}} {first:>12} {last:>12} {trial.score:>9.2f}"


def _short(error: float) -> str:
    return number(error) if 1e-3 <= error < 1e7 else f"{error:.3g}"


def _verdict(trials: Sequence[Trial]) -> Iterator[str]:
    chosen = trials[0]
    naive = next(trial.candidate for trial in trials if trial.candidate.naive)
    if chosen.candidate.naive:
        yield f"Chosen: {naive}, which learns nothing. The mean of the best models is not better by a tenth."
    else:
        share = f"{chosen.score:.0%}" if chosen.score >= 0.01 else "less than 1%"
        yield f"Chosen: {chosen.candidate}. Its mean squared error is {share} of that of {naive}, the best naive row."


def _intervals(ahead: Future, column: Column) -> str:
    first = column.dates[ahead.first] if column.dates else f"step {ahead.first + 1}"
    steps = len(ahead.forecast)
    short = [f"{level:.0%} {reach}" for level in ahead.intervals if (reach := ahead.reach(level)) < steps]
    far = f", and reach less far than the forecast ({', '.join(short)} steps)" if short else ""
    return f"The intervals come from the errors on the values from {first} on{far}."


def _command(name: str, reading: Reading, season: int | None, chosen: Candidate) -> str:
    read = {f"series.{f.name}": getattr(reading, f.name) for f in fields(Reading)}
    settings = {"series.name": name} | {k: v for k, v in read.items() if v != getattr(Reading(), k.partition(".")[2])}
    settings |= {"series.season": season} if "seasonal_difference" in chosen.transforms else {}
    settings |= {"series.transform": list(chosen.transforms)} if chosen.transforms else {}
    settings |= {"tau": chosen.tau} if chosen.tau else {}
    return " ".join(["dvc exp run", *(override(key, value) for key, value in settings.items())])


def _draw(path: Path, name: str, column: Column, columns: dict[str, Any], model: str) -> None:
    from stepahead.report import figures, series_charts  # take half a second

    n_train = len(column.values) - 1
    series = Series(name, column.values, None, column.dates, None, Scale(), n_train, column.unit, column=column.name)
    title = f"The next {len(columns['step'])} steps of {printable(name)}, by {model}"
    [(_, png)] = figures.render([(title, series_charts.future_chart(series, columns, model))])
    with artifacts.atomic(path) as temporary:
        temporary.write_bytes(png)
