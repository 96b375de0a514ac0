"""Text normalised and split into tokens, each stored as the index of its type."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stepahead.errors import StepaheadError
from stepahead.text import bpe
from stepahead.text.language_model import Ids

NORMALIZATIONS = ("letters", "unicode", "none")
KINDS = ("char", "word", "bpe")


def normalize(text: str, how: str) -> str:
    """The text in the form that is tokenized.

    `letters` is the book's (d2l 9.2): A–Z in lower case, every run of anything else one space. `unicode` composes
    characters (NFC) and makes every run of white space one space. `none` leaves the text alone.
    """
    if how == "letters":
        return re.sub("[^A-Za-z]+", " ", text).lower()
    if how == "unicode":
        return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    return text


def check_not_empty(normalized: str, how: str) -> None:
    """Raise StepaheadError where normalising left nothing but white space."""
    if not normalized.strip():
        raise StepaheadError(
            f"tokens.normalize = {how} leaves nothing of this corpus (corpus.name); use unicode, or another corpus"
        )


def tokenize(text: str, kind: str, merges: bpe.Merges = ()) -> tuple[list[str], Ids]:
    """Split into `char`, white-space separated `word` or `bpe` tokens: the types, and each token's type (N,).

    The types are those of the text, sorted; with `bpe` all that the merges make.
    """
    if kind == "char":
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)  # (N,)
        present = np.flatnonzero(np.bincount(codes))
        type_of_code = np.zeros(int(present[-1]) + 1, dtype=smallest_unsigned(len(present)))
        type_of_code[present] = np.arange(len(present))
        return [chr(code) for code in present], type_of_code[codes]
    if kind == "bpe":
        types = bpe.token_types(merges)
        return types, bpe.encode(text, merges).astype(smallest_unsigned(len(types)))
    words = text.split()
    types = sorted(set(words))
    index = {word: i for i, word in enumerate(types)}
    return types, np.fromiter((index[word] for word in words), smallest_unsigned(len(types)), len(words))


def lengths(types: Sequence[str], kind: str) -> npt.NDArray[np.int64]:
    """How many characters of the text each type takes up (len(types),), a word with the space after it."""
    if kind == "bpe":
        return np.array([bpe.n_characters(token) for token in types])
    return np.array([len(token) + (kind == "word") for token in types])


def smallest_unsigned(size: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned integer type that can index `size` things."""
    return np.dtype(np.min_scalar_type(max(size - 1, 0)))


def join(tokens: Sequence[str], kind: str) -> str:
    """Tokens back to text; where `bpe` tokens end within a character, the replacement character stands for it."""
    if kind == "bpe":
        return b"".join(map(bpe.to_bytes, tokens)).decode("utf-8", "replace")
    return ("" if kind == "char" else " ").join(tokens)


def learn_merges(text: str, vocab_size: int, n_train: int, n_held_out: int) -> bpe.Merges:
    """The `bpe` merges of a text, learnt from its training span alone.

    Spans are counted in tokens, which exist only once the merges do. So the first half of the text is learnt from;
    if the first `n_train` tokens (-1: all but the last `n_held_out`) that come out hold less than that, nine tenths of
    what they hold, and so on.
    """
    share = len(text) // 2
    while True:
        merges = bpe.train_merges(text[:share], vocab_size)
        types, ids = tokenize(text, "bpe", merges)
        end = n_train if n_train >= 0 else max(len(ids) - n_held_out, 0)
        held = int(lengths(types, "bpe")[ids[:end]].sum())
        if held > share or share == 0:
            return merges
        share = held * 9 // 10
