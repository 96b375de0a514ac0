"""What it costs to spell out an unknown token, so that bits per character are comparable whatever the vocabulary.

A model that predicts `<unk>` has not said which token stands there; who decodes the text needs its letters too:

    bits(token | unknown) = log2 P(unknown) − Σ log2 p(letter)

p counts the letters of the training span: (n + 1) / (N + V + 1) for each of its V letters, and 1 / (N + V + 1) for a
letter that it does not hold, which then is any of Unicode's 1,114,112 code points. A word ends with one letter more,
the space after it; a byte-pair token with a mark of its own. P(unknown) is the probability that p spells none of the
known types. So the bits of a text, spelling included, are those of a code that could be decoded.
"""

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from stepahead.text.tokens.vocab import Counts

UNICODE = sys.maxunicode + 1
END = UNICODE
"""the letter after the last one of a word or a byte-pair token; no character has this number"""

PIECE = 2**14
"""types whose letters are in memory at a time"""


def spelling_bits(
    types: Sequence[str], counts: Counts, known: npt.NDArray[np.bool_], kind: str
) -> npt.NDArray[np.float64]:
    """Bits to spell a token of each type (len(types),); 0 for those that are `known` (len(types),).

    Args:
        counts: how often each type occurs in the training span (len(types),).
    """
    n = np.zeros(END + 1)
    for piece, letters, of_type in _letters(types, kind):
        n += np.bincount(letters, counts[piece][of_type], END + 1)
    p = np.where(n > 0, n + 1, 1 / UNICODE) / (n.sum() + np.count_nonzero(n) + 1)
    of_letter, bits = -np.log2(p), np.zeros(len(types))
    for piece, letters, of_type in _letters(types, kind):
        bits[piece] = np.bincount(of_type, of_letter[letters])
    return np.where(known, 0, bits + np.log2(1 - np.exp2(-bits[known]).sum()))


def _letters(
    types: Sequence[str], kind: str
) -> Iterator[tuple[slice, npt.NDArray[np.integer], npt.NDArray[np.integer]]]:
    """The types a piece after the other: which they are, their letters, and which of the piece each letter is of."""
    end = "" if kind == "char" else " "
    for start in range(0, len(types), PIECE):
        piece = [token + end for token in types[start : start + PIECE]]
        letters = np.frombuffer("".join(piece).encode("utf-32-le", "surrogatepass"), "<u4").copy()
        lengths = np.array([len(token) for token in piece])
        if end:
            letters[np.cumsum(lengths) - 1] = END
        yield slice(start, start + len(piece)), letters, np.repeat(np.arange(len(piece)), lengths)
