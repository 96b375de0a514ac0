"""The network that fills gaps sees both sides and never the gap itself."""

import numpy as np
import pytest
import torch

from benchmarks.gaps import Bidirectional, ngram_log_probs, refusal
from stepahead.text.ngram.ngram import NGram
from stepahead.text.rnn.architecture import Architecture

SIZE, STEPS = 5, 9


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_prediction_depends_on_every_token_but_its_own(cell: str, layers: int) -> None:
    network = Bidirectional(Architecture(cell, SIZE, 4, layers), torch.Generator().manual_seed(0), torch.device("cpu"))
    ids = torch.arange(STEPS)[:, None] % SIZE

    def logits(tokens: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return network.readout(network.hidden(tokens, network.initial_state(1))[0])[:, 0]

    before = logits(ids)
    for changed in range(STEPS):
        other = ids.clone()
        other[changed] = (other[changed] + 1) % SIZE
        same = (logits(other) == before).all(-1)
        # row t predicts token t + 1; the last row predicts the one after the text
        assert same.tolist() == [row + 1 == changed for row in range(STEPS)]


def test_the_n_gram_fills_a_gap_by_bayes_rule() -> None:
    ids = np.random.default_rng(0).integers(0, 3, 40)
    model = NGram(3, 3)
    model.fit(ids)
    left, both = ngram_log_probs(model, ids)
    nll = model.nll(ids)
    for row, gap in enumerate(range(2, len(ids) - 2)):
        np.testing.assert_allclose(-left[row, ids[gap]], nll[gap])
        texts = [np.concatenate([ids[:gap], [token], ids[gap + 1 :]]) for token in range(3)]
        of_texts = np.array([-model.nll(text).sum() for text in texts])
        np.testing.assert_allclose(both[row], of_texts - np.logaddexp.reduce(of_texts), atol=1e-9)


def test_it_is_no_language_model() -> None:
    assert "cannot be a language model" in refusal(SIZE)
