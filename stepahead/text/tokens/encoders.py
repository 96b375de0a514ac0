"""Characters and words as numbers, from 0 on, in the smallest type that holds them, whatever the length of the text.

A dict of words needs an object of every word first, which is slow. Most words of a text are short and have been seen
before, so a table in front of the dict answers for these, many at once:

    text     ␣the␣cats␣sat␣
    keys     the␣  cats␣  sat␣    a word's first 16 bytes; the space ends it, what follows is made zero
    slots    hash(key)            the row of the table to look in: if the key stands there, so does the word's number

A word that the table does not hold goes through the dict, and then the table holds it; one longer than 15 bytes goes
through the dict always.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from stepahead.core.artifacts import Ids
from stepahead.text.tokens.normalization import whole_words

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

_SPACE = ord(" ")
_WHITE = bytes.maketrans(b"\t\n\v\f\r\x1c\x1d\x1e\x1f", b" " * 9)  # all the white space of ASCII
_LONGEST = 15  # bytes: with the space after it a word fits into two numbers of eight
_SLOT_BITS = 16
_FACTORS = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F  # odd, and their bits look random
# entry n keeps the first n bytes of a key: of its first number, and of its second
_KEPT = [(np.arange(part, part + 8) < np.arange(17)[:, None]).astype(np.uint8) * 255 for part in (0, 8)]
_LOW_KEPT, _HIGH_KEPT = (np.ascontiguousarray(kept).view("<u8")[:, 0] for kept in _KEPT)


def smallest_unsigned(size: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned integer type that can index `size` things."""
    return np.dtype(np.min_scalar_type(max(size - 1, 0)))


def in_order(types: Sequence[str]) -> tuple[list[str], Ids]:
    """The types sorted, and where each of `types` now stands (len(types),)."""
    order = sorted(range(len(types)), key=types.__getitem__)
    places = np.zeros(len(types), smallest_unsigned(len(types)))
    places[order] = np.arange(len(types))
    return [types[i] for i in order], places


def look_up(table: Ids, ids: Ids) -> Ids:
    """`table[ids]`, for single bytes in half the time."""
    if table.dtype == ids.dtype == np.uint8:
        return np.frombuffer(ids.tobytes().translate(table.tobytes().ljust(256, b"\0")), np.uint8)
    return table[ids]


class Characters:
    """Numbers characters in the order in which they are met (those of one chunk by their code points).

    A text known to be ASCII takes one byte a character on the way, any other text four.
    """

    def __init__(self, ascii_only: bool) -> None:
        self.types: list[str] = []
        self.dtype: np.dtype[np.unsignedinteger] = np.dtype(np.uint8 if ascii_only else np.uint32)
        self._encoding = "ascii" if ascii_only else "utf-32-le"
        self._unmet = 2 ** (8 * self.dtype.itemsize) - 1
        self._numbers = np.full(256 if ascii_only else sys.maxunicode + 1, self._unmet, self.dtype)  # by code point

    def encode(self, chunks: Iterable[str]) -> Iterator[Ids]:
        """The number of each character, an array a chunk."""
        for chunk in filter(None, chunks):
            codes = np.frombuffer(chunk.encode(self._encoding, "surrogatepass"), self.dtype)
            ids = look_up(self._numbers, codes)
            if ids.max() == self._unmet:
                self._meet(np.unique(codes[ids == self._unmet]))
                ids = look_up(self._numbers, codes)
            yield ids

    def _meet(self, codes: Ids) -> None:
        self._numbers[codes] = np.arange(len(codes)) + len(self.types)
        self.types += map(chr, codes.tolist())


class Words:
    """Numbers the words between white space in the order in which they are met."""

    def __init__(self) -> None:
        self.dtype: np.dtype[np.unsignedinteger] = np.dtype(np.uint32)
        self._numbers: dict[bytes, int] = {}
        # the table's columns: a key's two numbers (none is zero, which marks a free row) and the word's
        self._low, self._high = (np.zeros(2**_SLOT_BITS, np.uint64) for _ in range(2))
        self._number = np.zeros(2**_SLOT_BITS, self.dtype)

    @property
    def types(self) -> list[str]:
        return [word.decode("utf-8", "surrogatepass") for word in self._numbers]

    def encode(self, chunks: Iterable[str]) -> Iterator[Ids]:
        """The number of each word, an array a chunk."""
        for piece in whole_words(chunks):
            spaced = piece if piece.isascii() else " ".join(piece.split())
            text = spaced.encode("utf-8", "surrogatepass").translate(_WHITE)
            yield self._encode(b" " + text + b" " * (_LONGEST + 1))

    def _encode(self, text: bytes) -> Ids:
        starts, ends = _bounds(text)
        low, high = _keys(text, starts, ends)
        slots = ((low * _FACTORS[0] + high * _FACTORS[1]) >> np.uint64(64 - _SLOT_BITS)).astype(np.intp)
        ids: Ids = self._number[slots]
        short = ends - starts <= _LONGEST
        missed = np.flatnonzero((self._low[slots] != low) | (self._high[slots] != high) | ~short)
        bounds = zip(starts[missed].tolist(), ends[missed].tolist(), strict=True)
        ids[missed] = [self._numbers.setdefault(text[start:end], len(self._numbers)) for start, end in bounds]
        new = missed[short[missed]]
        for column, values in ((self._low, low), (self._high, high), (self._number, ids)):
            column[slots[new]] = values[new]  # of several for the same row the last one stays
        return ids


def _bounds(text: bytes) -> tuple[Places, Places]:
    """Where each word starts (N,), and where the space after it stands (N,)."""
    space = np.frombuffer(text, np.uint8) == _SPACE
    edges = np.flatnonzero(space[1:] != space[:-1]) + 1
    return edges[::2].copy(), edges[1::2].copy()


def _keys(text: bytes, starts: Places, ends: Places) -> tuple[Numbers, Numbers]:
    """The two numbers of each word's key (N,)."""
    eight = np.ndarray(len(text) - 7, "<u8", text, strides=(1,))  # the eight bytes from each place on, as a number
    kept = np.minimum(ends - starts + 1, _LONGEST + 1)
    return eight[starts] & _LOW_KEPT[kept], eight[starts + 8] & _HIGH_KEPT[kept]
