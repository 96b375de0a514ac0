"""What the training part is like: how many lags it needs, whether it is stationary, what the linear model leaves."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.windows import PADS, lag_windows
from stepahead.series.diagnostics.diagnostics import order_selection, residual_autocorrelation, stationarity
from stepahead.series.linear.linear_ar import LinearAR

MAX_TAU = 64  # orders compared
LAGS = 20  # beyond tau, in which the residuals are tested for correlation


@dataclass(frozen=True)
class Config:
    tau: int = params.param("tau", params.integer(1))
    pad: str = params.param("windows.pad", params.choice(*PADS))


def main() -> None:
    config = params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    train = series.scaled[: series.n_train]
    model = LinearAR(config.tau, "ols", config.pad)
    model.fit(train)
    features, labels = lag_windows(train, config.tau, config.pad)
    residuals = residual_autocorrelation(labels - model.one_step(features), config.tau + LAGS, fitted=config.tau)
    tests = [*stationarity(train), residuals]
    columns = ("test", "steps", "statistic", "lags", "p_value", "p_is_bound", "verdict")
    artifacts.write_table(
        Path("reports/tables/diagnostics.csv"), {name: [row[name] for row in tests] for name in columns}
    )
    orders = order_selection(train, min(MAX_TAU, (len(train) - 3) // 2))
    artifacts.write_table(
        Path("reports/tables/orders.csv"), {name: [row[name] for row in orders] for name in orders[0]}
    )
    for row in tests:
        stage.say(f"{row['test']}: {row['verdict']}")


if __name__ == "__main__":
    stage.run(main)
