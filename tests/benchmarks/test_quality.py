"""Which stages a recipe's row needs."""

import pytest

from benchmarks.quality import training_stages


@pytest.mark.parametrize(
    ("model", "stages"),
    [
        ("lstm", ["train_rnn@lstm"]),
        ("ngram_6", ["train_ngram"]),
        ("adaptive_ngram_6", ["train_ngram"]),
        ("ensemble", ["train_rnn@gru", "train_rnn@lstm"]),
        ("adaptive_mixture", ["train_ngram", "train_rnn@gru", "train_rnn@lstm"]),
    ],
)
def test_a_model_takes_the_stages_that_train_it(model: str, stages: list[str]) -> None:
    assert training_stages(model, ["tokenize", "train_ngram", "train_rnn@gru", "train_rnn@lstm"]) == stages
