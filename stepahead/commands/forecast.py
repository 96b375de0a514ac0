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
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.conformal import fewest_residuals, half_widths
from stepahead.series.scoring.intervals import LEVELS, calibration_origins, possible_levels
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
    """Write columns step, forecast (mean over the weight seeds), and low and high of each interval.

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
    forecast = continued(fits[max(fits)], seen.scaled(values), arguments.steps)
    if not np.isfinite(forecast).all():
        raise StepaheadError(f"the forecast is not a finite number: {other}; {way_out}")
    forecast = forecast * seen.std + seen.mean
    columns: dict[str, Any] = {"step": range(1, arguments.steps + 1), "forecast": forecast}
    if seen.begins(values):
        for level, half in interval_halves(fits, seen, values, arguments.steps).items():
            columns |= {f"low_{level}": forecast - half, f"high_{level}": forecast + half}
    else:
        warn(f"{other}, so the forecast may be far off, and it has no intervals; {way_out}")
    if arguments.out:
        artifacts.write_table(arguments.out, columns)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True))


def warn(message: str) -> None:
    print(printable(f"warning: {message}"), file=sys.stderr, flush=True)


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


def continued(model: TrainedForecaster, scaled: Array, steps: int) -> Array:
    """The forecast of the `steps` values after the last of `scaled` (T,), mean over the weight seeds, (steps,)."""
    tau = getattr(model, "tau", 1)
    if len(scaled) < tau:
        raise StepaheadError(f"the file has {len(scaled)} values, but the model looks at {tau}; give it more rows")
    if isinstance(model, DirectMLP) and steps > max(model.horizons):
        raise StepaheadError(
            f"--steps = {steps}, but the model predicts {max(model.horizons)} steps at most (kstep.horizons at its "
            "training); ask for fewer, or take a model that is not direct"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # the caller says so
        forecast = as_ensemble(model.forecast(scaled, np.array([len(scaled)]), steps), 1, steps)  # (S, 1, steps)
        mean: Array = forecast.mean(0)[0]
    return mean


def interval_halves(
    fits: Mapping[int, TrainedForecaster], seen: FittedOn, values: Array, steps: int
) -> dict[str, Array]:
    """Half the width of the split-conformal intervals (steps,), mean over the weight seeds, by level in percent.

    They come from the errors, in the calibration part of `values`, of the fit that ended before it. Where that part is
    too short for a level, a warning says how many steps ahead it would do for.
    """
    end = min(fits)
    origins = calibration_origins(end, seen.n_train, steps)
    levels = possible_levels(len(origins))
    for level in LEVELS[len(levels) :]:
        longest = seen.n_train - end + 1 - fewest_residuals(level)
        reach = f"reach {longest} steps ahead at most" if longest > 0 else "cannot be had"
        warn(f"{level:.0%} intervals {reach}, as the training part of {seen.name} is short")
    if not levels:
        return {}
    scaled = seen.scaled(values)
    targets = np.lib.stride_tricks.sliding_window_view(scaled, steps)[origins]
    forecasts = as_ensemble(fits[end].forecast(scaled, origins, steps), len(origins), steps)  # (S, n, steps)
    halves = np.mean([half_widths(np.abs(seed - targets), levels) for seed in forecasts], axis=0)  # (levels, steps)
    return {f"{100 * level:.0f}": half * seen.std for level, half in zip(levels, halves, strict=True)}
