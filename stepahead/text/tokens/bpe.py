"""Byte-pair encoding (Sennrich et al. 2016) over bytes, by the tokenizers library.

A token stands for some bytes, written with one printable character a byte (GPT-2's way: "Ġ" for a space), so that any
text can be encoded and comes back exactly. The 256 single bytes are tokens too: nothing is unknown.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from stepahead.core.artifacts import Ids
from stepahead.text.tokens.encoders import smallest_unsigned
from stepahead.text.tokens.normalization import whole_words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Merges = Sequence[Sequence[str]]
"""pairs of tokens, in the order in which they are joined"""

N_BYTES = 256


def train_merges(text: Iterable[str], vocab_size: int) -> list[list[str]]:
    """Which pairs to join, learnt from a text in chunks: at most vocab_size − 256, fewer where no pair occurs twice.

    The library breaks ties of frequency by the tokens' indices, so the result depends on nothing but the arguments.
    """
    from tokenizers import trainers

    learner = _tokenizer([])
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, min_frequency=2, initial_alphabet=list(_characters()), show_progress=False
    )
    learner.train_from_iterator(whole_words(text), trainer)
    merges: list[list[str]] = json.loads(learner.to_str())["model"]["merges"]
    return merges


def token_types(merges: Merges) -> list[str]:
    """Every token: the bytes in order, then what each merge makes."""
    return list(dict.fromkeys([*_characters(), *("".join(pair) for pair in merges)]))


class BytePairs:
    """Splits a text into the tokens that the merges make."""

    def __init__(self, merges: Merges) -> None:
        self.types = token_types(merges)
        self.dtype = smallest_unsigned(len(self.types))
        self._tokenizer = _tokenizer(merges)

    def encode(self, chunks: Iterable[str]) -> Iterator[Ids]:
        """The tokens of a text as indices into `types`, an array a chunk."""
        # the library joins nothing across the end of a word
        return (np.array(self._tokenizer.encode(piece).ids, self.dtype) for piece in whole_words(chunks))


def to_bytes(token: str) -> bytes:
    """The bytes a token stands for; a reserved token may hold other characters, which stand for themselves."""
    table = _bytes()
    return b"".join(bytes([table[c]]) if c in table else c.encode() for c in token)


def n_characters(token: str) -> int:
    """How many characters begin in a token (a character of several bytes may be cut), so that a text's add up."""
    return sum(byte & 0xC0 != 0x80 for byte in to_bytes(token))


def _tokenizer(merges: Merges) -> "Tokenizer":
    from tokenizers import Tokenizer, models, pre_tokenizers

    index = {token: i for i, token in enumerate(token_types(merges))}
    tokenizer = Tokenizer(models.BPE(vocab=index, merges=[(left, right) for left, right in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


@cache
def _characters() -> tuple[str, ...]:
    """The character of each byte: its own where Latin-1 prints it, else the next from U+0100 on."""
    own = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(N_BYTES, 2 * N_BYTES))
    return tuple(chr(byte) if byte in own else chr(next(others)) for byte in range(N_BYTES))


@cache
def _bytes() -> dict[str, int]:
    return {character: byte for byte, character in enumerate(_characters())}
