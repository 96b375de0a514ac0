from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.text.tokens import bpe
from stepahead.text.tokens.encoders import look_up, smallest_unsigned
from stepahead.text.tokens.normalization import normalize_chunks
from stepahead.text.tokens.tokens import check_not_empty, encoder, final_types, join, learn_merges, lengths, tokenize


@pytest.mark.parametrize(("text", "how"), [("时间 1898", "letters"), (" \n", "unicode"), ("", "none")])
def test_a_text_that_normalises_to_nothing_is_refused(text: str, how: str) -> None:
    with pytest.raises(StepaheadError, match=f"tokens.normalize = {how} leaves nothing"):
        check_not_empty(normalize_chunks([text], how), how)


def test_char_types_are_sorted_and_ids_small() -> None:
    types, ids = tokenize("banana", "char")
    assert types == ["a", "b", "n"]
    assert ids.tolist() == [1, 0, 2, 0, 2, 0]
    assert ids.dtype == np.uint8


def test_words_are_split_at_white_space() -> None:
    types, ids = tokenize("the cat  the\nhat", "word")
    assert types == ["cat", "hat", "the"]
    assert ids.tolist() == [2, 0, 2, 1]


@settings(max_examples=50)
@given(st.text(min_size=1))
def test_characters_join_to_the_text_they_came_from(text: str) -> None:
    types, ids = tokenize(text, "char")
    assert join([types[i] for i in ids], "char") == text


PROSE = "the cat sat on the mat, and then the other cat sat on that mat; " * 20
MERGES = bpe.train_merges([PROSE], 300)


@settings(max_examples=50)
@given(st.text(min_size=1))
def test_byte_pairs_join_to_the_text_they_came_from(text: str) -> None:
    types, ids = tokenize(text, "bpe", MERGES)
    assert join([types[i] for i in ids], "bpe") == text


def cut(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def whole(text: str, kind: str) -> tuple[list[str], list[int]]:
    """The types and ids of a text that is in memory as a whole."""
    if kind == "bpe":
        return bpe.token_types(MERGES), bpe._tokenizer(MERGES).encode(text).ids
    tokens = list(text) if kind == "char" else text.split()
    types = sorted(set(tokens))
    return types, [types.index(token) for token in tokens]


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
@settings(max_examples=100)
@given(
    text=st.text(st.one_of(st.sampled_from("the cat' \n\t\x1c\u2003é"), st.characters(codec="utf-8"))),
    size=st.integers(1, 9),
)
def test_chunks_leave_no_trace(kind: str, text: str, size: int) -> None:
    found = encoder(kind, ascii_only=text.isascii(), merges=MERGES)
    numbers = np.concatenate([np.zeros(0, found.dtype), *found.encode(cut(text, size))])
    types, places = final_types(found.types, kind)
    ids = look_up(places, numbers)
    assert (types, ids.tolist()) == whole(text, kind)
    assert ids.dtype == smallest_unsigned(len(types))


@pytest.mark.parametrize("n", [255, 256, 257, 70000])
def test_any_number_of_characters_is_told_apart(n: int) -> None:
    text = "".join(map(chr, range(0x10000, 0x10000 + n)))[::-1]
    types, ids = tokenize(text, "char")
    assert "".join(types) == text[::-1]
    assert ids.tolist() == [*range(n)][::-1]
    assert ids.dtype == smallest_unsigned(n)


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

    def noted(chunks: Iterable[str], vocab_size: int) -> bpe.Merges:
        learnt_from.append("".join(chunks))
        return learn(learnt_from[-1:], vocab_size)

    monkeypatch.setattr(bpe, "train_merges", noted)
    text = PROSE + "xyzzy quux plugh! " * 40
    merges = learn_merges(lambda: cut(text, 7), 300, n_train, n_held_out)
    types, ids = tokenize(text, "bpe", merges)
    span = join([types[i] for i in ids[: n_train if n_train >= 0 else len(ids) - n_held_out]], "bpe")
    assert merges == learn(learnt_from[-1:], 300)
    assert span.startswith(learnt_from[-1])
    assert len(learnt_from[-1]) > len(span) / 2 or n_train == -1


def test_spans_that_leave_nothing_to_learn_from_give_single_bytes() -> None:
    assert learn_merges(lambda: ["ab" * 50], 300, -1, 1000) == []
