"""Train the book's perceptron on lag windows, from all weight seeds together."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.nn import runtime
from stepahead.series.data.dataset import read_series
from stepahead.series.data.refits import fit_all, save_family
from stepahead.series.data.windows import PADS
from stepahead.series.networks.mlp import MLP


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1))
    tau: int = params.param("tau", params.integer(1))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    hidden: int = params.param("mlp.hidden", params.integer(1))
    epochs: int = params.param("mlp.epochs", params.integer(0))
    batch_size: int = params.param("mlp.batch_size", params.integer(1))
    lr: float = params.param("mlp.lr", params.number(above=0))
    models: tuple[str, ...] = params.param("models.mlp", params.list_of(params.choice("mlp"), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    runtime.prepare("cpu", threads=1)  # a second thread only slows down networks as small as this
    model = MLP(
        config.tau,
        config.hidden,
        config.epochs,
        config.batch_size,
        config.lr,
        config.n_seeds,
        config.seed,
        config.pad,
    )
    save_family(Path("models/series/mlp"), {name: fit_all(model, series, config.refit_every) for name in config.models})


if __name__ == "__main__":
    stage.run(main)
