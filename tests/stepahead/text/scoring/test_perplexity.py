import math

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.ngram import NGram
from stepahead.text.scoring.perplexity import (
    bits_per_char,
    bits_per_token,
    floor_row,
    perplexity,
    perplexity_metrics,
    score,
    score_row,
    seeds_row,
)


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


def test_a_span_is_scored_after_the_end_of_the_one_before() -> None:
    ids = np.random.default_rng(0).integers(0, 4, 300).astype(np.uint8)
    model = NGram(3, 4)
    model.fit(ids[:200])
    spans = dict(zip(("train", "val", "test"), np.split(ids, [200, 201]), strict=True))
    whole = model.nll(ids)
    found = score(model, spans, warmup=2)  # as many as a 3-gram looks back, so the spans run on without a seam
    np.testing.assert_array_equal(np.concatenate([*found.values()]), whole)
    np.testing.assert_array_equal(score(model, spans, warmup=0)["test"], model.nll(spans["test"]))
    assert found["test"][0] != model.nll(spans["test"])[0]


def test_the_training_span_is_not_copied() -> None:
    train = np.zeros(1000, np.uint8)

    class Model:
        def nll(self, ids: np.ndarray) -> np.ndarray:
            assert len(ids) < 1000 or ids is train
            return np.zeros(len(ids))

    found = score(Model(), {"train": train, "val": train[:5], "test": train[:0]}, warmup=100)
    assert {span: len(nll) for span, nll in found.items()} == {"train": 1000, "val": 5, "test": 0}


def test_seeds_are_averaged_with_their_spread() -> None:
    rows = [{"book": 1.0, "test": 4.0, "val": None}, {"book": 1.0, "test": 6.0, "val": None}]
    spread = {"book_std": 0.0, "test_std": pytest.approx(2**0.5), "val_std": None}
    assert seeds_row(rows) == {"book": 1.0, "test": 5.0, "val": None, **spread}
    assert seeds_row(rows[:1]) == {**rows[0], "book_std": None, "test_std": None, "val_std": None}


def test_metrics_hold_the_books_figure_and_the_held_out_spans() -> None:
    gru, counted = {"book": 1.1, "train": 4.0, "val": 7.0, "test": 8.0}, {"train": 2.0, "val": 5.0, "test": 6.0}
    found = perplexity_metrics({"gru": gru, "ngram_2": counted, "floor": {"test": 3.0}})
    assert found == {"gru": {"train": 1.1, "val": 7.0, "test": 8.0}, "ngram_2": {"val": 5.0, "test": 6.0}, "floor": 3.0}
    assert perplexity_metrics({"ngram_2": {"train": 2.0, "val": None, "test": None}}) == {"ngram_2": {"train": 2.0}}


def test_metrics_leave_shorter_ngrams_and_parts_of_the_mixtures_to_the_table() -> None:
    names = ["gru", "ngram_1", "ngram_6", "ensemble", "adaptive_ngram_6", "mixture", "adaptive_mixture"]
    found = perplexity_metrics({name: {"book": None, "val": 5.0, "test": 6.0} for name in names})
    assert list(found) == ["gru", "ngram_6", "mixture", "adaptive_mixture"]


def test_the_floor_of_a_source_in_all_units() -> None:
    row = floor_row(math.log(2), n_tokens=50, n_characters=100)  # a bit a character, tokens of two
    assert row == {"test": pytest.approx(4), "bits_per_token": pytest.approx(2), "bits_per_char": pytest.approx(1)}
