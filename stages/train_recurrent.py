"""Train recurrent networks that read the lag window as a sequence, from all weight seeds together."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.nn import runtime
from stepahead.series.data.dataset import read_series
from stepahead.series.data.refits import fit_all, save_family
from stepahead.series.data.windows import PADS
from stepahead.series.networks.cells import GATES
from stepahead.series.networks.recurrent import Recurrent


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1))
    tau: int = params.param("tau", params.integer(1))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    num_hiddens: int = params.param("recurrent.num_hiddens", params.integer(1))
    epochs: int = params.param("recurrent.epochs", params.integer(0))
    batch_size: int = params.param("recurrent.batch_size", params.integer(1))
    lr: float = params.param("recurrent.lr", params.number(above=0))
    models: tuple[str, ...] = params.param("models.recurrent", params.list_of(params.choice(*GATES), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    runtime.prepare("cpu", threads=1)  # a second thread only slows down networks as small as this
    fits = {}
    for cell in config.models:
        model = Recurrent(
            cell,
            config.tau,
            config.num_hiddens,
            config.epochs,
            config.batch_size,
            config.lr,
            config.n_seeds,
            config.seed,
            config.pad,
        )
        fits[cell] = fit_all(model, series, config.refit_every)
    save_family(Path("models/series/recurrent"), fits)


if __name__ == "__main__":
    stage.run(main)
