"""Draw the figures of the text."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.report import text_figures
from stepahead.report.drawing import save
from stepahead.report.results import read_perplexities

TABLES = Path("reports/tables")


@dataclass(frozen=True)
class Config:
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))


def main() -> None:
    config = params.load(Config)
    paths = stage.matrix_outputs(Path("reports/training"), config.cells, ".csv")
    drawings = {"perplexity": partial(text_figures.perplexity_figure, read_perplexities(TABLES / "perplexity.csv"))}
    if paths:
        histories = {cell: artifacts.read_frame(path)["perplexity"] for cell, path in paths.items()}
        drawings["training_perplexity"] = partial(text_figures.training_figure, histories)
        gradients = artifacts.read_frame(TABLES / "gradient_flow.csv")
        drawings["gradient_flow"] = partial(text_figures.gradient_figure, gradients)
    horizon = artifacts.read_frame(TABLES / "horizon_entropy.csv")
    if not horizon.empty:
        drawings["horizon_entropy"] = partial(text_figures.horizon_figure, horizon)
    save(drawings, Path("reports/figures/text"))


if __name__ == "__main__":
    stage.run(main)
