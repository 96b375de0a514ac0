"""The vocabulary: which tokens of the training span have an index of their own."""

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.tokens.bpe import Merges, to_bytes
from stepahead.text.tokens.encoders import look_up, smallest_unsigned
from stepahead.text.tokens.normalization import NORMALIZATIONS, normalize
from stepahead.text.tokens.tokens import KINDS, join, tokenize

UNK = "<unk>"
SPANS = ("train", "val", "test")

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """Index 0 is `<unk>`, then the reserved tokens, then the tokens from the most to the least frequent.

    `kind`, `normalize` and `merges` are how text becomes tokens.

    Raises:
        ValueError: `kind` or `normalize` is none that there is.
    """

    tokens: Sequence[str]
    kind: str
    normalize: str
    merges: Merges = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.normalize not in NORMALIZATIONS:
            raise ValueError(f"there are no {self.kind!r} tokens of a {self.normalize!r} text")

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {token: i for i, token in enumerate(self.tokens)}

    def indices(self, types: Sequence[str]) -> Ids:
        """The vocabulary index of each type (len(types),) in the smallest type; of unknown ones 0."""
        return np.array([self.index.get(token, 0) for token in types], dtype=smallest_unsigned(len(self)))

    def encode(self, types: Sequence[str], ids: Ids) -> Ids:
        """Token types (N,) as vocabulary indices (N,)."""
        return look_up(self.indices(types), ids)

    def encode_text(self, text: str) -> Ids:
        """Any text as vocabulary indices (N,)."""
        normalized = normalize(text, self.normalize)
        return self.encode(*tokenize(normalized, self.kind, self.merges)) if normalized else np.zeros(0, np.uint8)

    def unknown(self, text: str) -> list[str]:
        """The tokens of any text that the vocabulary does not hold."""
        normalized = normalize(text, self.normalize)
        types = tokenize(normalized, self.kind, self.merges)[0] if normalized and self.kind != "bpe" else []
        return [token for token in types if token not in self.index or token == UNK]

    def encode_prefix(self, text: str, param: str, way_out: str) -> Ids:
        """As `encode_text`, but every token must be known; `param` says where the text stands, `way_out` what else.

        Raises:
            StepaheadError: some are not; says which.
        """
        if unknown := ", ".join(map(repr, self.unknown(text))):
            raise StepaheadError(
                f"{param} = {text!r} holds what the training span does not: {unknown}; leave it out, or {way_out} "
                f"to continue it as {UNK}"
            )
        return self.encode_text(text)

    def decode(self, ids: Sequence[int]) -> str:
        """Indices back to text."""
        return join([self.tokens[i] for i in ids], self.kind)

    def stream(self, ids: Iterable[int]) -> Iterator[str]:
        """What each index adds to a text already begun; with `bpe`, a cut character waits for the rest of its bytes."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for i in ids:
            if self.kind == "bpe":
                yield decoder.decode(to_bytes(self.tokens[i]))
            else:
                yield self.tokens[i] if self.kind == "char" else f" {self.tokens[i]}"
        yield decoder.decode(b"", final=True)


def count_tokens(chunks: Iterable[Ids], n_types: int) -> Counts:
    """How often each type occurs in a span that comes in chunks (n_types,)."""
    counts = np.zeros(n_types, np.int64)
    for ids in chunks:
        counts += np.bincount(ids, minlength=n_types)
    return counts


def frequent_tokens(
    types: Sequence[str], counts: Counts, kind: str, min_freq: int, reserved: Sequence[str]
) -> tuple[str, ...]:
    """The vocabulary's tokens by how often each type occurs in the training span; ties by the order of the types.

    A type that does not occur is left out, except with `bpe`: its types come from the training text, and with all of
    them any text can be encoded.

    Raises:
        StepaheadError: `min_freq` leaves no token, or a reserved token is `<unk>`.
    """
    if UNK in reserved:
        raise StepaheadError(f"vocab.reserved = {list(reserved)} names {UNK}, which is always index 0; take it out")
    special = {UNK, *reserved}
    least = min_freq if kind == "bpe" else max(min_freq, 1)
    kept = [i for i in np.argsort(-counts, kind="stable") if counts[i] >= least and types[i] not in special]
    if not kept:
        raise StepaheadError(
            f"vocab.min_freq = {min_freq} leaves no token; the most frequent occurs {counts.max()} times: lower it"
        )
    return (UNK, *reserved, *(types[i] for i in kept))


def split_spans(n_tokens: int, n_train: int, n_val: int, n_test: int) -> dict[str, range]:
    """Where the successive train, val and test spans lie; n_train = -1 means all that the other two leave.

    Raises:
        StepaheadError: the sequence is too short.
    """
    wanted = max(n_train, 1) + n_val + n_test
    if wanted > n_tokens:
        raise StepaheadError(
            f"tokens.n_train = {n_train}, n_val = {n_val} and n_test = {n_test} need {wanted} tokens, but the corpus "
            f"(corpus.name) has {n_tokens}; lower them (n_val and n_test may be 0) or take a longer text"
        )
    if n_train == -1:
        n_train = n_tokens - n_val - n_test
    ends = list(accumulate([n_train, n_val, n_test]))
    return {span: range(start, end) for span, start, end in zip(SPANS, [0, *ends], ends, strict=False)}
