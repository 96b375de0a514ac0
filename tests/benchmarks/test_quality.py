"""Which stages a recipe's row needs."""

import pytest

from benchmarks.quality import training_stages


@pytest.mark.parametrize(
    ("model", "stages"),
    [
        ("lstm", ["train_rnn@lstm"]),
        ("ngram_6", ["train_ngram"]),
        ("mixture", ["train_rnn@lstm", "train_ngram"]),
    ],
)
def test_a_model_takes_the_stages_that_train_it(model: str, stages: list[str]) -> None:
    assert training_stages(model, {"neural": "lstm"}) == stages
