"""The charts of the text show what was kept, and what it is compared with."""

import numpy as np
import pytest

from stepahead.report import text_charts
from stepahead.report.line_styles import model_looks

NAN = float("nan")


@pytest.mark.parametrize(
    ("val", "marked"), [([9.0, 7.0, 8.0], ("validation text", 7.0)), ([NAN] * 3, ("training text", 4.0))]
)
def test_the_epoch_kept_is_marked_where_it_was_watched(val: list[float], marked: tuple[str, float]) -> None:
    history = {"epoch": np.arange(1, 4), "perplexity": np.array([8.0, 4.0, 2.0]), "val": np.array(val)}
    chart = text_charts.training_chart({"gru": history}, model_looks(["gru"]), {"gru": 2}, {"uniform guessing": 28.0})
    rows = chart.columns
    kept = [(rows["style"][i], rows["perplexity"][i]) for i, dot in enumerate(rows["dot"]) if dot]
    assert kept == [marked]
    assert set(rows["name"]) == {f"gru, {style}" for style in rows["style"]}
    assert "uniform guessing: 28" in chart.alt


def test_the_best_model_stands_on_top_and_a_missing_span_is_left_out() -> None:
    rows = {
        "gru": {"train": 1.0, "val": None, "test": 20.0},
        "ngram_6": {"train": 2.0, "val": None, "test": 5.0},
        "floor": {"train": None, "val": None, "test": 4.0},
    }
    chart = text_charts.perplexity_chart(rows)
    assert list(chart.lines) == ["train", "test"]
    assert chart.columns["model"] == ["ngram_6", "ngram_6", "gru", "gru"]
    assert [layer["data"]["values"] for layer in chart.spec["layer"] if "data" in layer] == [[{"perplexity": 4.0}]]


def test_frequencies_have_a_line_for_each_kind_and_n() -> None:
    curves = {
        "kind": np.array(["word", "word", "char"]),
        "n": np.array([1, 1, 2]),
        "rank": np.array([1, 2, 1]),
        "count": np.array([5, 1, 3]),
    }
    ngrams = [{"kind": "word", "n": 1, "exponent": 1.05}, {"kind": "char", "n": 2, "exponent": None}]
    chart = text_charts.frequency_chart(curves, ngrams)
    assert {name: look.note for name, look in chart.lines.items()} == {
        "words, n = 1": "exponent 1.05",
        "characters, n = 2": "",
    }
    assert chart.columns["ngrams"] == ["words, n = 1", "words, n = 1", "characters, n = 2"]


def test_gradients_that_no_float_tells_from_zero_are_left_out() -> None:
    norms = {
        "cell": np.array(["rnn"] * 3),
        "weights": np.array(["trained"] * 3),
        "k": np.array([1, 2, 3]),
        "norm": np.array([1.0, 1e-11, 1e-13]),
        "power": np.array([1.0, 0.5, 0.0]),
    }
    rows = text_charts.gradient_chart(norms, model_looks(["rnn"])).columns
    assert list(zip(rows["style"], rows["k"], strict=True)) == [
        ("measured", 1),
        ("measured", 2),
        ("powers of one step", 1),
        ("powers of one step", 2),
    ]
