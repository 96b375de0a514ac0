"""A text in the form that is tokenized, made chunk by chunk, so that a text of any length fits into memory.

Where a chunk ends must not show in the result: the forms below say how each sees to it.
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np

NORMALIZATIONS = ("letters", "unicode", "none")

_SPACE = ord(" ")
_LOWER_CASE = bytes(ord(chr(code).lower()) if chr(code) in string.ascii_letters else _SPACE for code in range(256))
_LAST_WORD_END = re.compile(r".*\S(?=[ \n])", re.DOTALL)


def normalize(text: str, how: str) -> str:
    """The text in the form that is tokenized; `normalize_chunks` says what it is."""
    return "".join(normalize_chunks([text], how))


def normalize_chunks(chunks: Iterable[str], how: str) -> Iterator[str]:
    """The text that `chunks` make up, in the form that is tokenized, again in chunks.

    `letters` is the book's (d2l 9.2): A–Z in lower case, every run of anything else one space. `unicode` composes
    characters (NFC) and makes every run of white space one space. `none` leaves the text alone.
    """
    if how == "letters":
        return _letters(chunks)
    if how == "unicode":
        # neither a composed character nor a run of white space goes on from one piece to the next
        return (re.sub(r"\s+", " ", unicodedata.normalize("NFC", piece)) for piece in whole_words(chunks))
    return filter(None, chunks)


def whole_words(chunks: Iterable[str]) -> Iterator[str]:
    """The text of `chunks` cut elsewhere: after a word's last character, before the space or line feed that follows.

    A text without these comes as one piece.
    """
    begun: list[str] = []
    for chunk in chunks:
        end = _LAST_WORD_END.match(chunk)
        if end:
            yield "".join([*begun, end[0]])
            begun = []
        begun.append(chunk[end.end() :] if end else chunk)
    if any(begun):
        yield "".join(begun)


def _letters(chunks: Iterable[str]) -> Iterator[str]:
    after_space = False  # whether the chunk before ended with one
    for chunk in filter(None, chunks):
        # one byte a character, "?" for what is not ASCII, which becomes a space like all that is no letter
        text = np.frombuffer(chunk.encode("ascii", "replace").translate(_LOWER_CASE), np.uint8)
        letter = text != _SPACE
        keep = letter.copy()
        keep[1:] |= letter[:-1]
        keep[0] |= not after_space
        yield text[keep].tobytes().decode("ascii")
        after_space = not letter[-1]
