import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.errors import StepaheadError
from stepahead.text.tokens import join, normalize, tokenize


def test_letters_keeps_lower_case_letters_and_single_spaces() -> None:
    assert normalize("The Time-Machine,\n\n by H. G. Wells [1898]!", "letters") == "the time machine by h g wells "


def test_unicode_composes_characters_and_keeps_every_script() -> None:
    assert normalize("Cafe\u0301\n\t时间机器", "unicode") == "Café 时间机器"


def test_none_changes_nothing() -> None:
    assert normalize(" a\n\tB ", "none") == " a\n\tB "


@pytest.mark.parametrize(("text", "how"), [("时间 1898", "letters"), (" \n", "unicode"), ("", "none")])
def test_a_text_that_normalises_to_nothing_is_refused(text: str, how: str) -> None:
    with pytest.raises(StepaheadError, match=f"tokens.normalize = {how} leaves nothing"):
        normalize(text, how)


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
