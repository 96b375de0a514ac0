"""The charts of the series say what it is: its unit, its dates, and everything a table holds."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stepahead.report import series_charts
from stepahead.report.charts import Chart
from stepahead.report.columns import Columns
from stepahead.report.line_styles import model_looks
from stepahead.series.data.dataset import Series
from stepahead.series.data.scale import Scale

MODELS = ["ols", "mlp", "a model <of> my own", "rnn"]
LOOKS = model_looks([*MODELS, "mlp_direct"])


def table(rows: Iterable[tuple[Any, ...]], *names: str) -> Columns:
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def filters(chart: Chart) -> list[Any]:
    return [step.get("filter") for layer in chart.spec["layer"] for step in layer.get("transform", [])]


@pytest.fixture(scope="module")
def series() -> Series:
    values = np.sin(np.arange(1, 6001) / 100)
    return Series("sine", values + 0.1, values, None, 0.1, Scale(), 3000)


@pytest.fixture(scope="module")
def errors() -> Columns:
    rows = [(m, k, (i + 1) * k / 10, i * k / 5) for i, m in enumerate(MODELS) for k in (1, 2)]
    return table(rows, "model", "k", "mse", "mse_std")


@pytest.fixture(scope="module")
def intervals() -> Columns:
    rows = [
        (model, level, k, half_width, share)
        for model in ("ols", "rnn", "mlp_direct")
        for level, half_width, share in ((0.8, 1.0, 0.7), (0.95, 2.0, 0.9))
        for k in (1, 2)
    ]
    return table(rows, "model", "level", "k", "half_width", "coverage")


@pytest.fixture(scope="module")
def every(series: Series, errors: Columns, intervals: Columns) -> dict[str, Chart]:
    k, t = np.array([1, 1, 4, 4]), np.array([3001, 3002, 3004, 3005])
    predictions = {"k": k, "t": t, **{m: np.array([0.123456789, 1, 2, 3]) for m in MODELS}}
    alone = {name: column[:2] for name, column in predictions.items() if name != "k"}
    banded = series_charts.interval_chart(series, intervals, alone, errors)
    assert banded
    return {
        "series": series_charts.series_chart(series),
        "kstep": series_charts.kstep_chart(series, predictions, LOOKS, errors),
        "multistep": series_charts.multistep_chart(series, alone, LOOKS, errors),
        "kstep_error": series_charts.error_chart(errors, LOOKS, 0.04),
        "intervals": banded,
        "coverage": series_charts.coverage_chart(intervals, LOOKS),
        "orders": series_charts.order_chart(table([(1, 5.0, 5.0), (2, 1.0, 2.0), (3, 0.5, 3.0)], "tau", "aic", "bic")),
    }


def test_a_long_series_is_shown_around_the_end_of_training(every: dict[str, Chart]) -> None:
    steps = every["series"].columns["t"]
    assert (steps[0], steps[-1]) == (1001, 5000)
    assert every["series"].steps == (1001, 5000)


def test_without_a_signal_a_line_joins_what_was_observed(series: Series, every: dict[str, Chart]) -> None:
    assert list(every["series"].lines) == ["observed", "signal"]
    unknown = series_charts.series_chart(replace(series, signal=None, noise_std=None))
    assert list(unknown.lines) == ["observed"]
    assert [layer["mark"]["type"] for layer in unknown.spec["layer"]][:2] == ["line", "point"]


def test_the_best_the_middling_and_the_worst_are_shown_first(every: dict[str, Chart]) -> None:
    assert list(every["kstep"].hidden) == ["mlp"]


def test_the_observed_values_are_those_of_the_step(every: dict[str, Chart], series: Series) -> None:
    found = dict(zip(every["kstep"].columns["t"], every["kstep"].columns["observed"], strict=True))
    assert found == {t: pytest.approx(series.values[t - 1], rel=1e-4) for t in (3001, 3002, 3004, 3005)}


def test_many_horizons_show_fewer_steps(series: Series, errors: Columns) -> None:
    k, t = np.repeat(np.arange(1, 65), 1000), np.tile(np.arange(3001, 4001), 64)
    chart = series_charts.kstep_chart(series, {"k": k, "t": t, "ols": np.zeros(len(k))}, LOOKS, errors)
    assert sum(map(len, chart.columns.values())) < 2 * series_charts.MAX_CELLS


def test_predictions_from_the_end_of_training_start_fifty_steps_before_it(series: Series, errors: Columns) -> None:
    alone = {"t": np.arange(3001, 3081), "ols": np.zeros(80)}
    chart = series_charts.multistep_chart(series, alone, LOOKS, errors)
    assert chart.steps == (2951, 3080)
    assert chart.columns["ols"] == [None] * 50 + [0.0] * 80


def test_dates_and_unit_label_the_axes(series: Series) -> None:
    months = [f"{1500 + i // 12}-{i % 12 + 1:02}-01" for i in range(6000)]
    spec = series_charts.series_chart(replace(series, name="own.csv", column="flow", unit="m³/s", dates=months)).spec
    (dates,) = [param["value"] for param in spec["params"] if param["name"] == "dates"]
    x, y = (spec["layer"][0]["encoding"][axis] for axis in "xy")
    assert (x["title"], x["axis"]["labelExpr"]) == ("date", "dates[datum.value - 1001]")
    assert y["title"] == "flow (m³/s)"
    assert dates[:2] == ["1583-05", "1583-06"]  # of steps 1001 and 1002


def test_a_model_without_every_horizon_shows_its_points() -> None:
    rows = [("ols", k, 1.0, 0.0) for k in (1, 2, 3)] + [("rnn", k, 2.0, 0.0) for k in (1, 3)]
    chart = series_charts.error_chart(table(rows, "model", "k", "mse", "mse_std"), LOOKS, None)
    assert chart.columns["dot"] == [False] * 3 + [True] * 2


def test_bands_stay_on_a_logarithmic_axis(every: dict[str, Chart]) -> None:
    assert all(low > 0 for low in every["kstep_error"].columns["low"])


def test_coverage_is_drawn_where_it_lies(intervals: Columns) -> None:
    (low, high), *_ = (
        layer["encoding"]["y"]["scale"]["domain"]
        for layer in series_charts.coverage_chart(intervals, LOOKS).spec["layer"]
        if "domain" in layer["encoding"].get("y", {}).get("scale", {})
    )
    assert (low, high) == (pytest.approx(0.65), 1.02)


def test_the_words_say_who_is_best(every: dict[str, Chart]) -> None:
    assert "lowest is ols with 0.200, the highest rnn with 0.800" in every["kstep_error"].alt


def test_a_band_is_its_width_around_the_forecast_of_the_model_chosen(every: dict[str, Chart]) -> None:
    chart, rows = every["intervals"], every["intervals"].columns
    assert chart.choice
    assert list(chart.choice.options) == ["ols", "rnn"]  # the best first; a direct model has no path
    at = [i for i, (model, t) in enumerate(zip(rows["model"], rows["t"], strict=True)) if (model, t) == ("ols", 3001)]
    (forecast,) = (rows["forecast"][i] for i in at)
    assert forecast == 0.12346
    edges = {name: rows[name][at[0]] - forecast for name in ("80% from", "80% to", "95% from", "95% to")}
    assert list(edges.values()) == pytest.approx([-1, 1, -2, 2], abs=1e-3)
    assert "ols held 70% in the 80%, 90% in the 95% interval" in chart.alt


@pytest.mark.parametrize("frequency", [0.01, 3.0, 0.0])
def test_a_signal_goes_on_as_the_sine_it_is(frequency: float) -> None:
    whole = np.sin(frequency * np.arange(1, 301))
    for signal in (whole, whole[::-1]):
        np.testing.assert_allclose(series_charts.signal_after(signal[:200], 100), signal[200:], atol=1e-8)


def test_the_signal_goes_on_beside_the_forecast(series: Series) -> None:
    ahead = {"step": np.array([1, 2]), "forecast": np.array([0.5, 0.6]), "low_80": np.array([0.1, np.nan])}
    chart = series_charts.future_chart(series, ahead | {"high_80": np.array([0.9, np.nan])}, "lvar")
    assert list(chart.lines) == ["observed", "signal", "forecast", "80% interval"]
    assert chart.columns["signal"][-2:] == pytest.approx(np.sin([60.01, 60.02]), rel=1e-4)
    assert chart.columns["80% from"][-2:] == [0.1, None]


def test_the_future_goes_on_where_the_series_ends() -> None:
    dates = [f"{2000 + i // 12}-{i % 12 + 1:02}" for i in range(100)]
    series = Series("own.csv", np.arange(100.0), None, dates, None, Scale(), 90, column="flow")
    ahead = {"step": [1, 2], "date": ["2008-05", "2008-06"], "forecast": [100.0, 101.0]}
    chart = series_charts.future_chart(series, ahead | {"low_80": [99.0, None], "high_80": [101.0, None]}, "ols")
    rows = chart.columns
    assert chart.steps == (41, 102)
    assert (rows["date"][0], rows["date"][-1]) == ("2003-05", "2008-06")
    assert rows["observed"][-3:] == [99.0, None, None]
    assert rows["forecast"][-3:] == [None, 100.0, 101.0]
    assert (rows["80% from"][-2:], rows["80% to"][-2:]) == ([99.0, None], [101.0, None])
    assert chart.spec["layer"][-2]["data"]["values"] == [{"t": 100.5}]  # where what is known ends


def test_coverage_is_beside_its_own_level(every: dict[str, Chart]) -> None:
    chart = every["coverage"]
    assert chart.choice
    assert list(chart.choice.options) == ["80%", "95%"]
    levels = [layer["data"]["values"][0] for layer in chart.spec["layer"] if "data" in layer]
    assert {(each["level"], each["coverage"]) for each in levels} == {("80%", 0.8), ("95%", 0.95)}


def test_the_lowest_order_is_marked(every: dict[str, Chart]) -> None:
    rows = every["orders"].columns
    marked = [(rows["criterion"][i], rows["tau"][i]) for i, dot in enumerate(rows["dot"]) if dot]
    assert marked == [("AIC", 3), ("BIC", 2)]


def test_gradients_have_a_line_a_pair_with_its_share_of_steps_in_conflict() -> None:
    models, pairs = ("mlp_direct", "mlp_pcgrad"), [(1, 4), (1, 16), (4, 16)]
    rows = [(m, *pair, epoch, 0.1 * epoch, 0.25) for m in models for pair in pairs for epoch in (1, 2)]
    names = ("model", "k", "other_k", "epoch", "cosine", "conflicts")
    chart = series_charts.cosine_chart(table(rows, *names))
    assert list(chart.lines) == ["1 and 4", "1 and 16", "4 and 16"]
    assert {look.note for look in chart.lines.values()} == {"in conflict in 25% of the steps"}


def test_every_specification_compiles_and_holds_no_nan(every: dict[str, Chart]) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    for chart in every.values():
        json.dumps({"spec": chart.spec, "columns": chart.columns}, allow_nan=False)
        rows = [dict(zip(chart.columns, row, strict=True)) for row in zip(*chart.columns.values(), strict=True)]
        vega = vl_convert.vegalite_to_vega({**chart.spec, "data": {"values": rows[:5]}})
        assert {"name": "hidden", "value": list(chart.hidden)} in vega["signals"]
