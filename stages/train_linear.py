"""Fit one linear autoregressive model: the stage's matrix entry names its method."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.refits import fit_all, save_fits
from stepahead.series.data.windows import PADS
from stepahead.series.linear.linear_ar import METHODS, LinearAR


@dataclass(frozen=True)
class Config:
    tau: int = params.param("tau", params.integer(1))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config, method = params.load(Config), stage.matrix_entry("linear.models", METHODS)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    model = LinearAR(config.tau, method, config.pad)
    save_fits(Path(f"models/series/{method}.safetensors"), fit_all(model, series, config.refit_every))


if __name__ == "__main__":
    stage.run(main)
