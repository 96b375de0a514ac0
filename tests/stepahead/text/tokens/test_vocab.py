import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.text.tokens import bpe
from stepahead.text.tokens.tokens import tokenize
from stepahead.text.tokens.vocab import Vocabulary, count_tokens, frequent_tokens, split_spans


def vocabulary(text: str, min_freq: int = 0, reserved: tuple[str, ...] = ()) -> Vocabulary:
    types, ids = tokenize(text, "word")
    return Vocabulary(
        frequent_tokens(types, count_tokens([ids], len(types)), "word", min_freq, reserved), "word", "none"
    )


def test_order_is_unk_reserved_then_by_frequency_then_alphabetical() -> None:
    built = vocabulary("b a c b d c b", reserved=("<pad>",))
    assert list(built.tokens) == ["<unk>", "<pad>", "b", "c", "a", "d"]


def test_counts_add_up_over_chunks() -> None:
    chunks = [np.array([0, 2, 2], np.uint8), np.array([2, 1], np.uint8)]
    assert count_tokens(chunks, 4).tolist() == [1, 1, 3, 0]
    assert count_tokens([], 2).tolist() == [0, 0]


def test_rare_tokens_become_unk() -> None:
    types, ids = tokenize("b a c b d c b", "word")
    built = Vocabulary(frequent_tokens(types, count_tokens([ids], len(types)), "word", 2, []), "word", "none")
    assert list(built.tokens) == ["<unk>", "b", "c"]
    assert built.encode(types, ids).tolist() == [1, 0, 2, 1, 0, 2, 1]


def test_only_the_training_span_is_counted() -> None:
    types, ids = tokenize("aaab zz", "char")
    built = Vocabulary(frequent_tokens(types, count_tokens([ids[:4]], len(types)), "char", 0, []), "char", "none")
    assert list(built.tokens) == ["<unk>", "a", "b"]
    assert built.encode(types, ids).tolist() == [1, 1, 1, 2, 0, 0, 0]


def test_a_reserved_token_in_the_text_has_one_index() -> None:
    built = vocabulary("<pad> a <pad>", reserved=("<pad>",))
    assert list(built.tokens) == ["<unk>", "<pad>", "a"]


def test_text_is_encoded_and_decoded() -> None:
    built = vocabulary("the cat sat")
    assert built.decode(built.encode_text("sat the dog").tolist()) == "sat the <unk>"


def test_min_freq_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(StepaheadError, match=r"vocab.min_freq = 5 leaves no token; the most frequent occurs 3 times"):
        vocabulary("b a c b d c b", min_freq=5)


def test_unk_cannot_be_reserved() -> None:
    with pytest.raises(StepaheadError, match=r"vocab.reserved"):
        vocabulary("a", reserved=("<unk>",))


def test_spans_follow_each_other() -> None:
    assert split_spans(10, 5, 2, 1) == {"train": range(5), "val": range(5, 7), "test": range(7, 8)}


def test_minus_one_trains_on_all_that_val_and_test_leave() -> None:
    spans = split_spans(10, -1, 2, 1)
    assert [len(span) for span in spans.values()] == [7, 2, 1]


@pytest.mark.parametrize("n_train", [8, -1])
def test_spans_longer_than_the_text_are_refused(n_train: int) -> None:
    with pytest.raises(StepaheadError, match=f"tokens.n_train = {n_train}, .*has 10; lower them"):
        split_spans(10, n_train, 5, 5)


MERGES = bpe.train_merges(["the cat sat on the mat and the hat " * 9], 280)
TYPES = bpe.token_types(MERGES)
BYTES = Vocabulary(frequent_tokens(TYPES, np.zeros(len(TYPES), np.int64), "bpe", 0, ["<pad>"]), "bpe", "none", MERGES)


def test_every_byte_pair_token_is_known_whether_it_occurs_or_not() -> None:
    assert set(BYTES.tokens) == {"<unk>", "<pad>", *TYPES}


@settings(max_examples=50)
@given(st.text())
def test_any_text_survives_byte_pairs_and_comes_out_of_a_stream_whole(text: str) -> None:
    ids = BYTES.encode_text(text)
    assert 0 not in ids
    assert BYTES.decode(ids.tolist()) == text
    assert "".join(BYTES.stream(ids.tolist())) == text


def test_a_character_cut_off_at_the_end_of_a_stream_is_replaced() -> None:
    ids = BYTES.encode_text("a时").tolist()[:-1]
    assert "".join(BYTES.stream(ids)) == "a\ufffd"


def test_a_stream_of_words_goes_on_after_a_space() -> None:
    built = vocabulary("the cat sat")
    assert "the" + "".join(built.stream(built.encode_text("cat sat").tolist())) == "the cat sat"


def test_text_is_normalised_as_the_corpus_was() -> None:
    types, ids = tokenize("the time", "char")
    built = Vocabulary(frequent_tokens(types, count_tokens([ids], len(types)), "char", 0, []), "char", "letters")
    assert built.decode(built.encode_text("The-Time").tolist()) == "the time"
    assert built.encode_text("").tolist() == []


def test_a_prefix_with_unknown_characters_is_refused_with_their_names() -> None:
    types, ids = tokenize("the time", "char")
    built = Vocabulary(frequent_tokens(types, count_tokens([ids], len(types)), "char", 0, []), "char", "none")
    assert built.encode_prefix("the", "--prefix", "").tolist() == built.encode_text("the").tolist()
    with pytest.raises(StepaheadError) as caught:
        built.encode_prefix("时 them x", "--prefix", "add --allow-unknown")
    assert str(caught.value) == (
        "--prefix = '时 them x' holds what the training span does not: 'x', '时'; leave it out, or add "
        "--allow-unknown to continue it as <unk>"
    )


def test_spans_may_be_empty_where_nothing_is_held_out() -> None:
    spans = split_spans(11, 11, 0, 0)
    assert [len(span) for span in spans.values()] == [11, 0, 0]


@pytest.mark.parametrize(("kind", "normalize"), [("syllable", "none"), (None, "none"), ("char", "upper"), ("char", [])])
def test_a_vocabulary_of_no_known_tokens_is_refused(kind: str, normalize: str) -> None:
    with pytest.raises(ValueError, match="there are no"):
        Vocabulary(("<unk>", "a"), kind, normalize)
