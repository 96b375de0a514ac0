"""Text normalised and split into tokens, each stored as the index of its type."""

import re
import unicodedata

import numpy as np
import numpy.typing as npt

from stepahead.errors import StepaheadError

Ids = npt.NDArray[np.unsignedinteger]

NORMALIZATIONS = ("letters", "unicode", "none")
KINDS = ("char", "word")


def normalize(text: str, how: str) -> str:
    """The text in the form that is tokenized.

    `letters` is the book's (d2l 9.2): A–Z in lower case, every run of anything else one space. `unicode` composes
    characters (NFC) and makes every run of white space one space. `none` leaves the text alone.

    Raises:
        StepaheadError: nothing is left.
    """
    if how == "letters":
        normalized = re.sub("[^A-Za-z]+", " ", text).lower()
    elif how == "unicode":
        normalized = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    else:
        normalized = text
    if not normalized.strip():
        raise StepaheadError(
            f"tokens.normalize = {how} leaves nothing of this corpus (corpus.name); use unicode, or another corpus"
        )
    return normalized


def tokenize(text: str, kind: str) -> tuple[list[str], Ids]:
    """Split into `char` or white-space separated `word` tokens: the sorted types, and each token's type (N,)."""
    if kind == "char":
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)  # (N,)
        present = np.flatnonzero(np.bincount(codes))
        type_of_code = np.zeros(int(present[-1]) + 1, dtype=smallest_unsigned(len(present)))
        type_of_code[present] = np.arange(len(present))
        return [chr(code) for code in present], type_of_code[codes]
    words = text.split()
    types = sorted(set(words))
    index = {word: i for i, word in enumerate(types)}
    return types, np.fromiter((index[word] for word in words), smallest_unsigned(len(types)), len(words))


def smallest_unsigned(size: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned integer type that can index `size` things."""
    return np.dtype(np.min_scalar_type(max(size - 1, 0)))


def join(tokens: list[str], kind: str) -> str:
    """Tokens back to text."""
    return ("" if kind == "char" else " ").join(tokens)
