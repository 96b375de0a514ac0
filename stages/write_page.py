"""Put it all on one page, with what was run and what came out."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, pipeline, stage
from stepahead.report import chart_data, page, results, run_summary
from stepahead.report.line_styles import Look, model_looks
from stepahead.series.data.dataset import Series, read_series

TABLES = Path("reports/tables")
TEMPLATE = Path("stepahead/report/template")
SETTINGS = {"params": Path("params.yaml"), "defaults": TEMPLATE / "defaults.yaml"}
PREDICTIONS = {"kstep": "predictions", "multistep": "multistep"}  # chart -> table


@dataclass(frozen=True)
class Config:
    """None of its own: the page shows all of params.yaml, which is a dep."""


def main() -> None:
    params.load(Config)
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    settings = {name: pipeline.read_yaml(path) for name, path in SETTINGS.items()}
    cells = stage.matrix_outputs(Path("reports/training"), settings["params"]["models"]["rnn"], ".csv")
    summary = artifacts.read_json(Path("data/vocab/summary.json"))
    about = artifacts.read_json(Path("data/corpus/about.json"))
    looks = model_looks(dict.fromkeys([*artifacts.read_frame(TABLES / "kstep.csv")["model"], *cells]))
    generated = artifacts.read_json(Path("reports/generated.json"))
    drawings = {path.stem: artifacts.read_text(path) for path in sorted(Path("reports/figures").glob("*/*.svg"))}
    content = page.Page(
        facts={
            "Series": run_summary.series_fact(series),
            "Text": run_summary.corpus_fact(about, summary, settings["params"]["tokens"]),
            "Seeds": f"{settings['params']['n_seeds']} weight seeds per series model, one per text model",
        },
        settings=run_summary.settings(**settings),
        versions=run_summary.pinned_versions(artifacts.read_text(Path("constraints.txt"))),
        series_table=results.series_table(
            results.read_errors(TABLES / "kstep.csv", settings["params"]["kstep"]["horizons"]), floor(series)
        ),
        text_table=results.text_table(results.read_perplexities(TABLES / "perplexity.csv")),
        figures=page.figures(drawings, pipeline.read_yaml(TEMPLATE / "captions.yaml"), charts(series, cells, looks)),
        continuations=[page.continuation(model, row) for model, row in generated.items()],
        looks=list(looks.values()),
    )
    html = page.render("index.html", content, page.read_assets(TEMPLATE, Path("reports/vega.js")))
    artifacts.write_text(Path("reports/index.html"), html)


def charts(series: Series, cells: dict[str, Path], looks: dict[str, Look]) -> dict[str, chart_data.Exhibit]:
    label, limits = run_summary.value_label(series), run_summary.value_limits(series.values[series.n_train :])
    errors = artifacts.read_frame(TABLES / "kstep.csv")
    frames = {name: artifacts.read_frame(TABLES / f"{table}.csv") for name, table in PREDICTIONS.items()}
    histories = {cell: artifacts.read_frame(path)["perplexity"] for cell, path in cells.items()}
    return {
        "series": chart_data.series_exhibit(series, label),
        "kstep_error": chart_data.error_exhibit(errors, looks, floor(series)),
        **{
            name: chart_data.prediction_exhibit(series, frame, looks, errors, label, limits)
            for name, frame in frames.items()
        },
        "training_perplexity": chart_data.training_exhibit(histories, looks),
        "perplexity": chart_data.perplexity_exhibit(results.read_perplexities(TABLES / "perplexity.csv")),
    }


def floor(series: Series) -> float | None:
    """The error that nobody beats on average, where the noise is known."""
    return None if series.noise_std is None else series.noise_std**2


if __name__ == "__main__":
    stage.run(main)
