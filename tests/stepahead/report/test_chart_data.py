import json

import numpy as np
import pandas as pd
import pytest

from stepahead.report import chart_data as exhibits
from stepahead.report.line_styles import model_looks
from stepahead.series.data.dataset import Series

MODELS = ["ols", "mlp", "a model <of> my own", "rnn"]
LOOKS = model_looks(MODELS)


@pytest.fixture(scope="module")
def series() -> Series:
    values = np.sin(np.arange(1, 6001) / 100)
    return Series("sine", values + 0.1, values, None, 0.1, 0.0, 1.0, 3000)


@pytest.fixture(scope="module")
def errors() -> pd.DataFrame:
    rows = [(m, k, (i + 1) * k / 10, i * k / 5) for i, m in enumerate(MODELS) for k in (1, 2)]
    return pd.DataFrame(rows, columns=["model", "k", "mse", "mse_std"])


@pytest.fixture(scope="module")
def every(series: Series, errors: pd.DataFrame) -> dict[str, exhibits.Exhibit]:
    frame = pd.DataFrame(
        {"k": [1, 1, 4, 4], "t": [3001, 3002, 3004, 3005], **{m: [0.123456789, 1, 2, 3] for m in MODELS}}
    )
    rows = {"rnn": {"train": 2.0, "val": None, "test": 4.0}, "floor": {"test": 1.5}}
    return {
        "series": exhibits.series_exhibit(series, "x"),
        "kstep": exhibits.prediction_exhibit(series, frame, LOOKS, errors, "x", (-1.0, 1.0)),
        "multistep": exhibits.prediction_exhibit(series, frame[:2].drop(columns="k"), LOOKS, errors, "x", (-1.0, 1.0)),
        "kstep_error": exhibits.error_exhibit(errors, LOOKS, 0.04),
        "training_perplexity": exhibits.training_exhibit({"rnn": pd.Series([3.0, np.inf])}, LOOKS),
        "perplexity": exhibits.perplexity_exhibit(rows),
    }


def test_a_long_series_is_shown_around_the_end_of_training(every: dict[str, exhibits.Exhibit]) -> None:
    steps = every["series"].columns["t"]
    assert (steps[0], steps[-1]) == (1001, 5000)
    assert every["series"].steps == (1001, 5000)


def test_the_best_the_middling_and_the_worst_are_shown_first(every: dict[str, exhibits.Exhibit]) -> None:
    assert list(every["kstep"].hidden) == ["mlp"]


def test_the_observed_values_are_those_of_the_step(every: dict[str, exhibits.Exhibit], series: Series) -> None:
    found = dict(zip(every["kstep"].columns["t"], every["kstep"].columns["observed"], strict=True))
    assert found == {t: pytest.approx(series.values[t - 1], rel=1e-4) for t in (3001, 3002, 3004, 3005)}


def test_many_horizons_show_fewer_steps(series: Series, errors: pd.DataFrame) -> None:
    k, t = np.repeat(np.arange(1, 65), 1000), np.tile(np.arange(3001, 4001), 64)
    exhibit = exhibits.prediction_exhibit(
        series, pd.DataFrame({"k": k, "t": t, "ols": 0.0}), LOOKS, errors, "x", (0, 1)
    )
    assert sum(map(len, exhibit.columns.values())) < 2 * exhibits.MAX_CELLS


def test_bands_stay_on_a_logarithmic_axis(every: dict[str, exhibits.Exhibit]) -> None:
    assert all(low > 0 for low in every["kstep_error"].columns["low"])


def test_the_words_say_who_is_best(every: dict[str, exhibits.Exhibit]) -> None:
    assert "lowest is ols with 0.2, the highest rnn with 0.8" in every["kstep_error"].alt


def test_what_is_not_finite_is_left_out(every: dict[str, exhibits.Exhibit]) -> None:
    assert every["training_perplexity"].columns["perplexity"] == [3.0, None]
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
