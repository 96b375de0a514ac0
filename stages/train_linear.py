"""Fit the linear autoregressive models, and test what the least-squares one leaves."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import fit_family
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.windows import PADS, lag_windows
from stepahead.series.diagnostics.residuals import residual_autocorrelation
from stepahead.series.linear.linear_ar import METHODS, LinearAR, coarse_reach

LAGS = 20  # beyond tau, in which the residuals are tested for correlation


@dataclass(frozen=True)
class Config:
    tau: int | str = params.param("tau", params.auto_or(params.integer(1)))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    models: tuple[str, ...] = params.param("models.linear", params.list_of(params.choice(*METHODS), empty=True))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    tau, from_last = chosen_tau(config.tau, series.train), series.scale.from_last
    if config.tau == "auto":
        stage.say(f"tau = {tau}, as BIC chooses")
    reach = {
        method: coarse_reach(tau, len(series.train)) if method == "ols_coarse" else tau for method in config.models
    }
    models = {method: LinearAR(lags, method, config.pad, from_last) for method, lags in reach.items()}
    fits = fit_family(Path("models/series/linear"), models, series, config.refit_every)
    rows = []
    for name, by_end in fits.items():
        features, labels = lag_windows(series.train, reach[name], config.pad, from_last)
        residuals = labels - by_end[series.n_train].one_step(features)
        rows.append({"model": name, **residual_autocorrelation(residuals, tau + LAGS, fitted=tau)})
        stage.say(f"{name}: {rows[-1]['verdict']}")
    columns = ("model", "test", "steps", "statistic", "lags", "p_value", "verdict")
    artifacts.write_table(Path("reports/tables/residuals.csv"), {name: [row[name] for row in rows] for name in columns})


if __name__ == "__main__":
    stage.run(main)
