"""Draw every figure."""

from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from stepahead import artifacts, params, stage
from stepahead.report import series_figures, style, text_figures
from stepahead.series.series import read_series

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
        "kstep_error": series_figures.error_figure(artifacts.read_frame(TABLES / "kstep.csv"), floor),
    } | ({} if one_step is None else {"one_step": series_figures.prediction_figure(series, one_step, "One step ahead")})


def draw_text(cells: tuple[str, ...]) -> dict[str, Figure]:
    histories = {cell: artifacts.read_frame(Path(f"reports/training/{cell}.csv"))["perplexity"] for cell in cells}
    rows = artifacts.read_json(Path("reports/metrics/perplexity.json"))
    return {
        "training_perplexity": text_figures.training_figure(histories),
        "perplexity": text_figures.perplexity_figure(rows),
    }


if __name__ == "__main__":
    stage.run(main)
