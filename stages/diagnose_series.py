"""How many lags the training part needs, and whether it is stationary."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.series.data.dataset import read_series
from stepahead.series.data.orders import orders
from stepahead.series.diagnostics.stationarity import stationarity


@dataclass(frozen=True)
class Config:
    """The series is all there is to know."""


def main() -> None:
    params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    train = series.train
    tests = stationarity(train)
    columns = ("test", "steps", "statistic", "lags", "p_value", "p_is_bound", "verdict")
    artifacts.write_table(
        Path("reports/tables/stationarity.csv"), {name: [row[name] for row in tests] for name in columns}
    )
    rows = orders(train)
    artifacts.write_table(Path("reports/tables/orders.csv"), {name: [row[name] for row in rows] for name in rows[0]})
    for row in tests:
        stage.say(f"{row['test']}: {row['verdict']}")


if __name__ == "__main__":
    stage.run(main)
