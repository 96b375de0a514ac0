"""A time series with what scoring must know about it: where training ends, its scale and its noise floor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stepahead.core import artifacts, memory
from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.core.override import override
from stepahead.series.data.scale import Scale, fit_scale, read_scale

SCALARS = (
    "name",
    "noise_std",
    "n_train",
    "column",
    "unit",
    "sha256",
    "spacing",
    "season",
    "filled",
    "notes",
    "reading",
)


@dataclass(frozen=True, eq=False)
class Series:
    """A series whose first `n_train` steps are observed for fitting; the rest is held out.

    Raises:
        StepaheadError: `n_train` leaves nothing to fit or nothing to hold out, or a value is not a finite number.
    """

    name: str
    values: Array  # (T,) float64, in the original unit
    signal: Array | None  # (T,) the values without their noise, where it is known
    dates: list[str] | None
    noise_std: float | None  # its square is the least MSE anybody can reach, at every horizon
    scale: Scale  # how models see the values
    n_train: int
    unit: str = ""  # of the values, where it is known
    sha256: str | None = None  # of the file that a download gave
    spacing: str = ""  # a step, such as day, weekday or month; empty where it is unknown or the steps differ
    season: int | None = None  # steps after which it repeats itself, more or less; None where no season is known
    filled: int = 0  # how many values were missing and filled in
    notes: Sequence[str] = ()  # what was found and done in reading the file, for people
    column: str = ""  # of the file that the values come from
    reading: Mapping[str, Any] = field(default_factory=dict)  # params of the section series that say how to read it

    def __post_init__(self) -> None:
        length = len(self.values)
        if not 1 <= self.n_train < length:
            raise StepaheadError(
                f"series.n_train = {self.n_train}, but series.name = {self.name} has {length} steps: it must be from 1 "
                f"to {length - 1}, so that steps are left to predict; lower series.n_train or take a longer series"
            )
        bad = np.flatnonzero(~np.isfinite(self.values))
        if bad.size:
            raise StepaheadError(
                f"series.name = {self.name}: step {bad[0] + 1} is not a finite number; fill or drop it"
            )

    @cached_property
    def scaled(self) -> Array:
        """The values as models see them, (T - scale.lost,)."""
        return self.scale.seen(self.values)

    @property
    def train(self) -> Array:
        """What models see of the training part."""
        return self.scaled[: max(self.n_train - self.scale.lost, 0)]


def training_steps(n_train: float, length: int) -> int:
    """The steps that series.n_train stands for: their number, or below 1 the share of all `length`."""
    return round(n_train * length) if n_train < 1 else int(n_train)


def check_horizons(series: Series, horizons: Iterable[int]) -> None:
    """Raises:
    StepaheadError: one is longer than the held-out part, so that no forecast could be scored.
    """
    horizons, held_out = sorted(horizons), len(series.values) - series.n_train
    if horizons[-1] > held_out:
        short = [horizon for horizon in horizons if horizon <= held_out] or [1]
        raise StepaheadError(
            f"kstep.horizons = {horizons[-1]} at most, but of the {len(series.values)} steps of series.name = "
            f"{series.name} only {held_out} are held out; use {override('kstep.horizons', short)}, or lower "
            "series.n_train"
        )


def sine(
    length: int, frequency: float, noise_std: float, n_train: int, generator: np.random.Generator, reverse: bool = False
) -> Series:
    """The book's series (d2l 8.1): x_t = sin(frequency · t) + N(0, noise_std²), t = 1 … length, fed to models unscaled.

    Args:
        frequency: radians a step.
        reverse: run time backwards.

    Raises:
        StepaheadError: there is no memory for so many steps; or as `Series` does.
    """
    memory.check(200 * length, f"series.length = {length:,}", "lower it")  # most while it is written as text
    signal = np.sin(frequency * np.arange(1, length + 1))
    values = signal + generator.normal(0.0, noise_std, length)
    if reverse:
        signal, values = signal[::-1].copy(), values[::-1].copy()
    return Series("sine", values, signal, None, noise_std, Scale(), n_train)


def standardised(
    name: str,
    values: Array,
    dates: list[str] | None,
    n_train: int,
    *,
    unit: str = "",
    sha256: str | None = None,
    reverse: bool = False,
) -> Series:
    """A series of unknown noise, scaled by the mean and standard deviation of its training part alone.

    Args:
        reverse: run time backwards; the training part is then the end of `values`.

    Raises:
        StepaheadError: the training part is constant; or as `Series` does.
    """
    if reverse:
        values, dates = values[::-1].copy(), dates and dates[::-1]
    return Series(name, values, None, dates, None, fit_scale(name, values, n_train), n_train, unit, sha256)


def write_series(path_csv: Path, path_json: Path, series: Series) -> None:
    """Columns t (from 1), date and signal where known, value; and the scalars as JSON."""
    columns = {
        "t": np.arange(1, len(series.values) + 1),
        "date": series.dates,
        "value": series.values,
        "signal": series.signal,
    }
    artifacts.write_table(path_csv, {name: column for name, column in columns.items() if column is not None})
    scalars = {name: getattr(series, name) for name in SCALARS} | {"scale": asdict(series.scale)}
    artifacts.write_json(path_json, scalars)


def read_series(path_csv: Path, path_json: Path) -> Series:
    """What `write_series` wrote, bit for bit.

    Raises:
        StepaheadError: a file is missing or damaged.
    """
    columns, scalars = artifacts.read_table(path_csv), artifacts.read_json(path_json)
    try:
        signal = np.array(columns["signal"], dtype=np.float64) if "signal" in columns else None
        values = np.array(columns["value"], dtype=np.float64)
        scalars["scale"] = read_scale(scalars["scale"])
        return Series(values=values, signal=signal, dates=columns.get("date"), **scalars)
    except (KeyError, TypeError, ValueError) as error:
        raise StepaheadError(
            f"{path_csv} and {path_json} do not hold a series ({error}); delete them and run dvc repro"
        ) from None
