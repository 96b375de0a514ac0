from pathlib import Path

import pytest

from stepahead.core.artifacts import write_table
from stepahead.report.results import (
    Cell,
    frequency_table,
    in_terminal,
    levels,
    read_errors,
    read_perplexities,
    series_table,
    skill,
    text_table,
    unit_table,
)

ERRORS = {
    "mean": {1: (0.5, 0.0), 16: (0.5, 0.0)},
    "mlp": {1: (0.05, 0.01), 16: (0.9, 0.2)},
    "ols": {1: (0.06, 0.0), 16: (0.1, 0.0)},
    "persistence": {1: (0.08, 0.0), 16: (0.2, 0.0)},
}


def test_series_rows_stand_from_best_to_worst_under_the_floor() -> None:
    table = series_table(ERRORS, 0.04)
    assert table.header == ["k = 1", "k = 16"]
    assert [(row.name, row.kind) for row in table.rows] == [
        ("floor", "floor"),
        ("ols", "model"),
        ("persistence", "baseline"),
        ("mean", "baseline"),
        ("mlp", "model"),
    ]
    rows = {row.name: row.cells for row in table.rows}
    assert rows["mlp"] == [Cell("0.0500", "0.0100", best=True), Cell("0.9000", "0.2000", worse=True)]
    assert rows["ols"] == [Cell("0.0600"), Cell("0.1000", best=True)]


def test_a_model_nobody_thought_of_gets_its_row() -> None:
    row = {2: (1.0, 0.0)}
    names = [each.name for each in series_table({"persistence": row, "transformer": row}, None).rows]
    assert names == ["persistence", "transformer"]


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.0361, 0.5, "0.0361"), (1.04, 25.3, "1.04"), (0.5, 123456.0, "0.5"), (2e5, 3e6, "200,000")],
)
def test_the_smallest_score_has_three_digits_where_the_largest_leaves_room(low: float, high: float, shown: str) -> None:
    table = series_table({"persistence": {1: (low, 0.0), 2: (high, 0.0)}}, None)
    assert table.rows[0].cells[0].text == shown


def test_text_rows_are_compared_with_the_best_ngram_on_unseen_text_only() -> None:
    table = text_table(
        {
            "gru": {"book": 1.1, "train": 9.0, "val": 9.0, "test": 8.0},
            "ngram_1": {"book": None, "train": 16.0, "val": 16.0, "test": 16.0},
            "ngram_6": {"book": None, "train": 2.0, "val": 5.0, "test": 8.5},
        }
    )
    rows = {row.name: row for row in table.rows}
    assert [cell.worse for cell in rows["gru"].cells] == [False, False, True, False]
    assert rows["ngram_6"].cells[0] == Cell()
    assert rows["ngram_6"].kind == "baseline"


def test_the_epoch_kept_stands_behind_the_running_figure() -> None:
    rows = {
        "rnn": {"book": 2.0, "epoch": 7, "train": 3.0, "val": None, "test": 4.0},
        "ngram_1": {"book": None, "epoch": None, "train": 5.0, "val": None, "test": 6.0},
    }
    table = text_table(rows)
    assert table.header == ["running", "epoch kept", "train", "test"]
    assert [cell.text for cell in table.rows[0].cells] == ["2.00", "7", "3.00", "4.00"]
    assert [cell.text for cell in table.rows[1].cells] == ["–", "–", "5.00", "6.00"]


def test_spans_without_tokens_and_an_unknown_floor_are_left_out() -> None:
    rows = {"rnn": {"book": 2.0, "train": 3.0, "val": None, "test": None, "test_std": None}}
    assert text_table(rows).header == ["running", "train"]


def test_a_spread_of_the_text_models_is_shown_where_there_is_one() -> None:
    rows = {"rnn": {"book": 2.0, "train": 3.0, "test": 4.0, "test_std": 0.25}}
    assert text_table(rows).rows[0].cells[-1] == Cell("4.00", "0.25", best=True)


def test_adaptive_rows_say_what_they_are_and_are_no_baseline() -> None:
    names = ("ngram_6", "adaptive_ngram_6", "ensemble", "mixture", "adaptive_mixture")
    rows = {
        name: {"test": float(9 - i), "neural": "ensemble" if "mix" in name else None} for i, name in enumerate(names)
    }
    found = {row.name: (row.kind, row.note) for row in text_table(rows).rows}
    assert found["adaptive_ngram_6"] == ("model", "ngram_6, which learns from each token it has scored")
    assert found["mixture"] == ("model", "ensemble and the longest n-gram, mixed")
    assert found["adaptive_mixture"] == ("model", "ensemble and the adaptive n-gram, mixed")
    assert [name for name, (kind, _) in found.items() if kind == "baseline"] == ["ngram_6"]
    assert "adaptive_ngram_6, validation" not in levels({"ngram_6": {"val": 5.0}, "adaptive_ngram_6": {"val": 4.0}}, 28)


def test_n_grams_stand_beside_how_many_there_could_be() -> None:
    words = {"kind": "word", "n": 1, "distinct": 30, "possible": 30, "exponent": 0.93, "stopwords": ["the"]}
    triples = {"kind": "char", "n": 3, "distinct": 1500, "possible": 27**9, "exponent": None, "stopwords": []}
    one, three = frequency_table(
        [words | {"most_frequent": ["the", "cat"]}, triples | {"most_frequent": ["he ", " th"]}]
    ).rows
    assert (one.name, one.note) == ("words, n = 1", "the, cat (1 of them are English stopwords)")
    assert [cell.text for cell in one.cells] == ["30", "30", "1", "0.93"]
    assert (three.name, three.note) == ("characters, n = 3", "he␣, ␣th")
    assert [cell.text for cell in three.cells] == ["1,500", "7.6 × 10¹²", "2.0 × 10⁻¹⁰", "–"]


def test_where_a_script_has_no_spaces_a_long_word_is_cut_and_no_stopwords_are_counted() -> None:
    word = {"kind": "word", "n": 1, "distinct": 9, "possible": 9, "exponent": -0.001, "stopwords": []}
    [row] = frequency_table([word | {"most_frequent": ["清晨" * 40, "渔船"]}]).rows
    assert row.note == "清晨" * 12 + "…, 渔船"
    assert row.cells[-1].text == "0.00"


def test_validation_is_compared_with_the_best_ngram_and_with_guessing() -> None:
    rows = {"ngram_1": {"val": 16.0}, "ngram_6": {"val": 5.0}, "gru": {"val": 4.0}}
    assert levels(rows, 28) == {"ngram_6, validation": 5.0, "uniform guessing": 28.0}
    assert levels({"ngram_1": {"val": None}}, 28) == {"uniform guessing": 28.0}


def test_tables_come_back_as_they_were_written(tmp_path: Path) -> None:
    errors = {"model": ["ols", "ols", "mlp"], "k": [1, 2, 1], "mse": [0.1, 0.2, 0.3], "mse_std": [0.0, 0.0, 0.5]}
    write_table(tmp_path / "kstep.csv", errors)
    assert read_errors(tmp_path / "kstep.csv", [1]) == {"ols": {1: (0.1, 0.0)}, "mlp": {1: (0.3, 0.5)}}
    perplexities = {"model": ["rnn", "mixture"], "epoch": [7, None], "test": [4.0, 3.0], "neural": [None, "rnn"]}
    write_table(tmp_path / "perplexity.csv", perplexities)
    assert read_perplexities(tmp_path / "perplexity.csv") == {
        "rnn": {"epoch": 7.0, "test": 4.0, "neural": None},
        "mixture": {"epoch": None, "test": 3.0, "neural": "rnn"},
    }


def test_a_terminal_shows_the_best_models_and_the_baseline_to_beat() -> None:
    errors = {"oracle": {1: (0.04, 0.0)}, **{f"m{i}": {1: (0.1 * (i + 1), 0.0)} for i in range(6)}}
    errors |= {"persistence": {1: (0.35, 0.0)}, "mean": {1: (0.9, 0.0)}}
    assert in_terminal("mean squared error", series_table(errors, 0.04)) == [
        "mean squared error   k = 1",
        "floor               0.0400",
        "m0                  0.1000",
        "m1                  0.2000",
        "m2                  0.3000",
        "persistence         0.3500",
        "m3                  0.4000",
    ]


def test_errors_in_the_series_own_unit_come_with_their_skill() -> None:
    errors = {
        "persistence": {1: (4.0, 0.0), 4: (9.0, 0.0)},
        "mean": {1: (16.0, 0.0), 4: (4.0, 0.0)},
        "oracle": {1: (0.01, 0.0), 4: (0.01, 0.0)},
        "ols": {1: (1.0, 0.0), 4: (6.25, 0.0)},
    }
    table = unit_table(errors)
    assert table.header == ["k = 1", "k = 4"]
    assert [row.name for row in table.rows] == ["oracle", "mean", "ols", "persistence"]
    (of_ols,) = [row.cells for row in table.rows if row.name == "ols"]
    assert [(cell.text, cell.change) for cell in of_ols] == [("1.000", "+75%"), ("2.500", "−56%")]
    assert skill(errors, "ols", 4) == 1 - 6.25 / 4  # against the best baseline at that k, which is the mean
