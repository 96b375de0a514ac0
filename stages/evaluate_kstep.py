"""Score every forecaster k steps ahead on the same held-out origins, beside baselines and the floor."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, losses, params, processes, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import read_model_of
from stepahead.series.data.refits import Fits
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import baselines
from stepahead.series.scoring.future import future, future_table
from stepahead.series.scoring.intervals import interval_table, score
from stepahead.series.scoring.kstep import held_out_origins, kstep_metrics
from stepahead.series.scoring.lag_weights import lag_weight_table
from stepahead.series.scoring.tables import error_table, gradient_table, multistep_table, prediction_table, seed_table

FAMILIES = ("linear", "networks", "lvar")
CLASSES = (LinearAR, MLP, DirectMLP, Recurrent, LatentAR)
TABLES = Path("reports/tables")
SHOWN = 1000  # held-out steps in the tables that the figures are drawn from; a score covers all


@dataclass(frozen=True)
class Config:
    horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    horizons = sorted(config.horizons)
    origins = held_out_origins(series.n_train, len(series.values), horizons[-1])
    paths = [path for family in FAMILIES for path in sorted(Path(f"models/series/{family}").glob("*.safetensors"))]
    found = {path.stem: read_model_of(path, CLASSES, series) for path in paths}
    fits = dict(sorted(found.items(), key=lambda each: CLASSES.index(type(each[1][series.n_train]))))
    trained = {model: Fits(by_end, series.scale) for model, by_end in fits.items()}
    every = baselines(series, config.refit_every) | trained
    shown = origins[:SHOWN]
    each_score = processes.each(lambda model: score(model, series, origins, horizons, len(shown)), [*every.values()])
    scores = dict(zip(every, each_score, strict=True))
    errors = {model: each.mse for model, each in scores.items()}
    # a direct model has no output beyond the longest horizon
    direct = {m: last for m, by_end in fits.items() if isinstance(last := by_end[series.n_train], DirectMLP)}
    endless = {model: each for model, each in trained.items() if model not in direct}
    ends = {m: last for m, by_end in fits.items() if isinstance(last := by_end[series.n_train], LinearAR)}
    linear = {} if series.scale.log else {m: Fits({series.n_train: last}, series.scale) for m, last in ends.items()}
    metrics = kstep_metrics({m: errors[m] for m in ("persistence", *trained)}, horizons, series.noise_std)
    tables = {
        "kstep": error_table(errors),
        "kstep_seeds": seed_table(errors, horizons),
        "intervals": interval_table({model: each.intervals for model, each in scores.items()}, horizons),
        "predictions": prediction_table({model: scores[model].forecasts for model in trained}, shown, horizons),
        "multistep": multistep_table(endless, series, min(len(series.values) - series.n_train, SHOWN)),
        "gradient_cosines": gradient_table(direct),
        "future": {"model": [], "step": [], "forecast": []},
        "lag_weights": lag_weight_table({m: (each, each.reach) for m, each in linear.items()}, horizons[-1]),
    }
    if trained:  # what comes next is told by the model that was least wrong as far ahead as any is asked for
        best = min(trained, key=lambda model: float(errors[model][:, -1].mean()))
        ahead = future(trained[best], series.values, horizons[-1], known_from=series.n_train)
        tables["future"] = {"model": [best] * horizons[-1]} | future_table(ahead, series.values, series.dates)
    for name, table in tables.items():
        artifacts.write_table(TABLES / f"{name}.csv", table)
    losses.write_losses(
        Path("reports/losses/kstep.safetensors"),
        {model: each.losses for model, each in scores.items()},
        scored_on=series.values[origins[0] :],
        n_points=len(origins),
        horizons=horizons,
    )
    artifacts.write_metrics(Path("reports/metrics/kstep.json"), metrics)


if __name__ == "__main__":
    stage.run(main)
