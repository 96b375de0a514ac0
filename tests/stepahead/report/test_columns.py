import numpy as np

from stepahead.report.columns import as_predicted, split_by


def test_rows_are_split_in_the_order_of_their_first() -> None:
    parts = split_by({"model": np.array(["b", "a", "b"]), "k": np.array([1, 2, 3])}, "model")
    assert {model: part["k"].tolist() for model, part in parts.items()} == {"b": [1, 3], "a": [2]}
    assert list(parts) == ["b", "a"]


def test_what_a_direct_model_only_interpolates_is_left_out() -> None:
    scores = {"model": np.repeat(["mean", "ols", "mlp_direct"], 3), "k": np.tile([1, 2, 3], 3)}
    predictions = {"k": np.array([1, 1, 3, 3]), "t": np.arange(4), "ols": np.zeros(4), "mlp_direct": np.zeros(4)}
    multistep = {"t": np.arange(4), "ols": np.zeros(4)}
    found = as_predicted(scores, predictions, multistep)
    assert [f"{m} {k}" for m, k in zip(found["model"], found["k"], strict=True)] == [
        *("mean 1", "mean 2", "mean 3", "ols 1", "ols 2", "ols 3"),
        *("mlp_direct 1", "mlp_direct 3"),
    ]
