"""Fit one linear autoregressive model: the stage's matrix entry names its method."""

from dataclasses import dataclass
from pathlib import Path

from stepahead import params, stage
from stepahead.series.linear import METHODS, LinearAR
from stepahead.series.series import read_series
from stepahead.series.store import save_forecaster


@dataclass(frozen=True)
class Config:
    tau: int = params.param("tau", params.integer(1))


def main() -> None:
    config, method = params.load(Config), stage.matrix_entry("linear.models", METHODS)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    model = LinearAR(config.tau, method, pad="drop")
    model.fit(series.scaled[: series.n_train])
    save_forecaster(Path(f"models/series/{method}.safetensors"), model)


if __name__ == "__main__":
    stage.run(main)
