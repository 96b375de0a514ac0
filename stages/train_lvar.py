"""Fit the latent AR model, which has states instead of lags."""

from dataclasses import asdict, dataclass
from pathlib import Path

from stepahead.core import params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import fit_family
from stepahead.series.latent.lvar import MAX_ORDER, LatentAR


@dataclass(frozen=True)
class Config:
    order: int = params.param("lvar.order", params.integer(1, MAX_ORDER))
    iterations: int = params.param("lvar.iterations", params.integer(0, 10**6))
    models: tuple[str, ...] = params.param("models.lvar", params.list_of(params.choice("lvar"), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = asdict(params.load(Config))
    models, refit_every = config.pop("models"), config.pop("refit_every")
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    config |= {"from_last": series.scale.from_last}
    fit_family(Path("models/series/lvar"), {name: LatentAR(**config) for name in models}, series, refit_every)


if __name__ == "__main__":
    stage.run(main)
