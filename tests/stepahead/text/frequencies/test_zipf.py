"""Frequencies are counted as a Counter counts them, and their exponents are those of a weighted straight line."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepahead.core.artifacts import read_text
from stepahead.text.frequencies import zipf
from stepahead.text.frequencies.stopwords import STOPWORDS
from stepahead.text.frequencies.zipf import described, first_tokens, gram_counts, thinned, zipf_exponent
from stepahead.text.tokens.normalization import normalize
from stepahead.text.tokens.tokens import tokenize
from tests.project import ROOT

STORY = normalize(read_text(ROOT / "data/bundled/the_tide_clock.txt"), "letters")
TOKENS = {"word": STORY.split(), "char": list(STORY)}


def counted(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("kind", TOKENS)
def test_the_storys_exponents_are_those_of_an_independent_fit(kind: str, n: int) -> None:
    types, ids = tokenize(STORY, kind)
    grams = gram_counts(ids, len(types))[n - 1]
    expected = counted(TOKENS[kind], n)
    counts = np.array(sorted(expected.values(), reverse=True))
    np.testing.assert_array_equal(grams.counts, counts)
    assert described(grams, types, kind)["most_frequent"] == [
        ("" if kind == "char" else " ").join(gram) for gram, _ in expected.most_common(10)
    ]
    rank = np.arange(1, len(counts) + 1)
    slope, _ = np.polyfit(np.log10(rank), np.log10(counts), 1, w=rank**-0.5)
    assert zipf_exponent(grams.counts) == pytest.approx(-slope, abs=0.02)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.4])
def test_a_known_exponent_is_found(alpha: float) -> None:
    counts = np.round(1e9 * np.arange(1, 2000) ** -alpha).astype(np.int64)
    assert zipf_exponent(counts) == pytest.approx(alpha, abs=0.001)


def test_a_zipf_source_is_recognised() -> None:
    p = np.arange(1, 501) ** -1.0
    drawn = np.random.default_rng(0).choice(500, 200_000, p=p / p.sum())
    assert zipf_exponent(gram_counts(drawn.astype(np.uint16), 500)[0].counts) == pytest.approx(1, abs=0.02)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_the_most_frequent_come_first_and_ties_as_in_the_text(ids: list[int]) -> None:
    for grams in gram_counts(np.array(ids, np.uint8), 4):
        expected = Counter(zip(*(ids[i:] for i in range(grams.n)), strict=False)).most_common(10)
        assert grams.first == [gram for gram, _ in expected]
        assert grams.counts[:10].tolist() == [count for _, count in expected]


def test_a_tiny_text_has_only_the_n_grams_that_fit() -> None:
    assert [grams.n for grams in gram_counts(np.array([0, 1], np.uint8), 2)] == [1, 2]
    assert gram_counts(np.zeros(0, np.uint8), 1) == []
    assert zipf_exponent(np.array([3])) is None


def test_a_long_text_is_counted_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipf, "MOST", 5)
    chunks = iter([np.array([1, 2, 3], np.uint8), np.array([300, 5, 6], np.uint16), np.array([7], np.uint8)])
    assert first_tokens(chunks).tolist() == [1, 2, 3, 300, 5]
    assert next(chunks).tolist() == [7]  # what is not needed is not read


@pytest.mark.parametrize("n", [1, 2, 59, 10_000])
def test_ranks_are_thinned_evenly_on_a_logarithmic_axis(n: int) -> None:
    ranks = thinned(n).tolist()
    assert (ranks[0], ranks[-1]) == (1, n)
    assert all(b - a == 1 or b / a < 1.3 for a, b in pairwise(ranks))
    assert len(ranks) <= zipf.POINTS


def test_stopwords_are_among_the_most_frequent_words() -> None:
    most = [word for word, _ in Counter(TOKENS["word"]).most_common(20)]
    assert len(STOPWORDS.intersection(most)) >= 15
    assert not STOPWORDS & {"clock", "tide", "keeper", "time"}
