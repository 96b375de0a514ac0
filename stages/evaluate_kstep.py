"""Score every forecaster k steps ahead on the same held-out origins."""

from dataclasses import dataclass
from pathlib import Path

from stepahead import artifacts, params, stage
from stepahead.series.baselines import Mean, Oracle, Persistence
from stepahead.series.forecaster import Forecaster
from stepahead.series.kstep import held_out_origins, kstep_rows, squared_errors
from stepahead.series.linear import LinearAR
from stepahead.series.mlp import MLP
from stepahead.series.recurrent import Recurrent
from stepahead.series.series import Series, read_series
from stepahead.series.store import load_forecaster
from stepahead.series.tables import error_table, multistep_table, prediction_table

TABLES = Path("reports/tables")
SHOWN = 1000  # held-out steps in the tables that the figures are drawn from; a score covers all


@dataclass(frozen=True)
class Config:
    linear: tuple[str, ...] = params.param("linear.models", params.list_of(params.text))
    recurrent: tuple[str, ...] = params.param("recurrent.cells", params.list_of(params.text))
    horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    horizons = sorted(config.horizons)
    origins = held_out_origins(series.n_train, len(series.values), horizons[-1])
    trained = {
        model: load_forecaster(Path(f"models/series/{model}.safetensors"), (LinearAR, MLP, Recurrent))
        for model in (*config.linear, "mlp", *config.recurrent)
    }
    forecasters = baselines(series) | trained
    errors = {model: squared_errors(each, series, origins, horizons[-1]) for model, each in forecasters.items()}
    artifacts.write_json(Path("reports/metrics/kstep.json"), kstep_rows(errors, horizons, series.noise_std))
    artifacts.write_table(TABLES / "kstep.csv", error_table(errors))
    artifacts.write_table(TABLES / "predictions.csv", prediction_table(trained, series, origins[:SHOWN], horizons))
    held_out = len(series.values) - series.n_train
    artifacts.write_table(TABLES / "multistep.csv", multistep_table(trained, series, min(held_out, SHOWN)))


def baselines(series: Series) -> dict[str, Forecaster]:
    rows: dict[str, Forecaster] = {"persistence": Persistence(), "mean": Mean()}
    if series.signal is not None:
        rows["oracle"] = Oracle((series.signal - series.mean) / series.std)
    for row in rows.values():
        row.fit(series.scaled[: series.n_train])
    return rows


if __name__ == "__main__":
    stage.run(main)
