"""Draw every figure."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from stepahead import artifacts, params, stage
from stepahead.report import series_checks, series_figures, style, text_figures
from stepahead.series.series import Series, read_series

TABLES = Path("reports/tables")


@dataclass(frozen=True)
class Config:
    cells: tuple[str, ...] = params.param("rnn.cells", params.list_of(params.text))


def main() -> None:
    config = params.load(Config)
    for name, figure in {**draw_series(), **draw_text(config.cells)}.items():
        style.save(figure, Path("reports/figures"), name)


def draw_series() -> dict[str, Figure]:
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    floor = artifacts.read_json(Path("reports/metrics/kstep.json")).get("floor", {}).get("mse")
    errors = artifacts.read_frame(TABLES / "kstep.csv")
    multistep = artifacts.read_frame(TABLES / "multistep.csv").set_index("t")
    predictions = artifacts.read_frame(TABLES / "predictions.csv").set_index("t")
    by_horizon = {
        k: predictions[predictions["k"] == k].drop(columns="k") for k in sorted(set(predictions["k"].tolist()))
    }
    one_step = by_horizon.get(1)
    return {
        "series": series_figures.series_figure(series),
        "multistep": series_figures.prediction_figure(
            series, multistep, "From the end of training on, fed with their own predictions"
        ),
        "kstep": series_figures.kstep_figure(series, by_horizon),
        "kstep_error": series_figures.error_figure(errors, floor),
        "orders": series_checks.order_figure(artifacts.read_frame(TABLES / "orders.csv")),
        **draw_intervals(series, errors, multistep),
        **draw_gradients(),
    } | ({} if one_step is None else {"one_step": series_figures.prediction_figure(series, one_step, "One step ahead")})


def draw_intervals(series: Series, errors: pd.DataFrame, multistep: pd.DataFrame) -> dict[str, Figure]:
    intervals = artifacts.read_frame(TABLES / "intervals.csv")
    if intervals.empty:  # the training part was too short to calibrate any
        return {}
    last = errors[(errors["k"] == errors["k"].max()) & errors["model"].isin(multistep.columns)]
    best = str(last.loc[last["mse"].idxmin(), "model"])
    path = multistep[best].iloc[: errors["k"].max()]
    of_best = intervals[intervals["model"] == best]
    return {
        "intervals": series_figures.interval_figure(series, best, path, of_best),
        "coverage": series_checks.coverage_figure(intervals),
    }


def draw_gradients() -> dict[str, Figure]:
    gradients = artifacts.read_frame(TABLES / "gradient_cosines.csv")
    return {} if gradients.empty else {"gradient_cosines": series_checks.gradient_figure(gradients)}


def draw_text(cells: tuple[str, ...]) -> dict[str, Figure]:
    histories = {cell: artifacts.read_frame(Path(f"reports/training/{cell}.csv"))["perplexity"] for cell in cells}
    rows = artifacts.read_json(Path("reports/metrics/perplexity.json"))
    horizon = artifacts.read_frame(TABLES / "horizon_entropy.csv")
    return {
        "training_perplexity": text_figures.training_figure(histories),
        "perplexity": text_figures.perplexity_figure(rows),
        "gradient_flow": text_figures.gradient_figure(artifacts.read_frame(TABLES / "gradient_flow.csv")),
    } | ({} if horizon.empty else {"horizon_entropy": text_figures.horizon_figure(horizon)})


if __name__ == "__main__":
    stage.run(main)
