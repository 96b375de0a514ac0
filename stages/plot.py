"""Draw every figure, and put them on one page with what was run and what came out."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from stepahead.core import artifacts, params, stage
from stepahead.report import chart_data as exhibits
from stepahead.report import diagnostic_figures as series_checks
from stepahead.report import page, results, series_figures, text_figures
from stepahead.report import run_summary as facts
from stepahead.report.drawing import Drawing, save
from stepahead.report.line_styles import Look, model_looks
from stepahead.series.data.dataset import Series, read_series

METRICS, TABLES, FIGURES = Path("reports/metrics"), Path("reports/tables"), Path("reports/figures")
TEMPLATE = Path("stepahead/report/template")
SETTINGS = {"params": Path("params.yaml"), "defaults": TEMPLATE / "defaults.yaml"}
PREDICTIONS = {"kstep": "predictions", "multistep": "multistep"}  # chart -> table


@dataclass(frozen=True)
class Config:
    """None of its own: the page shows all of params.yaml, which is a dep."""


def main() -> None:
    params.load(Config)
    cells = [name for name in read_metrics("perplexity") if Path(f"reports/training/{name}.csv").exists()]
    write_page(save({**draw_series(), **draw_text(cells)}, FIGURES), cells)


def draw_series() -> dict[str, Drawing]:
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    floor = artifacts.read_json(Path("reports/metrics/kstep.json")).get("floor", {}).get("mse")
    errors = artifacts.read_frame(TABLES / "kstep.csv")
    multistep = artifacts.read_frame(TABLES / "multistep.csv").set_index("t")
    predictions = artifacts.read_frame(TABLES / "predictions.csv").set_index("t")
    by_horizon = {
        k: predictions[predictions["k"] == k].drop(columns="k") for k in sorted(set(predictions["k"].tolist()))
    }
    titled = {"multistep": (multistep, "From the end of training on, fed with their own predictions")}
    if 1 in by_horizon:
        titled["one_step"] = (by_horizon[1], "One step ahead")
    return {
        "series": partial(series_figures.series_figure, series),
        **{name: partial(series_figures.prediction_figure, series, *shown) for name, shown in titled.items()},
        "kstep": partial(series_figures.kstep_figure, series, by_horizon),
        "kstep_error": partial(series_figures.error_figure, errors, floor),
        "orders": partial(series_checks.order_figure, artifacts.read_frame(TABLES / "orders.csv")),
        **draw_intervals(series, errors, multistep),
        **draw_gradients(),
    }


def draw_intervals(series: Series, errors: pd.DataFrame, multistep: pd.DataFrame) -> dict[str, Drawing]:
    intervals = artifacts.read_frame(TABLES / "intervals.csv")
    if intervals.empty:  # the training part was too short to calibrate any
        return {}
    last = errors[(errors["k"] == errors["k"].max()) & errors["model"].isin(multistep.columns)]
    best = str(last.loc[last["mse"].idxmin(), "model"])
    path = multistep[best].iloc[: errors["k"].max()]
    of_best = intervals[intervals["model"] == best]
    return {
        "intervals": partial(series_figures.interval_figure, series, best, path, of_best),
        "coverage": partial(series_checks.coverage_figure, intervals),
    }


def draw_gradients() -> dict[str, Drawing]:
    gradients = artifacts.read_frame(TABLES / "gradient_cosines.csv")
    return {} if gradients.empty else {"gradient_cosines": partial(series_checks.gradient_figure, gradients)}


def draw_text(cells: list[str]) -> dict[str, Drawing]:
    histories = {cell: artifacts.read_frame(Path(f"reports/training/{cell}.csv"))["perplexity"] for cell in cells}
    rows = artifacts.read_json(Path("reports/metrics/perplexity.json"))
    horizon = artifacts.read_frame(TABLES / "horizon_entropy.csv")
    drawn = {"perplexity": partial(text_figures.perplexity_figure, rows)}
    if cells:
        gradients = artifacts.read_frame(TABLES / "gradient_flow.csv")
        drawn["training_perplexity"] = partial(text_figures.training_figure, histories)
        drawn["gradient_flow"] = partial(text_figures.gradient_figure, gradients)
    if not horizon.empty:
        drawn["horizon_entropy"] = partial(text_figures.horizon_figure, horizon)
    return drawn


def write_page(drawings: dict[str, str], cells: list[str]) -> None:
    series = read_series(Path("data/series/series.csv"), Path("data/series/series.json"))
    settings = {name: params.read_yaml(path) for name, path in SETTINGS.items()}
    kstep, perplexity = read_metrics("kstep"), read_metrics("perplexity")
    looks = model_looks(dict.fromkeys([*artifacts.read_frame(TABLES / "kstep.csv")["model"], *cells]))
    generated = artifacts.read_json(Path("reports/generated.json"))
    content = page.Page(
        facts={
            "Series": facts.series_fact(series),
            "Text": facts.corpus_fact(
                artifacts.read_json(Path("data/corpus/about.json")), read_metrics("vocab"), settings["params"]["tokens"]
            ),
            "Seeds": f"{settings['params']['n_seeds']} weight seeds per series model, one per text model",
            "Device": device(cells),
        },
        settings=facts.settings(**settings),
        versions=facts.pinned_versions(artifacts.read_text(Path("constraints.txt"))),
        series_table=results.series_table(kstep),
        text_table=results.text_table(perplexity),
        figures=page.figures(drawings, params.read_yaml(TEMPLATE / "captions.yaml"), charts(series, cells, looks)),
        continuations=[page.continuation(model, row) for model, row in generated.items()],
        looks=list(looks.values()),
    )
    html = page.render("index.html", content, page.read_assets(TEMPLATE, Path("reports/vega.js")))
    artifacts.write_text(Path("reports/index.html"), html)


def charts(series: Series, cells: list[str], looks: dict[str, Look]) -> dict[str, exhibits.Exhibit]:
    label, limits = series_figures.value_label(series), series_figures.value_limits(series.values[series.n_train :])
    errors = artifacts.read_frame(TABLES / "kstep.csv")
    frames = {name: artifacts.read_frame(TABLES / f"{table}.csv") for name, table in PREDICTIONS.items()}
    histories = {cell: artifacts.read_frame(Path(f"reports/training/{cell}.csv"))["perplexity"] for cell in cells}
    return {
        "series": exhibits.series_exhibit(series, label),
        "kstep_error": exhibits.error_exhibit(errors, looks, read_metrics("kstep").get("floor", {}).get("mse")),
        **{
            name: exhibits.prediction_exhibit(series, frame, looks, errors, label, limits)
            for name, frame in frames.items()
        },
        "training_perplexity": exhibits.training_exhibit(histories, looks),
        "perplexity": exhibits.perplexity_exhibit(read_metrics("perplexity")),
    }


def device(cells: list[str]) -> str:
    """What the text models were trained on, as they say themselves."""
    about = [artifacts.read_tensors(Path(f"models/text/{cell}.safetensors"))[1] for cell in cells]
    return ", ".join(sorted({each["device"] for each in about})) or "no network was trained"


def read_metrics(name: str) -> dict[str, Any]:
    content: dict[str, Any] = artifacts.read_json(METRICS / f"{name}.json")
    return content


if __name__ == "__main__":
    stage.run(main)
