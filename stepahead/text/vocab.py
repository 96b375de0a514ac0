"""The vocabulary: which tokens of the training span have an index of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stepahead.errors import StepaheadError
from stepahead.text.tokens import Ids, join, smallest_unsigned

UNK = "<unk>"


@dataclass(frozen=True)
class Vocabulary:
    """Index 0 is `<unk>`, then the reserved tokens, then the tokens from the most to the least frequent."""

    tokens: Sequence[str]
    kind: str

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {token: i for i, token in enumerate(self.tokens)}

    def encode(self, types: Sequence[str], ids: Ids) -> Ids:
        """Token types (N,) as vocabulary indices (N,) of the smallest type; unknown ones become 0."""
        lookup = np.array([self.index.get(token, 0) for token in types], dtype=smallest_unsigned(len(self)))
        return lookup[ids]

    def encode_text(self, text: str) -> Ids:
        """Text that is already normalised as vocabulary indices (N,)."""
        pieces = list(text) if self.kind == "char" else text.split()
        return self.encode(pieces, np.arange(len(pieces), dtype=np.uint32))

    def decode(self, ids: Sequence[int]) -> str:
        """Indices back to text."""
        return join([self.tokens[i] for i in ids], self.kind)


def build_vocabulary(types: Sequence[str], ids: Ids, kind: str, min_freq: int, reserved: Sequence[str]) -> Vocabulary:
    """Count the training span `ids` (N,); ties in frequency are broken by the token's own order.

    Raises:
        StepaheadError: `min_freq` leaves no token, or a reserved token is `<unk>`.
    """
    if UNK in reserved:
        raise StepaheadError(f"vocab.reserved = {list(reserved)} names {UNK}, which is always index 0; take it out")
    counts = np.bincount(ids, minlength=len(types))
    special = {UNK, *reserved}
    kept = [i for i in np.argsort(-counts, kind="stable") if counts[i] >= max(min_freq, 1) and types[i] not in special]
    if not kept:
        raise StepaheadError(
            f"vocab.min_freq = {min_freq} leaves no token; the most frequent occurs {counts.max()} times: lower it"
        )
    return Vocabulary((UNK, *reserved, *(types[i] for i in kept)), kind)


def split_spans(ids: Ids, n_train: int, n_val: int, n_test: int) -> dict[str, Ids]:
    """Successive train, val and test spans; n_train = -1 means all that the other two leave.

    Raises:
        StepaheadError: the sequence is too short.
    """
    wanted = max(n_train, 1) + n_val + n_test
    if wanted > len(ids):
        raise StepaheadError(
            f"tokens.n_train = {n_train}, n_val = {n_val} and n_test = {n_test} need {wanted} tokens, but the corpus "
            f"(corpus.name) has {len(ids)}; lower them or take a longer text"
        )
    if n_train == -1:
        n_train = len(ids) - n_val - n_test
    train, val, test, _ = np.split(ids, np.cumsum([n_train, n_val, n_test]))
    return {"train": train, "val": val, "test": test}
