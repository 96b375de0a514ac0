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
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series, read_series
from stepahead.series.data.forecaster import as_ensemble
from stepahead.series.data.refits import Fits, TrainedForecaster, load_fits
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.conformal import half_widths
from stepahead.series.scoring.intervals import calibration_origins, possible_levels
from stepahead.series.scoring.kstep import forecast_errors
from stepahead.sources.csv_column import COLUMN, read_column

SUMMARY = "Forecast how the series in a CSV file goes on."
CLASSES = (LinearAR, MLP, DirectMLP, Recurrent, LatentAR)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a CSV file with a header, oldest row first")
    parser.add_argument("--model", required=True, help="the forecaster: lvar, ols, mlp, … as in models/series/")
    parser.add_argument("--steps", type=checked(params.integer(1)), default=64, help="steps ahead (default: 64)")
    parser.add_argument("--column", help="of the values, where the file has several columns of numbers")
    parser.add_argument("--out", type=Path, help="the CSV file to write (default: to the terminal)")


def run(arguments: argparse.Namespace) -> None:
    """Write columns step, forecast (mean over the weight seeds), and low and high of each interval.

    The model is used as it was fitted, on the scale of the series it was fitted on.

    Raises:
        StepaheadError: there is no such model, or the file holds no series it can go on from.
    """
    fits = load_fits(model_path(Path("models/series"), arguments.model, "--model"), CLASSES)
    fitted_on = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    values = read_values(arguments.file, arguments.column)
    forecast = continued(fits[max(fits)], values, fitted_on, arguments.steps)
    columns: dict[str, Any] = {"step": range(1, arguments.steps + 1), "forecast": forecast}
    for level, half in interval_halves(fits, fitted_on, arguments.steps).items():
        columns |= {f"low_{level}": forecast - half, f"high_{level}": forecast + half}
    if arguments.out:
        artifacts.write_table(arguments.out, columns)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True))


def read_values(file: Path, column: str | None) -> Array:
    """The values in the file, oldest first (T,)."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StepaheadError(f"{file} cannot be read ({error.strerror}); name a CSV file") from None
    try:
        return read_column(content, str(file), column).values
    except StepaheadError as error:
        raise StepaheadError(str(error).replace(COLUMN, "--column")) from None


def continued(model: TrainedForecaster, values: Array, fitted_on: Series, steps: int) -> Array:
    """The forecast of the `steps` values after the last, (steps,)."""
    tau = getattr(model, "tau", 1)
    if len(values) < tau:
        raise StepaheadError(f"the file has {len(values)} values, but the model looks at {tau}; give it more rows")
    scaled = (values - fitted_on.mean) / fitted_on.std
    forecast = as_ensemble(model.forecast(scaled, np.array([len(values)]), steps), 1, steps)  # (S, 1, steps)
    unscaled: Array = forecast.mean(0)[0] * fitted_on.std + fitted_on.mean
    return unscaled


def interval_halves(fits: Mapping[int, TrainedForecaster], fitted_on: Series, steps: int) -> dict[str, Array]:
    """Half the width of the split-conformal intervals (steps,), mean over the weight seeds, by level in percent.

    They come from the model's errors in the calibration part of the series it was fitted on; a level for which that has
    too few origins is left out.
    """
    origins = calibration_origins(fitted_on, steps)
    levels = possible_levels(len(origins))
    if not levels:
        return {}
    errors = np.concatenate(list(forecast_errors(Fits(fits), fitted_on, origins, steps)), axis=1)  # (S, n, steps)
    halves = np.mean([half_widths(np.abs(seed), levels) for seed in errors], axis=0)  # (levels, steps)
    return {f"{100 * level:.0f}": half for level, half in zip(levels, halves, strict=True)}
