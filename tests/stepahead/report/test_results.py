from stepahead.report.results import Cell, series_table, text_table


def test_series_rows_stand_from_best_to_worst_under_the_floor() -> None:
    metrics = {
        "floor": {"mse": 0.04},
        "mean": {"k1": {"mse": 0.5}, "k16": {"mse": 0.5}},
        "mlp": {"k1": {"mse": 0.05, "mse_std": 0.01}, "k16": {"mse": 0.9, "mse_std": 0.2}},
        "ols": {"k1": {"mse": 0.06, "mse_std": 0.0}, "k16": {"mse": 0.1, "mse_std": 0.0}},
        "persistence": {"k1": {"mse": 0.08}, "k16": {"mse": 0.2}},
    }
    table = series_table(metrics)
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
    row = {"k2": {"mse": 1.0, "mse_std": 0.0, "skill": 0.0}}
    assert [each.name for each in series_table({"persistence": row, "transformer": row}).rows] == [
        "persistence",
        "transformer",
    ]


def test_text_rows_are_compared_with_the_best_ngram_on_unseen_text_only() -> None:
    metrics = {
        "gru": {"book": 1.1, "train": 9.0, "val": 9.0, "test": 8.0},
        "ngram_1": {"book": None, "train": 16.0, "val": 16.0, "test": 16.0},
        "ngram_6": {"book": None, "train": 2.0, "val": 5.0, "test": 8.5},
    }
    table = text_table(metrics)
    rows = {row.name: row for row in table.rows}
    assert [cell.worse for cell in rows["gru"].cells] == [False, False, True, False]
    assert rows["ngram_6"].cells[0] == Cell()
    assert rows["ngram_6"].kind == "baseline"


def test_spans_without_tokens_and_an_unknown_floor_are_left_out() -> None:
    metrics = {"rnn": {"book": 2.0, "train": 3.0, "val": None, "test": None, "test_std": None}}
    assert text_table(metrics).header == ["book", "train"]


def test_a_spread_of_the_text_models_is_shown_where_there_is_one() -> None:
    metrics = {"rnn": {"book": 2.0, "train": 3.0, "test": 4.0, "test_std": 0.25}}
    assert text_table(metrics).rows[0].cells[-1] == Cell("4.00", "0.25", best=True)
