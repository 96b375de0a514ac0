"""The series part as its user runs it: real series, refits, time reversed, and what the results hold."""

import csv
import html
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from stepahead.core.artifacts import read_tensors
from tests.project import Project

MODELS = {"ols", "yule_walker", "mlp", "mlp_direct", "mlp_pcgrad", "rnn", "gru", "lstm", "lvar"}
NAIVE = {"persistence", "mean", "drift"}


def table(project: Project, name: str) -> list[dict[str, str]]:
    with (project.folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(project: Project) -> list[float]:
    return [float(row["value"]) for row in table(project, "data/series/series.csv")]


def test_every_model_has_its_row_beside_the_baselines(finished: Project) -> None:
    scores = finished.json("reports/metrics/kstep.json")
    assert set(scores) == MODELS | {"persistence", "floor"}
    assert all(set(row) == {"k1", "k4", "k16"} for model, row in scores.items() if model != "floor")
    by_k: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in table(finished, "reports/tables/intervals.csv"):
        by_k.setdefault((row["model"], row["method"], row["k"]), []).append(row)
    every_k = {str(k) for k in range(1, 17)}
    expected = {(model, "adaptive", k) for model in MODELS | NAIVE | {"oracle"} for k in every_k}
    expected |= {(model, "fixed", k) for model in MODELS | NAIVE | {"oracle"} for k in ("1", "4", "16")}
    assert by_k.keys() == expected | {("lvar", "gaussian", k) for k in ("1", "4", "16")}
    for (_, method, _), (narrow, wide) in by_k.items():
        assert (narrow["level"], wide["level"]) == ("0.8", "0.95")
        assert 0 <= float(narrow["coverage"]) <= 1
        assert 0 < float(narrow["width"]) <= float(narrow["winkler"])
        if method != "adaptive":
            assert float(narrow["width"]) <= float(wide["width"])
            assert float(narrow["coverage"]) <= float(wide["coverage"])


def test_the_tables_hold_the_gradients_the_orders_and_the_tests(finished: Project) -> None:
    gradients = table(finished, "reports/tables/gradient_cosines.csv")
    assert {row["model"] for row in gradients} == {"mlp_direct", "mlp_pcgrad"}
    assert {(row["k"], row["other_k"]) for row in gradients} == {("1", "4"), ("1", "16"), ("4", "16")}
    assert all(-1 <= float(row["cosine"]) <= 1 and 0 <= float(row["conflicts"]) <= 1 for row in gradients)
    assert [row["test"] for row in table(finished, "reports/tables/stationarity.csv")] == ["ADF", "KPSS"]
    assert [row["model"] for row in table(finished, "reports/tables/residuals.csv")] == ["ols", "yule_walker"]
    assert [row["tau"] for row in table(finished, "reports/tables/orders.csv")] == [str(tau) for tau in range(1, 65)]
    figures = {path.stem for path in (finished.folder / "reports/figures/series").iterdir()}
    assert figures >= {"kstep", "kstep_error", "multistep", "orders", "coverage", "intervals", "gradient_cosines"}


def the_page_shows_what_comes_next(project: Project) -> list[dict[str, str]]:
    """The rows of the forecast, which the command on the page prints too."""
    [command] = re.findall(
        "The same numbers: <code>(.*?)</code>", (project.folder / "reports/index.html").read_text(encoding="utf-8")
    )
    python, *arguments = shlex.split(html.unescape(command))
    printed = project.run(sys.executable, *arguments)
    assert (python, printed.code) == ("python", 0), printed.output
    rows = table(project, "reports/tables/future.csv")
    lines = [",".join(list(row.values())[1:]) for row in rows]
    assert [line for line in printed.output.splitlines() if line[:1].isdigit()] == lines
    return rows


def test_what_comes_next_is_forecast_by_the_model_with_the_lowest_error(finished: Project) -> None:
    rows = the_page_shows_what_comes_next(finished)
    scores = finished.json("reports/metrics/kstep.json")
    best = min(MODELS, key=lambda model: scores[model]["k16"])
    assert [(row["model"], row["step"]) for row in rows] == [(best, str(k)) for k in range(1, 17)]
    for row in rows:
        ends = [float(row[name]) for name in ("low_95", "low_80", "forecast", "high_80", "high_95")]
        assert ends == sorted(ends)


@pytest.mark.slow
def test_a_csv_of_the_users_own_runs_through_and_its_dates_are_on_the_axes(project: Project) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{1990 + i // 12}-{i % 12 + 1:02}-01,{50 + 10 * np.sin(i / 5) + rng.normal():.3f}" for i in range(300)]
    own = project.folder / "data/local/flow.csv"
    own.write_text("\n".join(["month,flow", *rows]) + "\n", encoding="utf-8")
    project.set({"series.name": "flow.csv", "windows.pad": "zero"})
    done = project.dvc("repro")
    assert done.code == 0, done.output
    assert (
        "flow.csv: 300 steps from 1990-01-01 to 2014-12-01, a month each, a season of 12, the first 200 to fit"
        in done.output
    )
    assert set(project.json("reports/metrics/kstep.json")) == MODELS | {"persistence"}
    assert project.json("reports/metrics/kstep.json")["ols"]["k1"] < 5  # scored in the file's own unit
    assert the_page_shows_what_comes_next(project)[0]["date"] == "2015-01-01"
    page = (project.folder / "reports/index.html").read_text(encoding="utf-8")
    assert "The book's rule" not in page
    assert "<span>from step</span>" not in page  # but from a date
    assert ">20" in (project.folder / "reports/figures/series/series.svg").read_text(encoding="utf-8")
    own.write_text(own.read_text(encoding="utf-8").replace("1990-03-01,", "1990-03-01,1"), encoding="utf-8")
    assert project.dvc("repro", "generate_series").stages == ["generate_series"]


@pytest.mark.slow
def test_years_are_dates_up_to_the_page(project: Project) -> None:
    project.set({"series.name": "nile", "series.n_train": 70, "kstep.horizons": [1, 4], "models.recurrent": []})
    done = project.dvc("repro", "write_page")
    assert done.code == 0, done.output
    assert [row["date"] for row in the_page_shows_what_comes_next(project)] == ["1971", "1972", "1973", "1974"]


def test_a_bad_cell_of_a_csv_stops_the_stage_with_one_line(project: Project) -> None:
    before = values(project)
    (project.folder / "data/local/flow.csv").write_text("flow\n1\n2\nn/a\n4\n", encoding="utf-8")
    project.set({"series.name": "flow.csv"})
    done = project.stage("generate_series")
    assert done.code != 0
    assert done.output == (
        "error: data/local/flow.csv line 4: column flow has no value ('n/a'); fill it in or delete the line, or use "
        "series.fill=skip, previous, linear or seasonal\n"
    )
    assert values(project) == before


def test_a_csv_too_short_says_what_to_change(project: Project) -> None:
    (project.folder / "data/local/flow.csv").write_text("flow\n1\n2\n4\n", encoding="utf-8")
    project.set({"series.name": "flow.csv"})
    done = project.stage("generate_series")
    assert done.code != 0
    assert "series.n_train = 200, but series.name = flow.csv has 3 steps" in done.output
    assert "lower series.n_train" in done.output


def test_a_horizon_longer_than_the_held_out_part_stops_the_first_stage(project: Project) -> None:
    project.set({"series.name": "nile", "series.n_train": 0.9})
    done = project.stage("generate_series")
    assert done.code != 0
    assert "nile only 10 are held out; use -S 'kstep.horizons=[1,4]', or lower series.n_train" in done.output


def test_how_a_file_was_read_is_said_and_kept_with_the_series_and_its_models(project: Project) -> None:
    rng = np.random.default_rng(0)
    days = [f"{1 + i % 28:02d}.{1 + i // 28:02d}.2021" for i in range(280)]  # three days of most months are missing
    rows = [f"{day};" + f"{rng.normal():.3f}".replace(".", ",") for day in days]
    own = project.folder / "data/local/flow.csv"
    own.write_text("\n".join(["Tag;Wert", *rows[::-1]]) + "\n", encoding="utf-8")
    project.set({"series.name": "flow.csv", "series.order": "newest_first", "series.fill": "previous"})
    done = project.stage("generate_series")
    assert done.code == 0, done.output
    assert (
        "flow.csv: 301 steps from 2021-01-01 to 2021-10-28, a day each, a season of 7, the first 200 to fit"
        in done.output
    )
    assert "  21 values filled in (previous)" in done.output
    about = project.json("data/series/series.json")
    assert (about["filled"], about["spacing"]) == (21, "day")
    assert about["reading"] == {"order": "newest_first", "fill": "previous"}
    assert project.stage("train_linear").code == 0
    forecast = project.run(
        sys.executable, "-m", "stepahead", "forecast", "data/local/flow.csv", "--model", "ols", "--steps", "2"
    )
    assert forecast.code == 0, forecast.output
    assert "low_80" in forecast.output  # it is the series that the model was fitted on, read in the same way


def test_the_sine_does_not_pay_for_reading_files(project: Project) -> None:
    done = project.run(sys.executable, "-X", "importtime", "-m", "stages.generate_series", DVC_STAGE="generate_series")
    assert done.code == 0, done.output
    assert "stepahead.sources.csv_column" in done.output
    assert "pandas" not in done.output


def test_the_ten_year_yield_comes_from_a_mirror(project: Project, mirror: Path) -> None:
    project.set({"series.name": "gs10", "series.n_train": 604, "tau": 6})
    done = project.stage("generate_series", STEPAHEAD_MIRROR=str(mirror))
    assert done.code == 0, done.output
    assert (
        "gs10: 797 steps from 1953-04-01 to 2019-08-01, a month each, a season of 12, the first 604 to fit"
        in done.output
    )
    about = project.json("data/series/series.json")
    assert (about["unit"], len(about["sha256"]), about["noise_std"]) == ("percent", 64, None)
    assert project.stage("train_linear").code == 0


def test_time_can_run_backwards(project: Project) -> None:
    before = values(project)
    project.set({"series.reverse": True})
    assert project.stage("generate_series").code == 0
    assert values(project) == before[::-1]


@pytest.mark.slow
def test_refits_reach_the_scores(project: Project) -> None:
    before = project.json("reports/metrics/kstep.json")
    project.set({"kstep.refit_every": 30})
    for stage in ("train_linear", "train_networks", "evaluate_kstep"):
        done = project.stage(stage)
        assert done.code == 0, done.output
    after = project.json("reports/metrics/kstep.json")
    changed = {model for model in before if model != "floor" and after[model] != before[model]}
    assert changed == {"ols", "yule_walker", "mlp", "mlp_direct", "mlp_pcgrad", "rnn", "gru", "lstm"}


def test_transforms_season_and_order_reach_the_scores(project: Project) -> None:
    rng, t = np.random.default_rng(0), np.arange(200)
    sales = np.exp(3 + 0.01 * t + 0.4 * np.sin(np.pi * t / 6) + rng.normal(0, 0.03, 200))
    rows = [f"{1990 + i // 12}-{i % 12 + 1:02},{value:.1f}" for i, value in enumerate(sales)]
    (project.folder / "data/local/sales.csv").write_text("\n".join(["month,sales", *rows]) + "\n", encoding="utf-8")
    project.set({"series.name": "sales.csv", "series.n_train": 150, "kstep.horizons": [1, 12], "tau": "auto"})
    project.set({"series.transform": ["log", "seasonal_difference"]})
    done = project.stage("generate_series")
    assert "a month each, a season of 12, the first 150 to fit" in done.output
    assert project.json("data/series/series.json")["scale"]["differences"] == [12]
    for stage in ("diagnose_series", "train_linear", "train_networks", "train_lvar"):
        done = project.stage(stage)
        assert done.code == 0, done.output
    orders = table(project, "reports/tables/orders.csv")
    bic = min(orders, key=lambda row: float(row["bic"]))["tau"]
    assert f"tau = {bic}, as BIC chooses" in project.stage("train_linear").output
    for name in ("linear/ols", "networks/mlp", "networks/mlp_direct", "networks/gru"):
        about = read_tensors(project.folder / f"models/series/{name}.safetensors")[1]
        assert about["hyperparameters"]["tau"] == int(bic)
    done = project.stage("evaluate_kstep")
    assert done.code == 0, done.output
    rows_by = {(row["model"], row["k"]): row for row in table(project, "reports/tables/kstep.csv")}
    naive = {k: min(float(rows_by[model, k]["mse"]) for model in (*NAIVE, "seasonal_naive")) for k in ("1", "12")}
    for (model, k), row in rows_by.items():
        if k in naive:
            assert float(row["skill"]) == pytest.approx(1 - float(row["mse"]) / naive[k])
            assert model in NAIVE | {"seasonal_naive"} or float(row["skill"]) > 0  # each model beats them all


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"series.transform": "log"}, "series.transform = log, but step "),
        (
            {"series.transform": "seasonal_difference"},
            "but sine has no season that is known; say ",
        ),
        (
            {"series.transform": ["log", "logs"]},
            "it must be none, one of log, seasonal_difference, ",
        ),
        ({"series.season": 0}, "series.season = 0, but it must be null or a whole number, 1 or more"),
        ({"tau": "many"}, "tau = 'many', but it must be auto or a whole number, 1 or more"),
    ],
)
def test_what_a_transform_cannot_do_stops_the_first_stage(
    settings: dict[str, object], message: str, project: Project
) -> None:
    project.set(settings)
    done = project.stage("train_linear" if "tau" in settings else "generate_series")
    assert done.code != 0
    assert message in done.output
    assert done.output.count("\n") == 1
