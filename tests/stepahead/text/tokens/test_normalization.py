import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.text.tokens.normalization import NORMALIZATIONS, normalize, normalize_chunks, whole_words

# what could be cut in the wrong place: white space of all kinds, marks and jamo that compose
TRICKY = st.text(st.one_of(st.sampled_from("aZ \n\t\x1c\u2003\u0301\u0327\u1112\u1161\u11abéK🕰"), st.characters()))
SIZES = st.integers(1, 5)


def chunks(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


def whole(text: str, how: str) -> str:
    if how == "letters":
        return re.sub("[^A-Za-z]+", " ", text).lower()
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)) if how == "unicode" else text


def test_letters_keeps_lower_case_letters_and_single_spaces() -> None:
    assert normalize("The Time-Machine,\n\n by H. G. Wells [1898]!", "letters") == "the time machine by h g wells "


def test_unicode_composes_characters_and_keeps_every_script() -> None:
    assert normalize("Cafe\u0301\n\t时间机器", "unicode") == "Café 时间机器"


def test_none_changes_nothing() -> None:
    assert normalize(" a\n\tB ", "none") == " a\n\tB "


@pytest.mark.parametrize("how", NORMALIZATIONS)
@settings(max_examples=200)
@given(text=TRICKY, size=SIZES)
def test_chunks_leave_no_trace(how: str, text: str, size: int) -> None:
    assert "".join(normalize_chunks(chunks(text, size), how)) == whole(text, how)


@settings(max_examples=100)
@given(TRICKY, SIZES)
def test_pieces_end_with_a_word_and_begin_with_the_space_after_it(text: str, size: int) -> None:
    pieces = list(whole_words(chunks(text, size)))
    assert "".join(pieces) == text
    assert all(piece[0] in " \n" for piece in pieces[1:])
    assert not any(piece[-1].isspace() for piece in pieces[:-1])


def test_pieces_are_as_short_as_the_chunks_allow() -> None:
    assert list(whole_words(["the ca", "t  s", "at on"])) == ["the", " cat", "  sat", " on"]
