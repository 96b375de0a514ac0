"""Put it all on one page: what came out first, then what was run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, params, stage
from stepahead.report import answer, figures, page, results, run_summary, try_next
from stepahead.report.charts import Chart
from stepahead.report.columns import as_predicted
from stepahead.report.error_growth import growth_table
from stepahead.report.explanation import explanation
from stepahead.series.data.dataset import Series, read_series

FIGURES = Path("reports/figures")
TABLES = Path("reports/tables")
TEMPLATE = Path("stepahead/report/template")
READ = ("future", "kstep", "lag_weights", "multistep", "orders", "predictions", "residuals", "stationarity")
BOOKS = ("bundled", "hello_world", "time_machine")  # texts that stand for the book's


@dataclass(frozen=True)
class Config:
    """None of its own: the page shows all of params.yaml, which is a dep."""


def main() -> None:
    params.load(Config)
    settings, defaults = (params.read_yaml(path) for path in (Path("params.yaml"), TEMPLATE / "defaults.yaml"))
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    tables = {name: artifacts.read_columns(TABLES / f"{name}.csv") for name in READ}
    errors = results.read_errors(TABLES / "kstep.csv", settings["kstep"]["horizons"])
    perplexities = results.read_perplexities(TABLES / "perplexity.csv")
    about, vocab = (artifacts.read_json(Path(f"data/{name}.json")) for name in ("corpus/about", "vocab/summary"))
    ngrams = artifacts.read_json(Path("reports/frequencies/ngrams.json"))
    generated = artifacts.read_json(Path("reports/generated.json"))
    floor = None if series.noise_std is None else series.noise_std**2
    errors_of_all = as_predicted(tables["kstep"], tables["predictions"], tables["multistep"])
    trained = {m: note for m, note in results.SERIES_NOTES.items() if m not in results.BASELINES}
    captions = params.read_yaml(figures.CAPTIONS)
    commands = try_next.commands(
        settings,
        tables["orders"],
        results.kept_epochs(perplexities),
        has_signal=series.signal is not None,
        held_out=len(series.values) - series.n_train,
    )
    ahead = tables["future"]
    found = {"future": answer.future_answer(ahead, series, errors, settings["kstep"]["refit_every"])}
    same = {"future": try_next.same_forecast(ahead, series, reverse=settings["series"]["reverse"])}
    content = page.Page(
        answers={
            "series": answer.series_answer(errors, floor),
            "text": answer.text_answer(perplexities, vocab["size"]),
        },
        tables={
            "series": results.series_table(errors, floor),
            "unit": results.unit_table(errors),
            "text": results.text_table(perplexities),
            "frequencies": results.frequency_table(ngrams),
        },
        data={
            "series": run_summary.series_fact(series),
            "text": run_summary.corpus_fact(about, vocab, settings["tokens"]),
        },
        unit=series.unit or (f"the unit of {series.column}" if series.column else "the unit of the series"),
        checks=run_summary.checks(tables["stationarity"], tables["residuals"]),
        figures=page.figures(drawn(), captions, conditions(series, settings, vocab, ngrams), commands, found, same),
        continuations=[page.continuation(model, row) for model, row in generated.items()],
        passages=page.passages(generated),
        try_next=commands["generated"],
        growth=growth_table(errors_of_all, trained),
        explain=explanation(series, tables["lag_weights"]),
        living=artifacts.read_json(Path("reports/networks.json")),
        settings=run_summary.settings(settings, defaults),
        versions=run_summary.pinned_versions(artifacts.read_text(Path("constraints.txt"))),
    )
    html = page.render("index.html", content, page.read_assets(TEMPLATE, Path("reports/vega.js")))
    artifacts.write_text(Path("reports/index.html"), html)
    tell(content)


def tell(content: page.Page) -> None:
    """What came out, for who watches the run in a terminal."""
    titles = {"series": "mean squared error", "text": "perplexity"}
    for part, title in titles.items():
        for line in ["", *results.in_terminal(title, content.tables[part])]:
            stage.say(line)
    changed = [setting.key for setting in content.settings if setting.changed]
    stage.say("")
    if changed:
        stage.say(
            f"params.yaml has other values than the defaults for {', '.join(changed)}; git restore params.yaml "
            "takes back what is not committed"
        )
    stage.say("All of it: open reports/index.html in a browser")


def conditions(
    series: Series, settings: dict[str, Any], vocab: dict[str, Any], ngrams: list[dict[str, Any]]
) -> dict[str, bool]:
    """What is true of this run."""
    return {
        "signal": series.signal is not None,
        "seeds": settings["n_seeds"] > 1,
        "stopwords": any(each["stopwords"] for each in ngrams),
        "validated": vocab["characters"]["val"] > 0,
        "book_series": series.signal is not None,
        "book_text": settings["corpus"]["name"] in BOOKS,
    }


def drawn() -> dict[str, Chart]:
    """The charts by their files without the ending, which name the part: series/kstep."""
    paths = sorted(FIGURES.glob("*/*.json"))
    return {path.relative_to(FIGURES).with_suffix("").as_posix(): figures.read(path) for path in paths}


if __name__ == "__main__":
    stage.run(main)
