import math

import numpy as np
import pytest

from stepahead.core.artifacts import read_text
from stepahead.text.tokens import spelling
from stepahead.text.tokens.normalization import normalize
from stepahead.text.tokens.spelling import UNICODE, spelling_bits
from stepahead.text.tokens.tokens import lengths, tokenize
from stepahead.text.tokens.vocab import count_tokens, frequent_tokens
from tests.project import ROOT

TEXT = normalize(read_text(ROOT / "data/bundled/the_tide_clock.txt"), "letters")
N_TRAIN = {"char": 10000, "word": 2000}
N_TEST = {"char": 5000, "word": 1000}


def test_a_word_is_spelled_letter_by_letter_with_its_end() -> None:
    types, counts = ["ab", "b", "ba", "ø"], np.array([3, 2, 0, 0])
    bits = spelling_bits(types, counts, np.array([True, True, False, False]), "word")
    # the training span "ab ab ab b b " has 3 a, 5 b and 5 ends: 13 letters of 3 kinds, so p = (n + 1) / 17
    a, b, end, new = 4 / 17, 6 / 17, 6 / 17, 1 / 17 / UNICODE
    unknown = 1 - (a * b * end + b * end)
    assert bits.tolist() == pytest.approx([0, 0, math.log2(unknown / (b * a * end)), math.log2(unknown / (new * end))])


def test_a_character_that_nothing_could_foresee_costs_all_of_unicode() -> None:
    bits = spelling_bits(["a", "b", "时"], np.array([7, 2, 0]), np.array([True, True, False]), "char")
    assert bits.tolist() == pytest.approx([0, 0, math.log2(UNICODE)])


def test_what_can_follow_unk_has_probability_one() -> None:
    bits = spelling_bits(["a", "b", "c", "d"], np.array([9, 4, 1, 0]), np.array([True, False, False, False]), "char")
    assert 2 ** -bits[1] + 2 ** -bits[2] + (UNICODE - 3) * 2 ** -bits[3] == pytest.approx(1, rel=1e-5)


def test_a_piece_of_the_types_is_as_good_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    types, ids = tokenize(TEXT, "word")
    counts, known = count_tokens([ids[:2000]], len(types)), np.arange(len(types)) % 3 > 0
    whole = spelling_bits(types, counts, known, "word")
    monkeypatch.setattr(spelling, "PIECE", 7)
    np.testing.assert_allclose(spelling_bits(types, counts, known, "word"), whole, rtol=1e-12)


def bits_per_char(kind: str, min_freq: int, spelled: bool = True) -> float:
    """Of the test text, by the frequencies that the training text gives to the vocabulary and to `<unk>`."""
    types, ids = tokenize(TEXT, kind)
    train, test = ids[: N_TRAIN[kind]], ids[N_TRAIN[kind] : N_TRAIN[kind] + N_TEST[kind]]
    counts, held_out = (count_tokens([span], len(types)) for span in (train, test))
    vocabulary = frequent_tokens(types, counts, kind, min_freq, [])
    known = np.isin(types, vocabulary)
    tokens = np.append(counts[known], counts[~known].sum()) + 1  # add-one, <unk> last
    bits = -np.log2(tokens / tokens.sum())
    total = bits[:-1] @ held_out[known] + bits[-1] * held_out[~known].sum()
    if spelled:
        total += held_out @ spelling_bits(types, counts, known, kind)
    return float(total / (held_out @ lengths(types, kind)))


def test_where_nothing_is_unknown_nothing_is_spelled() -> None:
    assert bits_per_char("char", 0) == bits_per_char("char", 0, spelled=False)


def test_leaving_characters_out_of_the_vocabulary_gains_nothing() -> None:
    """Letter frequencies know as much of a letter that is spelled as of one that has an index."""
    assert bits_per_char("char", 1000, spelled=False) < 0.4 * bits_per_char("char", 0)
    assert bits_per_char("char", 1000) == pytest.approx(bits_per_char("char", 0), rel=1e-3)


def test_a_smaller_vocabulary_of_words_costs_more_until_all_words_are_letters() -> None:
    found = [bits_per_char("word", min_freq) for min_freq in (2, 5, 20, 100)]
    assert found == sorted(found)
    assert found[-1] == pytest.approx(bits_per_char("char", 0), rel=0.05)
    assert bits_per_char("word", 100, spelled=False) < 0.1
