"""Draw the figures of the series."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.report import diagnostic_figures, series_figures
from stepahead.report.columns import Columns, as_predicted, rows_where, split_by
from stepahead.report.drawing import Drawing, save
from stepahead.series.data.dataset import Series, read_series

TABLES = ("gradient_cosines", "intervals", "kstep", "multistep", "orders", "predictions")


@dataclass(frozen=True)
class Config:
    """None: the tables are all there is to draw."""


def main() -> None:
    params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    tables = {name: artifacts.read_columns(Path(f"reports/tables/{name}.csv")) for name in TABLES}
    errors, intervals = (
        as_predicted(tables[name], tables["predictions"], tables["multistep"]) for name in ("kstep", "intervals")
    )
    intervals = rows_where(intervals, intervals["method"] == "adaptive")
    floor = None if series.noise_std is None else series.noise_std**2
    of_first = " (first weight seed)" if errors["mse_std"].any() else ""
    by_horizon = dict(sorted(split_by(tables["predictions"], "k").items()))
    drawings = {
        "series": partial(series_figures.series_figure, series),
        "multistep": partial(
            series_figures.prediction_figure,
            series,
            tables["multistep"],
            f"From the end of training on, fed with their own predictions{of_first}",
        ),
        "kstep": partial(series_figures.kstep_figure, series, by_horizon),
        "kstep_error": partial(series_figures.error_figure, errors, floor),
        "orders": partial(diagnostic_figures.order_figure, tables["orders"]),
    }
    if 1 in by_horizon:
        title = f"One step ahead{of_first}"
        drawings["one_step"] = partial(series_figures.prediction_figure, series, by_horizon[1], title)
    if len(intervals["k"]):  # the training part may be too short to calibrate any
        drawings["coverage"] = partial(diagnostic_figures.coverage_figure, intervals)
        drawings |= draw_intervals(series, errors, intervals, tables["multistep"])
    if len(tables["gradient_cosines"]["k"]):
        drawings["gradient_cosines"] = partial(diagnostic_figures.gradient_figure, tables["gradient_cosines"])
    save(drawings, Path("reports/figures/series"))


def draw_intervals(series: Series, errors: Columns, intervals: Columns, multistep: Columns) -> dict[str, Drawing]:
    """The intervals of the best model that predicts any number of steps; none where there is no such model."""
    horizon = int(errors["k"].max())
    last = split_by(rows_where(errors, errors["k"] == horizon), "model")
    scores = {model: row["mse"][0] for model, row in last.items() if model in multistep}
    if not scores:
        return {}
    best = min(scores, key=lambda model: scores[model])
    of_best = rows_where(intervals, intervals["model"] == best)
    return {"intervals": partial(series_figures.interval_figure, series, best, multistep[best][:horizon], of_best)}


if __name__ == "__main__":
    stage.run(main)
