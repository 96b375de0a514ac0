import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stepahead.report import chart_data as exhibits
from stepahead.report.columns import Columns
from stepahead.report.line_styles import model_looks
from stepahead.series.data.dataset import Series
from stepahead.series.data.scale import Scale

MODELS = ["ols", "mlp", "a model <of> my own", "rnn"]
LOOKS = model_looks(MODELS)


def table(rows: Iterable[tuple[Any, ...]], *names: str) -> Columns:
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


@pytest.fixture(scope="module")
def series() -> Series:
    values = np.sin(np.arange(1, 6001) / 100)
    return Series("sine", values + 0.1, values, None, 0.1, Scale(), 3000)


@pytest.fixture(scope="module")
def errors() -> Columns:
    rows = [(m, k, (i + 1) * k / 10, i * k / 5) for i, m in enumerate(MODELS) for k in (1, 2)]
    return table(rows, "model", "k", "mse", "mse_std")


@pytest.fixture(scope="module")
def every(series: Series, errors: Columns) -> dict[str, exhibits.Exhibit]:
    k, t = np.array([1, 1, 4, 4]), np.array([3001, 3002, 3004, 3005])
    predictions = {"k": k, "t": t, **{m: np.array([0.123456789, 1, 2, 3]) for m in MODELS}}
    alone = {name: column[:2] for name, column in predictions.items() if name != "k"}
    history = {"epoch": np.array([1, 2]), "perplexity": np.array([3.0, np.inf]), "val": np.array([3.5, 4.0])}
    rows = {"rnn": {"train": 2.0, "val": None, "test": 4.0}, "floor": {"test": 1.5}}
    return {
        "series": exhibits.series_exhibit(series, "x"),
        "kstep": exhibits.prediction_exhibit(series, predictions, LOOKS, errors, "x", (-1.0, 1.0)),
        "multistep": exhibits.prediction_exhibit(series, alone, LOOKS, errors, "x", (-1.0, 1.0)),
        "kstep_error": exhibits.error_exhibit(errors, LOOKS, 0.04),
        "training_perplexity": exhibits.learning_exhibit({"rnn": history}, LOOKS, {"rnn": 1}, {"guessing": 28.0}),
        "perplexity": exhibits.perplexity_exhibit(rows),
        "frequencies": exhibits.frequency_exhibit(
            table([("word", 1, 1, 9), ("word", 1, 2, 4), ("char", 2, 1, 7)], "kind", "n", "rank", "count"),
            [{"kind": "word", "n": 1, "exponent": 1.17}, {"kind": "char", "n": 2, "exponent": None}],
        ),
    }


def test_a_long_series_is_shown_around_the_end_of_training(every: dict[str, exhibits.Exhibit]) -> None:
    steps = every["series"].columns["t"]
    assert (steps[0], steps[-1]) == (1001, 5000)
    assert every["series"].steps == (1001, 5000)


def test_each_n_gram_has_its_line(every: dict[str, exhibits.Exhibit]) -> None:
    found = every["frequencies"]
    assert found.columns["ngrams"] == ["words, n = 1", "words, n = 1", "characters, n = 2"]
    assert list(found.lines) == ["words, n = 1", "characters, n = 2"]
    assert found.alt.endswith("Exponents of a power law: words, n = 1 1.17.")


def test_the_best_the_middling_and_the_worst_are_shown_first(every: dict[str, exhibits.Exhibit]) -> None:
    assert list(every["kstep"].hidden) == ["mlp"]


def test_the_observed_values_are_those_of_the_step(every: dict[str, exhibits.Exhibit], series: Series) -> None:
    found = dict(zip(every["kstep"].columns["t"], every["kstep"].columns["observed"], strict=True))
    assert found == {t: pytest.approx(series.values[t - 1], rel=1e-4) for t in (3001, 3002, 3004, 3005)}


def test_many_horizons_show_fewer_steps(series: Series, errors: Columns) -> None:
    k, t = np.repeat(np.arange(1, 65), 1000), np.tile(np.arange(3001, 4001), 64)
    exhibit = exhibits.prediction_exhibit(series, {"k": k, "t": t, "ols": np.zeros(len(k))}, LOOKS, errors, "x", (0, 1))
    assert sum(map(len, exhibit.columns.values())) < 2 * exhibits.MAX_CELLS


def test_predictions_from_the_end_of_training_stand_behind_some_steps_before_it(series: Series) -> None:
    alone = {"t": np.arange(3001, 3081), "ols": np.zeros(80)}
    none = table([("ols", 1, 1.0)], "model", "k", "mse")
    exhibit = exhibits.prediction_exhibit(series, alone, LOOKS, none, "x", (-1.0, 1.0))
    assert exhibit.steps == (2991, 3080)
    assert exhibit.columns["t"] == [*range(2991, 3081)]
    assert exhibit.columns["ols"] == [None] * 10 + [0.0] * 80


def test_dates_stand_in_place_of_steps(series: Series) -> None:
    months = [f"{1500 + i // 12}-{i % 12 + 1:02}-01" for i in range(6000)]
    spec = exhibits.series_exhibit(replace(series, dates=months), "x").spec
    (dates,) = [param["value"] for param in spec["params"] if param["name"] == "dates"]
    axis = spec["layer"][0]["encoding"]["x"]
    assert (axis["title"], axis["axis"]["labelExpr"]) == ("date", "dates[datum.value - 1001]")
    assert dates[:2] == ["1583-05", "1583-06"]  # of steps 1001 and 1002


def test_a_model_without_every_horizon_shows_its_points() -> None:
    rows = [("ols", k, 1.0, 0.0) for k in (1, 2, 3)] + [("rnn", k, 2.0, 0.0) for k in (1, 3)]
    spec = exhibits.error_exhibit(table(rows, "model", "k", "mse", "mse_std"), LOOKS, None).spec
    filters = [step["filter"] for layer in spec["layer"] for step in layer.get("transform", [])]
    assert {"field": "model", "oneOf": ["rnn"]} in filters


def test_the_epoch_kept_is_marked_on_the_validation_curve(every: dict[str, exhibits.Exhibit]) -> None:
    columns = every["training_perplexity"].columns
    kept = [(columns["span"][i], columns["epoch"][i]) for i, is_kept in enumerate(columns["kept"]) if is_kept]
    assert kept == [("val", 1)]


def test_bands_stay_on_a_logarithmic_axis(every: dict[str, exhibits.Exhibit]) -> None:
    assert all(low > 0 for low in every["kstep_error"].columns["low"])


def test_the_words_say_who_is_best(every: dict[str, exhibits.Exhibit]) -> None:
    assert "lowest is ols with 0.200, the highest rnn with 0.800" in every["kstep_error"].alt


def test_what_is_not_finite_is_left_out(every: dict[str, exhibits.Exhibit]) -> None:
    assert every["training_perplexity"].columns["perplexity"] == [3.0, 3.5, 4.0]
    assert every["perplexity"].columns == {
        "model": ["rnn", "rnn"],
        "span": ["train", "test"],
        "perplexity": [2.0, 4.0],
    }
    for exhibit in every.values():
        json.dumps({"spec": exhibit.spec, "columns": exhibit.columns}, allow_nan=False)


def test_every_specification_compiles(every: dict[str, exhibits.Exhibit]) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    for exhibit in every.values():
        names = list(exhibit.columns)
        rows = [dict(zip(names, row, strict=True)) for row in zip(*exhibit.columns.values(), strict=True)]
        vega = vl_convert.vegalite_to_vega({**exhibit.spec, "data": {"values": rows[:5]}})
        assert {"name": "hidden", "value": list(exhibit.hidden)} in vega["signals"] or not exhibit.lines
