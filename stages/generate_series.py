"""Make the series that the models predict."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead import params, stage
from stepahead.series.series import sine, write_series


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    name: str = params.param("series.name", params.choice("sine"))
    length: int = params.param("series.length", params.integer(2))
    frequency: float = params.param("series.frequency", params.number())
    noise_std: float = params.param("series.noise_std", params.number(low=0))
    n_train: int = params.param("series.n_train", params.integer(1))


def main() -> None:
    config = params.load(Config)
    generator = np.random.default_rng(config.seed)
    series = sine(config.length, config.frequency, config.noise_std, config.n_train, generator)
    write_series(Path("data/series/series.csv"), Path("data/series/series.json"), series)


if __name__ == "__main__":
    stage.run(main)
