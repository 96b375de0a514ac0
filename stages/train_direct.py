"""Train networks with an output for each horizon, with and without gradient surgery."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.nn import runtime
from stepahead.series.data.dataset import read_series
from stepahead.series.data.refits import fit_all, save_family
from stepahead.series.data.windows import PADS
from stepahead.series.networks.direct import SURGERY, DirectMLP


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1))
    tau: int = params.param("tau", params.integer(1))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    hidden: int = params.param("direct.hidden", params.integer(1))
    epochs: int = params.param("direct.epochs", params.integer(1))
    batch_size: int = params.param("direct.batch_size", params.integer(1))
    lr: float = params.param("direct.lr", params.number(above=0))
    horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))
    models: tuple[str, ...] = params.param("models.direct", params.list_of(params.choice(*SURGERY), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    runtime.prepare("cpu", threads=1)  # a second thread only slows down networks as small as this
    fits = {}
    for name in config.models:
        model = DirectMLP(
            config.tau,
            config.hidden,
            config.horizons,
            config.epochs,
            config.batch_size,
            config.lr,
            config.n_seeds,
            config.seed,
            SURGERY[name],
            config.pad,
        )
        fits[name] = fit_all(model, series, config.refit_every)
    save_family(Path("models/series/direct"), fits)


if __name__ == "__main__":
    stage.run(main)
