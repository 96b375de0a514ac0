"""Train one recurrent network on lag windows, from all weight seeds together: the matrix entry names its cell."""

from dataclasses import dataclass
from pathlib import Path

from stepahead import params, stage
from stepahead.nn import runtime
from stepahead.nn.cells import GATES
from stepahead.series.recurrent import Recurrent
from stepahead.series.series import read_series
from stepahead.series.store import save_forecaster


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    n_seeds: int = params.param("n_seeds", params.integer(1))
    threads: int = params.param("threads", params.integer(1))
    tau: int = params.param("tau", params.integer(1))
    num_hiddens: int = params.param("recurrent.num_hiddens", params.integer(1))
    epochs: int = params.param("recurrent.epochs", params.integer(0))
    batch_size: int = params.param("recurrent.batch_size", params.integer(1))
    lr: float = params.param("recurrent.lr", params.number(above=0))


def main() -> None:
    config, cell = params.load(Config), stage.matrix_entry("recurrent.cells", GATES)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    runtime.prepare("cpu", config.threads)
    model = Recurrent(
        cell,
        config.tau,
        config.num_hiddens,
        config.epochs,
        config.batch_size,
        config.lr,
        config.n_seeds,
        config.seed,
        pad="drop",
    )
    model.fit(series.scaled[: series.n_train])
    save_forecaster(Path(f"models/series/{cell}.safetensors"), model)


if __name__ == "__main__":
    stage.run(main)
