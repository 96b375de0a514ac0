import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.adaptive import adaptive_nll
from stepahead.text.ngram.ngram import NGram
from stepahead.text.scoring.perplexity import perplexity
from stepahead.text.tokens.normalization import normalize
from stepahead.text.tokens.tokens import tokenize
from tests.project import ROOT

PROSE = (ROOT / "data/bundled/the_tide_clock.txt").read_bytes()
texts = st.lists(st.integers(0, 4), min_size=1, max_size=40)


def fitted_anew(ids: list[int], order: int, vocab_size: int) -> list[float]:
    """The nll of each token by a model fitted on those before it; of the first, nothing is known."""
    scores = [np.log(vocab_size)]
    for t in range(1, len(ids)):
        model = NGram(order, vocab_size)
        model.fit(np.array(ids[:t]))
        scores.append(model.nll(np.array(ids[: t + 1]))[-1])
    return scores


@settings(max_examples=60)
@given(texts, st.integers(1, 6))
def test_is_the_model_fitted_on_all_before_each_token(ids: list[int], order: int) -> None:
    np.testing.assert_allclose(adaptive_nll(np.array(ids), order, 6), fitted_anew(ids, order, 6), rtol=1e-12)


@pytest.mark.parametrize("order", [1, 3, 6])
def test_is_so_on_prose_with_its_estimated_discounts(order: int) -> None:
    ids = np.frombuffer(PROSE, np.uint8)[:600]
    np.testing.assert_allclose(adaptive_nll(ids, order, 256), fitted_anew(ids.tolist(), order, 256), rtol=1e-12)


@settings(max_examples=60)
@given(texts, st.integers(1, 6), st.data())
def test_a_token_is_scored_before_it_is_counted(ids: list[int], order: int, data: st.DataObject) -> None:
    """A change of token t leaves the probability of every token before it, and of every choice for t, as it was."""
    t = data.draw(st.integers(0, len(ids) - 1))
    before = adaptive_nll(np.array([*ids[:t], 5]), order, 6)[:t]
    changed = [adaptive_nll(np.array([*ids[:t], token, *ids[t + 1 :]]), order, 6)[: t + 1] for token in range(6)]
    for scores in changed:
        np.testing.assert_array_equal(scores[:t], before)
    assert sum(np.exp(-scores[t]) for scores in changed) == pytest.approx(1, abs=1e-12)


def test_reading_on_helps_on_prose() -> None:
    ids = np.frombuffer(PROSE, np.uint8)[:12000]
    fixed = NGram(5, 256)
    fixed.fit(ids[:6000])
    assert perplexity(adaptive_nll(ids, 5, 256)[6000:]) < 0.97 * perplexity(fixed.nll(ids)[6000:])


def test_the_default_spans_of_the_story_at_order_6() -> None:
    """A floor of quality: the fixed 6-gram has 5.48 on the test span, one that had counted validation too 5.1."""
    types, ids = tokenize(normalize(PROSE.decode(), "letters"), "char")
    assert perplexity(adaptive_nll(ids[:20_000], 6, len(types) + 1)[15_000:]) < 4.85


def test_an_id_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(StepaheadError, match="token id 3 is outside the vocabulary of 3 tokens"):
        adaptive_nll(np.array([0, 3]), 2, 3)
    assert adaptive_nll(np.zeros(0, np.uint8), 2, 3).shape == (0,)
