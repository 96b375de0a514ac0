import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.errors import StepaheadError
from stepahead.text import bpe
from stepahead.text.tokens import check_not_empty, join, learn_merges, lengths, normalize, tokenize


def test_letters_keeps_lower_case_letters_and_single_spaces() -> None:
    assert normalize("The Time-Machine,\n\n by H. G. Wells [1898]!", "letters") == "the time machine by h g wells "


def test_unicode_composes_characters_and_keeps_every_script() -> None:
    assert normalize("Cafe\u0301\n\t时间机器", "unicode") == "Café 时间机器"


def test_none_changes_nothing() -> None:
    assert normalize(" a\n\tB ", "none") == " a\n\tB "


@pytest.mark.parametrize(("text", "how"), [("时间 1898", "letters"), (" \n", "unicode"), ("", "none")])
def test_a_text_that_normalises_to_nothing_is_refused(text: str, how: str) -> None:
    with pytest.raises(StepaheadError, match=f"tokens.normalize = {how} leaves nothing"):
        check_not_empty(normalize(text, how), how)


def test_char_types_are_sorted_and_ids_small() -> None:
    types, ids = tokenize("banana", "char")
    assert types == ["a", "b", "n"]
    assert ids.tolist() == [1, 0, 2, 0, 2, 0]
    assert ids.dtype == np.uint8


def test_words_are_split_at_white_space() -> None:
    types, ids = tokenize("the cat  the\nhat", "word")
    assert types == ["cat", "hat", "the"]
    assert ids.tolist() == [2, 0, 2, 1]


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1))
def test_characters_join_to_the_text_they_came_from(text: str) -> None:
    types, ids = tokenize(text, "char")
    assert join([types[i] for i in ids], "char") == text


PROSE = "the cat sat on the mat, and then the other cat sat on that mat; " * 20
MERGES = bpe.train_merges(PROSE, 300)


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1))
def test_byte_pairs_join_to_the_text_they_came_from(text: str) -> None:
    types, ids = tokenize(normalize(text, "none"), "bpe", MERGES)
    assert join([types[i] for i in ids], "bpe") == text


@pytest.mark.parametrize("text", ["\0\x1b[31m\r\n\t  é 时间机器 🕰", PROSE, "Ġ <unk>"])
@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_the_lengths_of_tokens_add_up_to_the_text(kind: str, text: str) -> None:
    types, ids = tokenize(text, kind, MERGES)
    assert join([types[i] for i in ids], kind) == text
    assert lengths(types, kind)[ids].sum() == len(text)


def test_a_words_length_counts_the_space_after_it() -> None:
    types, ids = tokenize("the cat  the\nhat", "word")
    assert lengths(types, "word")[ids].sum() == len("the cat the hat ")


@pytest.mark.parametrize(("n_train", "n_held_out"), [(400, 300), (60, 300), (-1, 300), (-1, 900)])
def test_merges_are_learnt_from_the_training_span_alone(
    n_train: int, n_held_out: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, learnt_from = bpe.train_merges, list[str]()

    def noted(text: str, vocab_size: int) -> bpe.Merges:
        learnt_from.append(text)
        return learn(text, vocab_size)

    monkeypatch.setattr(bpe, "train_merges", noted)
    text = PROSE + "xyzzy quux plugh! " * 40
    merges = learn_merges(text, 300, n_train, n_held_out)
    types, ids = tokenize(text, "bpe", merges)
    span = join([types[i] for i in ids[: n_train if n_train >= 0 else len(ids) - n_held_out]], "bpe")
    assert merges == learn(learnt_from[-1], 300)
    assert span.startswith(learnt_from[-1])
    assert len(learnt_from[-1]) > len(span) / 2 or n_train == -1


def test_spans_that_leave_nothing_to_learn_from_give_single_bytes() -> None:
    assert learn_merges("ab" * 50, 300, -1, 1000) == []
