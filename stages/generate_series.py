"""Make or fetch the series that the models predict."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead.core import params, stage
from stepahead.series.data.dataset import Series, sine, standardised, write_series
from stepahead.sources.catalog import read_catalog
from stepahead.sources.series import read_source


@dataclass(frozen=True)
class Config:
    seed: int = params.param("series.seed", params.integer(0))
    name: str = params.param("series.name", params.text)
    column: str | None = params.param("series.column", params.optional(params.text))
    length: int = params.param("series.length", params.integer(2))
    frequency: float = params.param("series.frequency", params.number(low=-1e6, high=1e6))
    noise_std: float = params.param("series.noise_std", params.number(low=0, high=1e6))
    n_train: int = params.param("series.n_train", params.integer(1))
    reverse: bool = params.param("series.reverse", params.flag)


def main() -> None:
    config = params.load(Config)
    entries = read_catalog(Path("data/catalog.yaml"))  # for the sine too, so that a mistake in it is found at once
    if config.name == "sine":
        generator = np.random.default_rng(config.seed)
        series = sine(config.length, config.frequency, config.noise_std, config.n_train, generator, config.reverse)
    else:
        found = read_source(
            config.name,
            config.column,
            entries=entries,
            local=Path("data/local"),
            cache=Path(".cache/downloads"),
            mirror=os.environ.get("STEPAHEAD_MIRROR"),
        )
        series = standardised(
            config.name,
            found.column.values,
            found.column.dates,
            config.n_train,
            unit=found.unit,
            sha256=found.sha256,
            reverse=config.reverse,
        )
    write_series(Path("data/series/series.csv"), Path("data/series/series.json"), series)
    stage.say(about(series))


def about(series: Series) -> str:
    span = f"from {series.dates[0]} to {series.dates[-1]}" if series.dates else "without dates"
    return f"{series.name}: {len(series.values):,} steps {span}, the first {series.n_train:,} to fit"


if __name__ == "__main__":
    stage.run(main)
