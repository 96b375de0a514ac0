"""Draw the figures of the text."""

from dataclasses import dataclass
from functools import partial
from operator import index
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.report import text_figures
from stepahead.report.drawing import save
from stepahead.report.results import kept_epochs, levels, read_perplexities

TABLES = Path("reports/tables")


@dataclass(frozen=True)
class Config:
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))


def main() -> None:
    config = params.load(Config)
    paths = stage.matrix_outputs(Path("reports/training"), config.cells, ".csv")
    rows = read_perplexities(TABLES / "perplexity.csv")
    drawings = {"perplexity": partial(text_figures.perplexity_figure, rows)}
    if paths:
        histories = {cell: artifacts.read_columns(path) for cell, path in paths.items()}
        compared = levels(rows, index(artifacts.read_json(Path("data/vocab/summary.json"))["size"]))
        drawings["training_perplexity"] = partial(text_figures.training_figure, histories, kept_epochs(rows), compared)
        gradients = artifacts.read_columns(TABLES / "gradient_flow.csv")
        drawings["gradient_flow"] = partial(text_figures.gradient_figure, gradients)
    frequencies = Path("reports/frequencies")
    curves, ngrams = (
        artifacts.read_columns(frequencies / "curves.csv"),
        artifacts.read_json(frequencies / "ngrams.json"),
    )
    drawings["frequencies"] = partial(text_figures.frequencies_figure, curves, ngrams)
    horizon = artifacts.read_columns(TABLES / "horizon_entropy.csv")
    if len(horizon["k"]):
        drawings["horizon_entropy"] = partial(text_figures.horizon_figure, horizon)
    save(drawings, Path("reports/figures/text"))


if __name__ == "__main__":
    stage.run(main)
