"""Draw the figures of the series."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.report import figures, series_charts
from stepahead.report.columns import as_predicted, rows_where
from stepahead.report.line_styles import model_looks
from stepahead.report.results import SERIES_NOTES
from stepahead.series.data.dataset import read_series

TABLES = ("future", "gradient_cosines", "intervals", "kstep", "multistep", "orders", "predictions")


@dataclass(frozen=True)
class Config:
    """None: the tables are all there is to draw."""


def main() -> None:
    params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    tables = {name: artifacts.read_columns(Path(f"reports/tables/{name}.csv")) for name in TABLES}
    predictions, path = tables["predictions"], tables["multistep"]
    errors, intervals = (as_predicted(tables[name], predictions, path) for name in ("kstep", "intervals"))
    looks = model_looks(dict.fromkeys(errors["model"].tolist()), SERIES_NOTES)
    intervals = rows_where(intervals, intervals["method"] == "adaptive")
    floor = None if series.noise_std is None else series.noise_std**2
    charts = {
        "series": series_charts.series_chart(series),
        "kstep": series_charts.kstep_chart(series, predictions, looks, errors),
        "multistep": series_charts.multistep_chart(series, path, looks, errors),
        "kstep_error": series_charts.error_chart(errors, looks, floor),
        "orders": series_charts.order_chart(tables["orders"]),
    }
    if len(tables["future"]["step"]):
        [model] = set(tables["future"]["model"].tolist())
        charts["future"] = series_charts.future_chart(series, tables["future"], model)
    if len(intervals["k"]):  # the training part may be too short to calibrate any
        charts["coverage"] = series_charts.coverage_chart(intervals, looks)
        banded = series_charts.interval_chart(series, intervals, path, errors)
        charts |= {"intervals": banded} if banded else {}
    if len(tables["gradient_cosines"]["k"]):
        charts["gradient_cosines"] = series_charts.cosine_chart(tables["gradient_cosines"])
    figures.save(charts, Path("reports/figures/series"))


if __name__ == "__main__":
    stage.run(main)
