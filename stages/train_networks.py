"""Train networks on lag windows, each from all weight seeds together: the book's perceptron, those with an output for
each horizon, and recurrent ones that read the window as a sequence."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stepahead.core import params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import fit_family
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.windows import PADS
from stepahead.series.networks.cells import CELLS
from stepahead.series.networks.direct import SURGERY, DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1, 10_000))
    tau: int | str = params.param("tau", params.auto_or(params.integer(1)))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))

    mlp: tuple[str, ...] = params.param("models.mlp", params.list_of(params.choice("mlp"), empty=True))
    mlp_hidden: int = params.param("mlp.hidden", params.integer(1, 100_000))
    mlp_epochs: int = params.param("mlp.epochs", params.integer(0, 10**6))
    mlp_batch_size: int = params.param("mlp.batch_size", params.integer(1))
    mlp_lr: float = params.param("mlp.lr", params.number(above=0))

    direct: tuple[str, ...] = params.param("models.direct", params.list_of(params.choice(*SURGERY), empty=True))
    direct_horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))
    direct_hidden: int = params.param("direct.hidden", params.integer(1, 100_000))
    direct_epochs: int = params.param("direct.epochs", params.integer(1, 10**6))
    direct_batch_size: int = params.param("direct.batch_size", params.integer(1))
    direct_lr: float = params.param("direct.lr", params.number(above=0))

    recurrent: tuple[str, ...] = params.param("models.recurrent", params.list_of(params.choice(*CELLS), empty=True))
    recurrent_num_hiddens: int = params.param("recurrent.num_hiddens", params.integer(1, 10_000))
    recurrent_epochs: int = params.param("recurrent.epochs", params.integer(0, 10**6))
    recurrent_batch_size: int = params.param("recurrent.batch_size", params.integer(1))
    recurrent_lr: float = params.param("recurrent.lr", params.number(above=0))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    every = {
        "seed": config.seed,
        "n_seeds": config.n_seeds,
        "tau": chosen_tau(config.tau, series.train),
        "pad": config.pad,
        "from_last": series.scale.from_last,
    }

    def of(family: str) -> dict[str, Any]:
        own = {key: value for key, value in asdict(config).items() if key.startswith(f"{family}_")}
        return every | {key.removeprefix(f"{family}_"): value for key, value in own.items()}

    differences = series.scale.differences
    models: dict[str, MLP | DirectMLP | Recurrent] = {  # first those that take longest
        **{cell: Recurrent(cell, **of("recurrent")) for cell in reversed(config.recurrent)},
        **{name: DirectMLP(surgery=SURGERY[name], differences=differences, **of("direct")) for name in config.direct},
        **{name: MLP(**of("mlp")) for name in config.mlp},
    }
    fit_family(Path("models/series/networks"), models, series, config.refit_every)


if __name__ == "__main__":
    stage.run(main)
