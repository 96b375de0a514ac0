"""Draw the figures of the text."""

from dataclasses import dataclass
from operator import index
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.report import figures, text_charts
from stepahead.report.line_styles import model_looks
from stepahead.report.results import TEXT_NOTES, kept_epochs, levels, read_perplexities

TABLES = Path("reports/tables")


@dataclass(frozen=True)
class Config:
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))


def main() -> None:
    config = params.load(Config)
    paths = stage.matrix_outputs(Path("reports/training"), config.cells, ".csv")
    rows = read_perplexities(TABLES / "perplexity.csv")
    charts = {"perplexity": text_charts.perplexity_chart(rows)}
    if paths:
        histories = {cell: artifacts.read_columns(path) for cell, path in paths.items()}
        compared = levels(rows, index(artifacts.read_json(Path("data/vocab/summary.json"))["size"]))
        looks = model_looks(histories, TEXT_NOTES)
        charts["training_perplexity"] = text_charts.training_chart(histories, looks, kept_epochs(rows), compared)
        gradients = artifacts.read_columns(TABLES / "gradient_flow.csv")
        charts["gradient_flow"] = text_charts.gradient_chart(gradients, looks)
    frequencies = Path("reports/frequencies")
    curves = artifacts.read_columns(frequencies / "curves.csv")
    charts["frequencies"] = text_charts.frequency_chart(curves, artifacts.read_json(frequencies / "ngrams.json"))
    horizon = artifacts.read_columns(TABLES / "horizon_entropy.csv")
    if len(horizon["k"]):
        charts["horizon_entropy"] = text_charts.horizon_chart(horizon)
    figures.save(charts, Path("reports/figures/text"))


if __name__ == "__main__":
    stage.run(main)
