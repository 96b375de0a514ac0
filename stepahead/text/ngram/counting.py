"""Counting n-grams chunk by chunk: memory grows with how many different ones there are, not with the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ids = npt.NDArray[np.int64]


class Codes(Protocol):
    """n-grams as single values that sort as their tokens do."""

    def of_each(self, tokens: Ids, m: int) -> Array:
        """The code of each m-gram of `tokens` (T,): (T − m + 1,)."""

    def without_first(self, codes: Array, m: int) -> Array:
        """The codes (K,) of m-grams less their first token."""

    def without_last(self, codes: Array, m: int) -> Array:
        """The codes (K,) of m-grams less their last token."""

    def last(self, codes: Array, m: int) -> Ids:
        """The last token of m-grams (K,)."""


@dataclass(frozen=True)
class Numbers:
    """Codes that are numbers in base `vocab_size`, where 63 bits are enough for them."""

    vocab_size: int

    def of_each(self, tokens: Ids, m: int) -> Array:
        windows = np.lib.stride_tricks.sliding_window_view(tokens, m)
        codes: Ids = windows[:, 0].copy()
        for column in windows.T[1:]:
            codes *= self.vocab_size
            codes += column
        return codes

    def without_first(self, codes: Array, m: int) -> Array:
        shorter: Ids = codes % self.vocab_size ** (m - 1)
        return shorter

    def without_last(self, codes: Array, m: int) -> Array:  # noqa: ARG002
        shorter: Ids = codes // self.vocab_size
        return shorter

    def last(self, codes: Array, m: int) -> Ids:  # noqa: ARG002
        last: Ids = codes % self.vocab_size
        return last


@dataclass(frozen=True)
class Strings:
    """Codes that are byte strings, four bytes a token: for a large vocabulary or a long n-gram, and slower to sort."""

    def of_each(self, tokens: Ids, m: int) -> Array:
        return self._joined(np.lib.stride_tricks.sliding_window_view(tokens.astype(">u4"), m))

    def without_first(self, codes: Array, m: int) -> Array:
        return self._joined(codes.view(">u4").reshape(-1, m)[:, 1:])

    def without_last(self, codes: Array, m: int) -> Array:
        return self._joined(codes.view(">u4").reshape(-1, m)[:, :-1])

    def last(self, codes: Array, m: int) -> Ids:
        return codes.view(">u4").reshape(-1, m)[:, -1].astype(np.int64)

    @staticmethod
    def _joined(rows: Array) -> Array:
        codes: Array = np.ascontiguousarray(rows).view(f"S{4 * rows.shape[1]}")[:, 0]
        return codes


def count_grams(chunks: Iterable[Ids], order: int, vocab_size: int) -> list[tuple[Ids, Ids]]:
    """For m = 1 … order: the keys of a text's different m-grams, as `NGram` has them, and their counts.

    The highest order is counted in the text, the lower ones in the order above: the different tokens before an m-gram
    are the different (m+1)-grams that end with it. Before the text's first tokens lies its start, which counts as one.

    Args:
        chunks: the text, a piece after the other.
    """
    codes: Codes = Numbers(vocab_size) if vocab_size**order < 2**63 else Strings()
    of_text = rest = np.zeros(0, dtype=np.int64)
    found, counts = codes.of_each(np.zeros(order, dtype=np.int64), order)[:0], rest
    for chunk in chunks:
        tokens = np.concatenate([rest, chunk])
        if len(of_text) < order:
            of_text = tokens[:order]
        if len(tokens) >= order:
            found, counts = _merged(found, counts, *np.unique(codes.of_each(tokens, order), return_counts=True))
        rest = tokens[max(len(tokens) - order + 1, 0) :]
    levels = []
    for m in range(order, 1, -1):
        shorter, neighbours = np.unique(codes.without_first(found, m), return_counts=True)
        if len(of_text) >= m - 1:
            begin = codes.of_each(of_text[: m - 1], m - 1)
            shorter, neighbours = _merged(shorter, neighbours, begin, np.ones(1, dtype=np.int64))
        history = np.searchsorted(shorter, codes.without_last(found, m))
        levels.append((history * vocab_size + codes.last(found, m), counts))
        found, counts = shorter, neighbours
    return [(codes.last(found, 1), counts), *reversed(levels)]


def grams_by_place(tokens: Ids, order: int, vocab_size: int) -> tuple[list[Ids], list[npt.NDArray[np.bool_]]]:
    """The m-grams of `tokens` (T,), for m = 0 … order.

    Returns:
        Which of the different ones, in order, each place in the text starts (T − m + 1,); and which places count
        (T − m + 1,): at the highest order all, below it those where a longer n-gram that begins one token earlier
        occurs for the first time, and the start of the text.
    """
    grams = [np.zeros(len(tokens) + 1, dtype=np.int64)]
    counted = [np.ones(len(tokens) + 1, dtype=np.bool_)]
    for m in range(1, order + 1):
        _, first, gram = np.unique(
            grams[-1][:-1] * vocab_size + tokens[m - 1 :], return_index=True, return_inverse=True
        )
        counted[-1][:] = False
        counted[-1][:1] = counted[-1][first + 1] = True
        grams.append(gram)
        counted.append(np.ones(len(gram), dtype=np.bool_))
    return grams, counted


def _merged(codes: Array, counts: Ids, more: Array, more_counts: Ids) -> tuple[Array, Ids]:
    """Two sorted lists of codes and their counts (which may be changed) as one."""
    places = np.searchsorted(codes, more)
    known = places < len(codes)
    known[known] = codes[places[known]] == more[known]
    counts[places[known]] += more_counts[known]
    places, new = places[~known], ~known
    return np.insert(codes, places, more[new]), np.insert(counts, places, more_counts[new])
