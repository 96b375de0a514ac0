"""The figures of the text show what was kept, and what it is compared with."""

import numpy as np
import pytest

from stepahead.report.text_figures import frequencies_figure, perplexity_figure, training_figure

NAN = float("nan")


@pytest.mark.parametrize(("val", "marked"), [([9.0, 7.0, 8.0], 7.0), ([NAN] * 3, 4.0)])
def test_the_epoch_kept_is_marked_where_it_was_watched(val: list[float], marked: float) -> None:
    history = {"epoch": np.arange(1, 4), "perplexity": np.array([8.0, 4.0, 2.0]), "val": np.array(val)}
    (axes,) = training_figure({"gru": history}, {"gru": 2}, {"uniform guessing": 28.0}).axes
    (dot,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert dot.get_xydata().tolist() == [[2.0, marked]]
    assert [line.get_linestyle() for line in axes.lines[:2]] == ["-", "--"]
    assert [text.get_text() for text in axes.texts] == ["uniform guessing"]
    low, high = axes.get_ylim()
    assert 1.5 < low < 2 < 28 < high < 40


def test_each_kind_of_n_gram_has_its_panel_with_the_exponents() -> None:
    curves = {
        "kind": np.array(["word", "word", "char", "char", "char"]),
        "n": np.array([1, 1, 1, 1, 2]),
        "rank": np.array([1, 2, 1, 100, 1]),
        "count": np.array([9, 3, 500, 2, 7]),
    }
    ngrams = [("word", 1, 1.58), ("char", 1, 1.2), ("char", 2, None)]
    found = [dict(zip(("kind", "n", "exponent"), each, strict=True)) for each in ngrams]
    words, characters = frequencies_figure(curves, found).axes
    assert [line.get_label() for line in words.lines] == ["n = 1, exponent 1.58"]
    assert [line.get_label() for line in characters.lines] == ["n = 1, exponent 1.20", "n = 2"]
    assert (characters.get_xscale(), characters.get_yscale()) == ("log", "log")
    assert frequencies_figure({name: column[:0] for name, column in curves.items()}, []).axes


def test_the_best_model_stands_on_top_and_a_missing_span_is_left_out() -> None:
    rows = {
        "gru": {"train": 1.0, "val": None, "test": 20.0},
        "ngram_6": {"train": 2.0, "val": None, "test": 5.0},
        "floor": {"train": None, "val": None, "test": 4.0},
    }
    figure = perplexity_figure(rows)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["gru", "ngram_6"]
    assert axes.get_legend_handles_labels()[1] == ["train", "test", "floor"]
