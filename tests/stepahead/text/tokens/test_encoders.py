import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.text.tokens import encoders
from stepahead.text.tokens.encoders import Words


def check(text: str, size: int) -> None:
    words = Words()
    ids = [i for chunk in words.encode(text[at : at + size] for at in range(0, len(text), size)) for i in chunk]
    assert [words.types[i] for i in ids] == text.split()
    assert words.types == list(dict.fromkeys(text.split()))


@pytest.mark.parametrize("slot_bits", [1, 16])
@settings(max_examples=200)
@given(text=st.text(st.one_of(st.sampled_from("ab\0 \n\t\x1c\u2003é"), st.characters())), size=st.integers(1, 9))
def test_every_word_has_its_number(slot_bits: int, text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(encoders, "_SLOT_BITS", slot_bits)  # two rows: words fight for them
        check(text, size)


@pytest.mark.parametrize("length", range(6, 20))
def test_words_that_differ_in_their_last_byte_or_in_length(length: int) -> None:
    word = "abcdefghijklmnopqrst"[:length]
    check(f"{word} {word[:-1]}! {word[:-1]}\0 {word[:-1]} {word}x {word}\0 " * 3, 50)
