"""Characters as numbers, whatever the length of the text."""

import sys
from collections.abc import Iterable, Iterator

import numpy as np

from stepahead.text.language_model import Ids
from stepahead.text.numbering import look_up


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
