"""Train recurrent networks that read the lag window as a sequence, from all weight seeds together."""

from dataclasses import asdict, dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import fit_family
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.windows import PADS
from stepahead.series.networks.cells import CELLS
from stepahead.series.networks.recurrent import Recurrent


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1, 10_000))
    tau: int | str = params.param("tau", params.auto_or(params.integer(1)))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    num_hiddens: int = params.param("recurrent.num_hiddens", params.integer(1, 10_000))
    epochs: int = params.param("recurrent.epochs", params.integer(0, 10**6))
    batch_size: int = params.param("recurrent.batch_size", params.integer(1))
    lr: float = params.param("recurrent.lr", params.number(above=0))
    models: tuple[str, ...] = params.param("models.recurrent", params.list_of(params.choice(*CELLS), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = asdict(params.load(Config))
    cells, refit_every = config.pop("models"), config.pop("refit_every")
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    config |= {"tau": chosen_tau(config["tau"], series.train), "from_last": series.scale.from_last}
    models = {cell: Recurrent(cell, **config) for cell in cells}
    fit_family(Path("models/series/recurrent"), models, series, refit_every)


if __name__ == "__main__":
    stage.run(main)
