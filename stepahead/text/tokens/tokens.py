"""A normalised text as tokens, each stored as the number of its type."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.tokens import bpe
from stepahead.text.tokens.encoders import Characters, Words, in_order, look_up, smallest_unsigned

KINDS = ("char", "word", "bpe")

Chunk = TypeVar("Chunk", str, Ids)


MUCH = 0.05
"""share of a text whose loss deserves a warning"""


def kept_line(given: int, kept: int, how: str) -> str:
    """How much of a text of `given` characters normalising has kept, with a warning where much is gone."""
    share = 1 - kept / given if given else 0.0
    line = f"tokens.normalize = {how} keeps {kept:,} of {given:,} characters"
    if share <= MUCH:
        return line
    return f"warning: {line} ({share:.0%} are gone); unicode or none keep other scripts, digits and punctuation"


def check_not_empty(chunks: Iterable[str], how: str) -> None:
    """Raise StepaheadError where normalising left nothing but white space."""
    if not any(chunk.strip() for chunk in chunks):
        raise StepaheadError(
            f"tokens.normalize = {how} leaves nothing of this corpus (corpus.name); use unicode, or another corpus"
        )


class Encoder(Protocol):
    """Splits a text into tokens, each stored as the number of its type."""

    @property
    def types(self) -> list[str]:
        """The types met so far, by their numbers."""

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]: ...

    def encode(self, chunks: Iterable[str]) -> Iterator[Ids]:
        """The tokens of a text that comes in chunks, again in chunks."""


def encoder(kind: str, *, ascii_only: bool, merges: bpe.Merges = ()) -> Encoder:
    """For `char`, white-space separated `word` or `bpe` tokens of a text that may be known to be ASCII."""
    if kind == "bpe":
        return bpe.BytePairs(merges)
    return Characters(ascii_only) if kind == "char" else Words()


def final_types(types: list[str], kind: str) -> tuple[list[str], Ids]:
    """The types in the order in which they are stored, and where each of `types` stands there (len(types),).

    Those of a text are sorted; those of `bpe` stay as the merges make them.
    """
    return (types, np.arange(len(types), dtype=smallest_unsigned(len(types)))) if kind == "bpe" else in_order(types)


def tokenize(text: str, kind: str, merges: bpe.Merges = ()) -> tuple[list[str], Ids]:
    """The types of a short text, and the type of each token (N,); a long one goes through an `encoder` in chunks."""
    found = encoder(kind, ascii_only=text.isascii(), merges=merges)
    ids = np.concatenate([np.zeros(0, found.dtype), *found.encode([text])])
    types, places = final_types(found.types, kind)
    return types, look_up(places, ids)


def lengths(types: Sequence[str], kind: str) -> npt.NDArray[np.int64]:
    """How many characters of the text each type takes up (len(types),), a word with the space after it."""
    if kind == "bpe":
        return np.array([bpe.n_characters(token) for token in types])
    return np.array([len(token) + (kind == "word") for token in types])


def join(tokens: Sequence[str], kind: str) -> str:
    """Tokens back to text; where `bpe` tokens end within a character, the replacement character stands for it."""
    if kind == "bpe":
        return b"".join(map(bpe.to_bytes, tokens)).decode("utf-8", "replace")
    return ("" if kind == "char" else " ").join(tokens)


def learn_merges(text: Callable[[], Iterable[str]], vocab_size: int, n_train: int, n_held_out: int) -> bpe.Merges:
    """The `bpe` merges of a text, learnt from its training span alone; `text` gives its chunks from the start again.

    Spans are counted in tokens, which exist only once the merges do. So the first half of the text is learnt from;
    if the first `n_train` tokens (-1: all but the last `n_held_out`) that come out hold less than that, nine tenths of
    what they hold, and so on.
    """
    share = sum(map(len, text())) // 2
    while True:
        merges = bpe.train_merges(_first(text(), share), vocab_size)
        encoder = bpe.BytePairs(merges)
        n_tokens = n_train if n_train >= 0 else max(sum(map(len, encoder.encode(text()))) - n_held_out, 0)
        of_type = lengths(encoder.types, "bpe")
        held = sum(int(of_type[ids].sum()) for ids in _first(encoder.encode(text()), n_tokens))
        if held > share or share == 0:
            return merges
        share = held * 9 // 10


def _first(chunks: Iterable[Chunk], n: int) -> Iterator[Chunk]:
    """The first n characters, or tokens."""
    for chunk in chunks:
        yield chunk[:n]
        n -= min(len(chunk), n)
        if not n:
            return
