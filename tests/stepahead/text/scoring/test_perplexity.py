import math

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.text.scoring.perplexity import bits_per_char, bits_per_token, floor_row, perplexity, score_row


def test_a_model_that_guesses_among_eight_has_perplexity_eight_and_three_bits() -> None:
    nll = np.full(5, math.log(8))
    assert perplexity(nll) == pytest.approx(8, rel=1e-14)
    assert bits_per_token(nll) == pytest.approx(3, rel=1e-14)


def test_every_token_weighs_the_same() -> None:
    nll = np.log([2.0, 2.0, 16.0])  # the geometric mean: (2 · 2 · 16)^(1/3) = 4
    assert perplexity(nll) == pytest.approx(4, rel=1e-14)


def test_float32_input_is_averaged_in_double_precision() -> None:
    nll = np.full(1_000_003, 0.1, dtype=np.float32)
    assert bits_per_token(nll) == pytest.approx(float(np.float32(0.1)) / math.log(2), rel=1e-12)


@pytest.mark.parametrize("score", [perplexity, bits_per_token])
@pytest.mark.parametrize(("nll", "complaint"), [([], "no token"), ([1.0, np.inf], "inf"), ([np.nan], "nan")])
def test_what_is_empty_or_not_finite_is_refused(score, nll, complaint) -> None:
    with pytest.raises(StepaheadError, match=complaint):
        score(np.array(nll))


def test_a_perplexity_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(StepaheadError, match="no finite perplexity"):
        perplexity(np.array([1e4]))


def test_bits_per_character_do_not_depend_on_the_tokens() -> None:
    chars, pairs = np.full(6, math.log(4)), np.full(3, math.log(16))  # the same text, cut more finely or less
    assert bits_per_char(chars, 6, 0) == pytest.approx(bits_per_token(chars)) == pytest.approx(2)
    assert bits_per_char(pairs, 6, 0) == pytest.approx(2)


def test_bits_per_character_include_the_spelling_of_unknown_tokens() -> None:
    known, unknown = np.full(3, math.log(16)), np.full(3, math.log(2))  # the same text; the second says less of it
    assert bits_per_char(unknown, 6, spelling_bits=9) == pytest.approx(bits_per_char(known, 6, spelling_bits=0))


def test_a_row_has_null_where_a_span_is_empty() -> None:
    row = score_row({"train": np.zeros(3), "val": np.zeros(0), "test": np.zeros(0)}, 0, 0)
    assert row == {"train": 1.0, "val": None, "test": None, "bits_per_token": None, "bits_per_char": None}


def test_the_floor_of_a_source_in_all_units() -> None:
    row = floor_row(math.log(2), n_tokens=50, n_characters=100)  # a bit a character, tokens of two
    assert row == {"test": pytest.approx(4), "bits_per_token": pytest.approx(2), "bits_per_char": pytest.approx(1)}
