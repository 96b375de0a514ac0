import math
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.artifacts import read_tensors, write_tensors
from stepahead.core.errors import StepaheadError
from stepahead.text.ngram import ngram
from stepahead.text.ngram.ngram import NGram
from stepahead.text.scoring.perplexity import perplexity
from tests.project import ROOT

TIME_MACHINE = ROOT.parent / "shared" / "data" / "timemachine.txt"
PROSE = (
    "the cat sat on the mat and the dog sat on the log; that cat and that dog had had a hat, as had the bat on the mat "
    "while the man sat with his hat and the bat in the hall of the house, and the mat was flat and the man and the cat "
    "were fat, and then they had had a chat"
)
START = "start of text"


class BruteForce:
    """Interpolated modified Kneser–Ney straight from its definition: dictionaries, loops and recursion."""

    def __init__(self, tokens: list[int], order: int, vocab_size: int) -> None:
        self.order, self.vocab_size = order, vocab_size
        self.counts: dict[int, Counter[tuple[int, ...]]] = {}
        for m in range(1, order + 1):
            grams = [tuple(tokens[i : i + m]) for i in range(len(tokens) - m + 1)]
            before = defaultdict(set)
            for i, gram in enumerate(grams):
                before[gram].add(START if i == 0 else tokens[i - 1])
            self.counts[m] = Counter(grams if m == order else {gram: len(b) for gram, b in before.items()})
        self.discounts = {m: self.estimate(list(counts.values())) for m, counts in self.counts.items()}

    @staticmethod
    def estimate(counts: list[int]) -> list[float]:
        n = [counts.count(r) for r in range(5)]
        if n[1] == 0 or n[2] == 0:
            return [0, 0.5, 0.5, 0.5]
        y = n[1] / (n[1] + 2 * n[2])
        if 0 in n[1:]:
            return [0, y, y, y]
        found = [0] + [r - (r + 1) * y * n[r + 1] / n[r] for r in (1, 2, 3)]
        return found if min(found[1:]) > 0 else [0, y, y, y]

    def p(self, history: tuple[int, ...], token: int) -> float:
        m = len(history) + 1
        lower = self.p(history[1:], token) if history else 1 / self.vocab_size
        follow = {gram[-1]: c for gram, c in self.counts[m].items() if gram[:-1] == history}
        if not follow:
            return lower
        d = self.discounts[m]
        c = follow.get(token, 0)
        total = sum(follow.values())
        return (c - d[min(c, 3)]) / total + sum(d[min(c, 3)] for c in follow.values()) / total * lower

    def nll(self, tokens: list[int]) -> list[float]:
        histories = [tuple(tokens[max(i - self.order + 1, 0) : i]) for i in range(len(tokens))]
        return [-math.log(self.p(history, token)) for history, token in zip(histories, tokens, strict=True)]


def fitted(ids: list[int], order: int, vocab_size: int) -> NGram:
    model = NGram(order, vocab_size)
    model.fit(np.array(ids))
    return model


def coded(text: str) -> tuple[list[int], int]:
    vocab = ["<unk>", *sorted(set(PROSE))]
    return [vocab.index(c) if c in vocab else 0 for c in text], len(vocab)


def step_by_step(model: NGram, ids: list[int]) -> list[float]:
    state, scores = model.start(), []
    for token in ids:
        scores.append(-model.log_probs(state)[token])
        state = model.advance(state, np.array([token]))
    return scores


@pytest.mark.parametrize("order", range(1, 7))
def test_agrees_with_brute_force(order: int) -> None:
    ids, vocab_size = coded(PROSE)
    held_out, _ = coded("the hat that had sat on a zebra; the goat")
    model, reference = fitted(ids, order, vocab_size), BruteForce(ids, order, vocab_size)
    np.testing.assert_allclose(model.nll(np.array(held_out)), reference.nll(held_out), rtol=1e-12)
    np.testing.assert_allclose(model.nll(np.array(ids)), reference.nll(ids), rtol=1e-12)


def test_the_small_text_uses_estimated_discounts_and_both_fallbacks() -> None:
    discounts = BruteForce(coded(PROSE)[0], 6, 30).discounts
    assert len(set(discounts[6])) == 4
    assert discounts[5][1] == discounts[5][3] not in (0, 0.5)
    assert BruteForce([0, 0, 1, 0], 1, 4).discounts[1] == [0, 0.5, 0.5, 0.5]


small_texts = st.lists(st.integers(0, 4), min_size=1, max_size=40)


@settings(max_examples=150)
@given(small_texts, small_texts, st.integers(1, 6))
def test_probabilities_sum_to_one_and_agree_however_they_are_asked_for(
    train: list[int], test: list[int], order: int
) -> None:
    model, reference = fitted(train, order, 6), BruteForce(train, order, 6)
    scores = model.nll(np.array(test))
    np.testing.assert_allclose(scores, reference.nll(test), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scores, step_by_step(model, test), rtol=1e-12, atol=1e-12)
    state = model.start()
    for token in [*test, 5]:  # 5 never occurs in train
        probabilities = np.exp(model.log_probs(state))
        assert probabilities.min() > 0
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)
        state = model.advance(state, np.array([token]))


def test_order_1_by_hand() -> None:
    # a three times, b once, of a vocabulary of 4: too few counts of counts, so D = 1/2 and γ = (1/2 + 1/2) / 4
    model = fitted([0, 0, 1, 0], 1, 4)
    np.testing.assert_allclose(
        np.exp(model.log_probs(model.start())), [2.5 / 4 + 1 / 16, 0.5 / 4 + 1 / 16, 1 / 16, 1 / 16], rtol=1e-14
    )


def test_advancing_in_pieces_is_advancing_at_once() -> None:
    ids, vocab_size = coded(PROSE)
    model = fitted(ids, 4, vocab_size)
    pieces = model.advance(model.advance(model.start(), np.array(ids[:2])), np.array(ids[2:9]))
    np.testing.assert_array_equal(pieces, model.advance(model.start(), np.array(ids[:9])))
    assert len(pieces) == 3


def test_the_transition_matrix_holds_every_next_token_distribution() -> None:
    ids, vocab_size = coded(PROSE)
    model = fitted(ids, 2, vocab_size)
    rows = [np.exp(model.log_probs(np.array([token]))) for token in range(vocab_size)]
    np.testing.assert_allclose(model.transition_matrix(), rows, rtol=1e-14)
    with pytest.raises(StepaheadError, match="order 3"):
        fitted(ids, 3, vocab_size).transition_matrix()


def test_a_vocabulary_whose_powers_overflow_64_bits() -> None:
    generator = np.random.default_rng(0)
    words = generator.choice(50_000, 40)
    ids = words[generator.integers(0, 40, 300)].tolist()
    model, reference = fitted(ids, 6, 50_000), BruteForce(ids, 6, 50_000)
    np.testing.assert_allclose(model.nll(np.array(ids[100:160])), reference.nll(ids[100:160]), rtol=1e-12)


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    ids, vocab_size = coded(PROSE)
    model = fitted(ids, 3, vocab_size)
    write_tensors(tmp_path / "model.safetensors", model.weights, {"order": 3, "vocab_size": vocab_size})
    weights, about = read_tensors(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(NGram(**about, weights=weights).nll(np.array(ids)), model.nll(np.array(ids)))


@pytest.mark.parametrize("piece", [1, 7, 40])
def test_a_long_text_is_scored_in_pieces_without_a_seam(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, vocab_size = coded(PROSE)
    model = fitted(ids, 6, vocab_size)
    whole = model.nll(np.array(ids))
    monkeypatch.setattr(ngram, "PIECE", piece)
    np.testing.assert_array_equal(model.nll(np.array(ids)), whole)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.uint64])
def test_ids_of_any_width_count_alike(kind: type[np.integer]) -> None:
    ids, vocab_size = coded(PROSE)
    narrow, model = NGram(6, vocab_size), fitted(ids, 6, vocab_size)
    narrow.fit(np.array(ids, dtype=kind))
    np.testing.assert_array_equal(narrow.nll(np.array(ids, dtype=kind)), model.nll(np.array(ids)))
    state = narrow.advance(narrow.start(), np.array(ids, dtype=kind))
    np.testing.assert_array_equal(state, np.array(ids[-5:]))


@settings(max_examples=60)
@given(small_texts, st.integers(1, 6), st.integers(1, 9), st.sampled_from([5, 100_000]))
def test_a_text_in_pieces_gives_the_same_bytes(ids: list[int], order: int, size: int, vocab_size: int) -> None:
    """Also where the n-grams do not fit 64 bits."""
    whole, pieces = fitted(ids, order, vocab_size), NGram(order, vocab_size)
    pieces.fit_chunks(np.array(ids[start : start + size]) for start in range(0, len(ids), size))
    assert whole.weights.keys() == pieces.weights.keys()
    for name, array in whole.weights.items():
        assert array.tobytes() == pieces.weights[name].tobytes(), name
    np.testing.assert_allclose(whole.nll(np.array(ids)), BruteForce(ids, order, vocab_size).nll(ids), rtol=1e-12)


@pytest.mark.parametrize("wrong", [-1, 3])
def test_an_id_outside_the_vocabulary_is_refused(wrong: int) -> None:
    model = fitted([0, 1, 2], 2, 3)
    for use in (model.fit, model.nll, model.log_probs):
        with pytest.raises(StepaheadError, match=f"token id {wrong} is outside the vocabulary of 3 tokens"):
            use(np.array([wrong]))


def test_an_empty_text_cannot_be_fitted_but_can_be_scored() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    with pytest.raises(StepaheadError, match="n_train = 0"):
        NGram(2, 3).fit(nothing)
    assert fitted([0, 1, 2], 2, 3).nll(nothing).shape == (0,)


def test_the_time_machine_at_order_6() -> None:
    if not TIME_MACHINE.exists():
        pytest.skip(f"{TIME_MACHINE.name} is not in shared/data beside the repository's root")
    text = re.sub("[^A-Za-z]+", " ", TIME_MACHINE.read_text(encoding="utf-8")).lower()
    vocab = {c: i for i, c in enumerate(sorted(set(text)), start=1)}
    ids = np.array([vocab[c] for c in text])
    assert len(ids) == 173_428
    n_train, n_test = 138_742, 17_343
    model = NGram(6, len(vocab) + 1)
    model.fit(ids[:n_train])
    found = perplexity(model.nll(ids[-n_test:]))
    assert found == pytest.approx(3.7836, abs=0.0005)
