"""Forecast how the series in a CSV file goes on, with a trained forecaster."""

import argparse
import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stepahead.commands.arguments import checked, model_path
from stepahead.core import artifacts, params
from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError, printable
from stepahead.core.override import override
from stepahead.series.data.forecaster import as_ensemble
from stepahead.series.data.model_file import FittedOn, TrainedForecaster, read_model
from stepahead.series.data.refits import Fits
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.conformal import split_half_widths
from stepahead.series.scoring.intervals import LEVELS
from stepahead.series.scoring.kstep import CHUNK
from stepahead.sources.csv_column import COLUMN, Reading, read_column

SUMMARY = "Forecast how the series in a CSV file goes on."
CLASSES = (LinearAR, MLP, DirectMLP, Recurrent, LatentAR)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a CSV file with a header, oldest row first")
    parser.add_argument("--model", required=True, help="the forecaster: lvar, ols, mlp, … as in models/series/")
    parser.add_argument("--steps", type=checked(params.integer(1)), default=64, help="steps ahead (default: 64)")
    parser.add_argument("--column", help="of the values (default: the one that was fitted on, or the only one)")
    parser.add_argument("--out", type=Path, help="the CSV file to write (default: to the terminal)")


def run(arguments: argparse.Namespace) -> None:
    """Write columns step, forecast (mean over the weight seeds), and low and high of each interval, empty where its
    level does not reach so far.

    The model is used as it was fitted, on the scale of the series it was fitted on. If the file does not begin with
    that series, a warning says so, and there are no intervals: nothing is known of the model's errors there.

    Raises:
        StepaheadError: there is no such model, it predicts fewer steps, or the file holds no series it can go on from.
    """
    fits, seen = read_model(model_path(Path("models/series"), arguments.model, "--model"), CLASSES)
    column = {} if arguments.column is None else {"column": arguments.column}
    reading = Reading(**{**seen.reading, **column})
    values = read_values(arguments.file, reading)
    chosen = {"series.name": arguments.file.name, "series.column": reading.column}
    options = " ".join(override(key, value) for key, value in chosen.items() if value is not None)
    other = f"{arguments.model} was fitted on {seen.name}, not on {arguments.file}"
    way_out = f"to fit it there, put the file in data/local/ and run: dvc exp run {options}"
    forecast = continued(fits, seen, values, arguments.steps)
    if not np.isfinite(forecast).all():
        raise StepaheadError(f"the forecast is not a finite number: {other}; {way_out}")
    columns: dict[str, Any] = {"step": range(1, arguments.steps + 1), "forecast": forecast}
    if seen.begins(values):
        for level, half in interval_halves(fits, seen, values, arguments.steps).items():
            bounds = {f"low_{level}": forecast - half, f"high_{level}": forecast + half}
            columns |= {name: [None if np.isnan(b) else b for b in bound.tolist()] for name, bound in bounds.items()}
    else:
        warn(f"{other}, so the forecast may be far off, and it has no intervals; {way_out}")
    if arguments.out:
        artifacts.write_table(arguments.out, columns)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True))


def warn(message: str) -> None:
    say(f"warning: {message}")


def say(message: str) -> None:
    print(printable(message), file=sys.stderr, flush=True)


def read_values(file: Path, reading: Reading) -> Array:
    """The values in the file, oldest first (T,)."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StepaheadError(f"{file} cannot be read ({error.strerror}); name a CSV file") from None
    try:
        return read_column(content, str(file), reading).values
    except StepaheadError as error:
        raise StepaheadError(str(error).replace(COLUMN, "--column")) from None


def continued(fits: Mapping[int, TrainedForecaster], seen: FittedOn, values: Array, steps: int) -> Array:
    """The forecast of the `steps` values after the last of `values` (T,), mean over the weight seeds, (steps,)."""
    model, latest = Fits(fits, seen.scale), fits[max(fits)]
    if len(values) < model.reach:
        raise StepaheadError(
            f"the file has {len(values)} values, but the model looks at {model.reach}; give it more rows"
        )
    if isinstance(latest, DirectMLP) and steps > max(latest.horizons):
        raise StepaheadError(
            f"--steps = {steps}, but the model predicts {max(latest.horizons)} steps at most (kstep.horizons at its "
            "training); ask for fewer, or take a model that is not direct"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # the caller says so
        last = Fits({0: latest}, seen.scale)
        mean: Array = as_ensemble(last.forecast(values, np.array([len(values)]), steps), 1, steps).mean(0)[0]
    return mean


def interval_halves(
    fits: Mapping[int, TrainedForecaster], seen: FittedOn, values: Array, steps: int
) -> dict[str, Array]:
    """Half the width of the split-conformal intervals (steps,), mean over the weight seeds, by level in percent; NaN
    further ahead than a level reaches.

    They come from the model's errors on the values that follow the training part, each k from all the origins whose
    k-th value is known. A warning says how many steps ahead a level reaches, where that is not far enough.
    """
    origins = np.arange(max(seen.n_train, len(values) - CHUNK), len(values))
    halves = np.full((len(LEVELS), steps), np.nan)
    if len(origins):
        targets = np.append(values, np.full(steps, np.nan))
        model = Fits(fits, seen.scale)
        forecasts = as_ensemble(model.forecast(values, origins, steps), len(origins), steps)  # (S, N, steps)
        residuals = np.abs(forecasts - np.lib.stride_tricks.sliding_window_view(targets, steps)[origins])
        halves = split_half_widths(residuals.swapaxes(0, 1), LEVELS).mean(axis=1)
    found = {}
    for level, half in zip(LEVELS, halves, strict=True):
        reach = int(np.sum(~np.isnan(half)))
        if reach < steps:
            far = f"reach {reach} steps ahead at most" if reach else "cannot be had"
            warn(f"{level:.0%} intervals {far}, as only {len(origins)} values follow the {seen.n_train} of training")
        if reach:
            found[f"{100 * level:.0f}"] = half
    if found:
        say(f"intervals from the errors on values {origins[0] + 1} to {len(values)}, which follow those of training")
    return found
