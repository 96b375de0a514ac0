"""Make, read or fetch the series that the models predict."""

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from stepahead.core import params, stage
from stepahead.series.data.dataset import Series, check_horizons, sine, standardised, training_steps, write_series
from stepahead.series.data.rules import steps_or_share, transforms
from stepahead.series.data.transform import transformed
from stepahead.sources.catalog import Source, read_catalog
from stepahead.sources.csv_column import DECIMALS, DELIMITERS, FILLS, ORDERS, Reading
from stepahead.sources.series import read_source
from stepahead.sources.spacing import with_article


@dataclass(frozen=True)
class Config:
    seed: int = params.param("series.seed", params.integer(0))
    name: str = params.param("series.name", params.text)
    column: str | None = params.param("series.column", params.optional(params.label))
    date: str | None = params.param("series.date", params.optional(params.label))
    id: str | None = params.param("series.id", params.optional(params.label))
    order: str = params.param("series.order", params.choice(*ORDERS))
    delimiter: str | None = params.param("series.delimiter", params.optional(params.choice(*DELIMITERS)))
    decimal: str | None = params.param("series.decimal", params.optional(params.choice(*DECIMALS)))
    day_first: bool | None = params.param("series.day_first", params.optional(params.flag))
    fill: str = params.param("series.fill", params.choice(*FILLS))
    length: int = params.param("series.length", params.integer(2))
    frequency: float = params.param("series.frequency", params.number(low=-1e6, high=1e6))
    noise_std: float = params.param("series.noise_std", params.number(low=0, high=1e6))
    n_train: float = params.param("series.n_train", steps_or_share)
    season: int | None = params.param("series.season", params.optional(params.integer(1)))
    transform: tuple[str, ...] = params.param("series.transform", transforms)
    reverse: bool = params.param("series.reverse", params.flag)
    horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))


def main() -> None:
    config = params.load(Config)
    entries = read_catalog(Path("data/catalog.yaml"))  # for the sine too, so that a mistake in it is found at once
    if config.name == "sine":
        generator, n_train = np.random.default_rng(config.seed), training_steps(config.n_train, config.length)
        series = sine(config.length, config.frequency, config.noise_std, n_train, generator, config.reverse)
    else:
        series = from_file(config, entries)
    series = transformed(series, config.season, config.transform)
    check_horizons(series, config.horizons)
    write_series(Path("data/series/series.csv"), Path("data/series/series.json"), series)
    stage.say(about(series))
    for note in series.notes:
        stage.say(f"  {note}")


def from_file(config: Config, entries: dict[str, Source]) -> Series:
    values = asdict(config)
    reading = Reading(**{name: values[name] for name in Reading.__dataclass_fields__})
    found = read_source(
        config.name,
        reading,
        entries=entries,
        local=Path("data/local"),
        cache=Path(".cache/downloads"),
        mirror=os.environ.get("STEPAHEAD_MIRROR"),
    )
    column = found.column
    n_train = training_steps(config.n_train, len(column.values))
    series = standardised(
        config.name, column.values, column.dates, n_train, unit=found.unit, sha256=found.sha256, reverse=config.reverse
    )
    told = {name: getattr(column, name) for name in ("spacing", "season", "filled", "notes")}
    chosen = {name: value for name, value in asdict(reading).items() if value != getattr(Reading(), name)}
    return replace(series, **told, column=column.name, reading=chosen)


def about(series: Series) -> str:
    span = f"from {series.dates[0]} to {series.dates[-1]}" if series.dates else "without dates"
    step = f", {with_article(series.spacing)} each" if series.spacing else ""
    season = f", a season of {series.season:,}" if series.season else ""
    return f"{series.name}: {len(series.values):,} steps {span}{step}{season}, the first {series.n_train:,} to fit"


if __name__ == "__main__":
    stage.run(main)
