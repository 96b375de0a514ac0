"""Train networks with an output for each horizon, with and without gradient surgery."""

from dataclasses import asdict, dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import fit_family
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.windows import PADS
from stepahead.series.networks.direct import SURGERY, DirectMLP


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1, 10_000))
    tau: int | str = params.param("tau", params.auto_or(params.integer(1)))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    hidden: int = params.param("direct.hidden", params.integer(1, 100_000))
    epochs: int = params.param("direct.epochs", params.integer(1, 10**6))
    batch_size: int = params.param("direct.batch_size", params.integer(1))
    lr: float = params.param("direct.lr", params.number(above=0))
    horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))
    models: tuple[str, ...] = params.param("models.direct", params.list_of(params.choice(*SURGERY), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = asdict(params.load(Config))
    names, refit_every = config.pop("models"), config.pop("refit_every")
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    config |= {"tau": chosen_tau(config["tau"], series.train), "from_last": series.scale.from_last}
    config |= {"differences": series.scale.differences}
    models = {name: DirectMLP(surgery=SURGERY[name], **config) for name in names}
    fit_family(Path("models/series/direct"), models, series, refit_every)


if __name__ == "__main__":
    stage.run(main)
