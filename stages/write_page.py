"""Put it all on one page: what came out first, then what was run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, params, stage
from stepahead.report import answer, chart_data, page, results, run_summary
from stepahead.report.columns import Columns, as_predicted
from stepahead.report.error_growth import growth_table
from stepahead.report.explanation import explanation
from stepahead.report.line_styles import Look, model_color, model_looks
from stepahead.series.data.dataset import Series, read_series

FIGURES = Path("reports/figures")
TABLES = Path("reports/tables")
FREQUENCIES = Path("reports/frequencies")
TEMPLATE = Path("stepahead/report/template")
DRAWN = ("kstep", "lag_weights", "multistep", "orders", "predictions", "residuals", "stationarity")


@dataclass(frozen=True)
class Config:
    """None of its own: the page shows all of params.yaml, which is a dep."""


def main() -> None:
    params.load(Config)
    settings, defaults = (params.read_yaml(path) for path in (Path("params.yaml"), TEMPLATE / "defaults.yaml"))
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    tables = {name: artifacts.read_columns(TABLES / f"{name}.csv") for name in DRAWN}
    errors = results.read_errors(TABLES / "kstep.csv", settings["kstep"]["horizons"])
    perplexities = results.read_perplexities(TABLES / "perplexity.csv")
    about, vocab = (artifacts.read_json(Path(f"data/{name}.json")) for name in ("corpus/about", "vocab/summary"))
    frequencies = artifacts.read_columns(FREQUENCIES / "curves.csv"), artifacts.read_json(FREQUENCIES / "ngrams.json")
    histories = stage.matrix_outputs(Path("reports/training"), settings["models"]["rnn"], ".csv")
    curves = {cell: artifacts.read_columns(path) for cell, path in histories.items()}
    looks = model_looks(dict.fromkeys([*errors, *curves]))
    generated = artifacts.read_json(Path("reports/generated.json"))
    floor = None if series.noise_std is None else series.noise_std**2
    charts = series_charts(series, tables, looks, floor) | text_charts(curves, perplexities, looks, vocab["size"])
    charts["frequencies"] = chart_data.frequency_exhibit(*frequencies)
    errors_of_all = as_predicted(tables["kstep"], tables["predictions"], tables["multistep"])
    trained = {m: note for m, note in results.SERIES_NOTES.items() if m not in results.BASELINES}
    content = page.Page(
        answers={
            "series": answer.series_answer(errors, floor),
            "text": answer.text_answer(perplexities, vocab["size"]),
        },
        tables={
            "series": results.series_table(errors, floor),
            "text": results.text_table(perplexities),
            "frequencies": results.frequency_table(frequencies[1]),
        },
        data={
            "series": run_summary.series_fact(series),
            "text": run_summary.corpus_fact(about, vocab, settings["tokens"]),
        },
        checks=run_summary.checks(tables["stationarity"], tables["residuals"]),
        figures=page.figures(drawings(), captions(series, settings, tables["orders"], vocab), charts, colors(looks)),
        continuations=[page.continuation(model, row) for model, row in generated.items()],
        passages=page.passages(generated),
        growth=growth_table(errors_of_all, trained),
        explain=explanation(series, tables["lag_weights"]),
        living=artifacts.read_json(Path("reports/networks.json")),
        settings=run_summary.settings(settings, defaults),
        versions=run_summary.pinned_versions(artifacts.read_text(Path("constraints.txt"))),
        looks=[*looks.values(), *charts["frequencies"].lines.values()],
    )
    html = page.render("index.html", content, page.read_assets(TEMPLATE, Path("reports/vega.js")))
    artifacts.write_text(Path("reports/index.html"), html)


def series_charts(
    series: Series, tables: Mapping[str, Columns], looks: Mapping[str, Look], floor: float | None
) -> dict[str, chart_data.Exhibit]:
    label, limits = run_summary.value_label(series), run_summary.value_limits(series.values[series.n_train :])
    errors = as_predicted(tables["kstep"], tables["predictions"], tables["multistep"])
    predictions = {"kstep": tables["predictions"], "multistep": tables["multistep"]}
    return {
        "series": chart_data.series_exhibit(series, label),
        "kstep_error": chart_data.error_exhibit(errors, looks, floor),
        **{
            name: chart_data.prediction_exhibit(series, columns, looks, errors, label, limits)
            for name, columns in predictions.items()
        },
    }


def text_charts(
    curves: Mapping[str, Columns], perplexities: Mapping[str, Any], looks: Mapping[str, Look], vocab_size: int
) -> dict[str, chart_data.Exhibit]:
    kept, levels = results.kept_epochs(perplexities), results.levels(perplexities, vocab_size)
    return {
        "training_perplexity": chart_data.learning_exhibit(curves, looks, kept, levels),
        "perplexity": chart_data.perplexity_exhibit(perplexities),
    }


def captions(
    series: Series, settings: Mapping[str, Any], orders: Columns, vocab: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """What stands under each figure, as far as it is true of this run."""
    conditions = {
        "signal": series.signal is not None,
        "seeds": settings["n_seeds"] > 1,
        "validated": vocab["characters"]["val"] > 0,
    }
    written = params.read_yaml(TEMPLATE / "captions.yaml")
    found = {name: page.caption(about, conditions) for name, about in written.items()}
    best = int(orders["tau"][orders["bic"].argmin()])
    if settings["tau"] not in (best, "auto"):
        found["orders"]["try_next"] = f"dvc exp run -S tau={best}"
    return found


def drawings() -> dict[str, str]:
    """The figures by their files without the ending, which name the part: series/kstep."""
    paths = sorted(FIGURES.glob("*/*.svg"))
    return {path.relative_to(FIGURES).with_suffix("").as_posix(): artifacts.read_script(path) for path in paths}


def colors(looks: Mapping[str, Look]) -> dict[str, Look]:
    """The colours of the drawings that follow the page's theme."""
    return {model_color(model): look for model, look in looks.items()}


if __name__ == "__main__":
    stage.run(main)
