"""Draw the figures of the series."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from stepahead.core import artifacts, params, stage
from stepahead.report import diagnostic_figures, series_figures
from stepahead.report.drawing import Drawing, save
from stepahead.series.data.dataset import Series, read_series

TABLES = Path("reports/tables")


@dataclass(frozen=True)
class Config:
    """None: the tables are all there is to draw."""


def main() -> None:
    params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    floor = None if series.noise_std is None else series.noise_std**2
    errors, orders = read("kstep"), read("orders")
    multistep, predictions = read("multistep").set_index("t"), read("predictions").set_index("t")
    horizons = sorted(set(predictions["k"].tolist()))
    by_horizon = {k: predictions[predictions["k"] == k].drop(columns="k") for k in horizons}
    drawings = {
        "series": partial(series_figures.series_figure, series),
        "multistep": partial(
            series_figures.prediction_figure,
            series,
            multistep,
            "From the end of training on, fed with their own predictions",
        ),
        "kstep": partial(series_figures.kstep_figure, series, by_horizon),
        "kstep_error": partial(series_figures.error_figure, errors, floor),
        "orders": partial(diagnostic_figures.order_figure, orders),
        **draw_intervals(series, errors, multistep),
        **draw_gradients(),
    }
    if 1 in by_horizon:
        drawings["one_step"] = partial(series_figures.prediction_figure, series, by_horizon[1], "One step ahead")
    save(drawings, Path("reports/figures/series"))


def draw_intervals(series: Series, errors: pd.DataFrame, multistep: pd.DataFrame) -> dict[str, Drawing]:
    intervals = read("intervals")
    if intervals.empty:  # the training part was too short to calibrate any
        return {}
    drawings = {"coverage": partial(diagnostic_figures.coverage_figure, intervals)}
    last = errors[(errors["k"] == errors["k"].max()) & errors["model"].isin(multistep.columns)]
    if last.empty:
        return drawings
    best = str(last.loc[last["mse"].idxmin(), "model"])
    path = multistep[best].iloc[: errors["k"].max()]
    of_best = intervals[intervals["model"] == best]
    return drawings | {"intervals": partial(series_figures.interval_figure, series, best, path, of_best)}


def draw_gradients() -> dict[str, Drawing]:
    gradients = read("gradient_cosines")
    return {} if gradients.empty else {"gradient_cosines": partial(diagnostic_figures.gradient_figure, gradients)}


def read(name: str) -> pd.DataFrame:
    return artifacts.read_frame(TABLES / f"{name}.csv")


if __name__ == "__main__":
    stage.run(main)
