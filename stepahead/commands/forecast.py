"""Forecast how the series in a CSV file goes on, with a trained forecaster."""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stepahead.commands import own_file
from stepahead.commands.arguments import checked, model_path
from stepahead.core import artifacts, params
from stepahead.core.errors import StepaheadError, printable
from stepahead.core.override import override
from stepahead.series.data.model_file import FittedOn, TrainedForecaster, read_model
from stepahead.series.data.refits import Fits
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.future import Future, future, future_table
from stepahead.sources.csv_column import Column, Reading
from stepahead.sources.spacing import with_article

SUMMARY = "Forecast how the series in a CSV file goes on, with a model of the last dvc repro."
CLASSES = (LinearAR, MLP, DirectMLP, Recurrent, LatentAR)
FAR = 3.0  # standard deviations between two levels that are worth a word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    own_file.add_arguments(parser)
    parser.add_argument("--model", required=True, help="the forecaster: lvar, ols, mlp, … as in models/series/")
    parser.add_argument("--steps", type=checked(params.integer(1, 10**6)), default=64, help="steps ahead (default: 64)")
    parser.add_argument("--out", type=Path, help="the CSV file to write (default: to the terminal)")


def run(arguments: argparse.Namespace) -> None:
    """Write columns step, date where known, forecast (mean over the weight seeds), and low and high of each interval.

    The model is used as it was fitted, on the scale of the series it was fitted on. If the file does not begin with
    that series, a warning says so and what differs, and there are no intervals: nothing is known of the model's errors
    there. Else they come from what it forecast before of the file, without having seen it.

    Raises:
        StepaheadError: there is no such model, or it is another version's, it predicts fewer steps, the file holds no
            series it can go on from, or the fitted one backwards.
    """
    path = model_path(Path("models/series"), arguments.model, "--model")
    fits, seen = read_model(path, CLASSES)
    try:
        as_fitted = Reading(**seen.reading)
    except TypeError:
        raise StepaheadError(f"{path} holds no forecaster of this version; delete it and run dvc repro") from None
    column, reading = own_file.read_file(arguments, as_fitted)
    _check_steps(fits[max(fits)], seen, column, arguments.steps)
    if seen.begins(column.values[::-1]):
        raise StepaheadError(
            f"{arguments.file} has the series that {arguments.model} was fitted on backwards, the newest value first; "
            f"turn it round with --order {'oldest_first' if reading.order == 'newest_first' else 'newest_first'}"
        )
    chosen = {"series.name": arguments.file.name, "series.column": reading.column}
    options = " ".join(override(key, value) for key, value in chosen.items() if value is not None)
    other = f"{arguments.model} was fitted on {seen.name}, not on {arguments.file}"
    way_out = f"to fit it there, put the file in data/local/ and run: dvc exp run {options}"
    known = seen.begins(column.values)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        start = seen.n_train if known else len(column.values)
        model = Fits(fits if known else {0: fits[max(fits)]}, seen.scale)  # elsewhere the last one alone
        ahead = future(model, column.values, arguments.steps, known_from=start)
    if not np.isfinite(ahead.forecast).all():
        raise StepaheadError(f"the forecast is not a finite number: {other}; {way_out}")
    if known:
        _tell_of_intervals(ahead, column, seen.n_train)
    else:
        differs = "".join(f"; {each}" for each in _differences(seen, column, reading))
        _warn(f"{other}{differs}; so the forecast may be far off, and it has no intervals; {way_out}")
    columns = future_table(ahead, column.values, column.dates)
    if arguments.out:
        artifacts.write_table(arguments.out, columns)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(np.asarray(each).tolist() for each in columns.values()), strict=True))


def _warn(message: str) -> None:
    _say(f"warning: {message}")


def _say(message: str) -> None:
    print(printable(message), file=sys.stderr, flush=True)


def _check_steps(model: TrainedForecaster, seen: FittedOn, column: Column, steps: int) -> None:
    needed = getattr(model, "tau", 1) + seen.scale.lost
    if len(column.values) < needed:
        raise StepaheadError(f"the file has {len(column.values)} values, but the model looks at {needed}; give it more")
    if isinstance(model, DirectMLP) and steps > max(model.horizons):
        raise StepaheadError(
            f"--steps = {steps}, but the model predicts {max(model.horizons)} steps at most (kstep.horizons at its "
            "training); ask for fewer, or take a model that is not direct"
        )


def _tell_of_intervals(ahead: Future, column: Column, n_train: int) -> None:
    """On what they stand, and how far ahead they reach where that is not far enough."""
    follow = len(column.values) - n_train
    for level in ahead.intervals:
        reach = ahead.reach(level)
        if reach < len(ahead.forecast):
            far = f"reach {reach} steps ahead at most" if reach else "cannot be had"
            _warn(f"{level:.0%} intervals {far}, as only {follow} values follow the {n_train} of training")
    if any(ahead.reach(level) for level in ahead.intervals):
        first = column.dates[ahead.first] if column.dates else f"step {ahead.first + 1}"
        _say(f"intervals from the errors on the values from {first} on, which follow those of training")


def _differences(seen: FittedOn, column: Column, reading: Reading) -> Iterator[str]:
    """How the file differs from the series that a model was fitted on, as far as the model's file tells."""
    fitted, here = seen.reading.get("column"), reading.column
    if fitted != here:
        yield f"it was column {fitted}, here it is {here or column.name}"
    if seen.spacing != column.spacing and seen.spacing and column.spacing:
        yield f"there a step was {with_article(seen.spacing)}, here it is {with_article(column.spacing)}"
    if seen.ended and column.dates and column.dates[0] > seen.ended:
        yield f"it was fitted up to {seen.ended}, and the file begins after that, at {column.dates[0]}"
    with np.errstate(all="ignore"):
        level = float(seen.scale.seen(column.values).mean())  # of what the model sees, where that of training is 0
    if abs(level) > FAR:
        yield f"its level is {level:+.3g} standard deviations from that of training"
