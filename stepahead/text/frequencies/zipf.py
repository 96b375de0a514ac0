"""How often n-grams occur, and Zipf's law (d2l 9.2.4): the r-th most frequent one is about r^−α as frequent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stepahead.core.artifacts import Ids
from stepahead.text.frequencies.stopwords import STOPWORDS
from stepahead.text.ngram.counting import grams_by_place
from stepahead.text.tokens.tokens import join

MAX_N = 3
MOST = 5_000_000
"""tokens of a long text that are counted, its first ones"""

SHOWN = 10
"""of the most frequent n-grams, those that are told by name"""

POINTS = 60
"""of a curve over ranks, about as many as can be told apart on a logarithmic axis"""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Grams:
    """The n-grams of a text: `counts` (K,) of the K different ones, falling; of the most frequent, their tokens."""

    n: int
    counts: Counts
    first: list[tuple[int, ...]]


def first_tokens(chunks: Iterable[Ids]) -> Ids:
    """The first `MOST` tokens of a text that comes in chunks."""
    kept, n = [np.zeros(0, np.uint8)], 0
    for ids in chunks:
        kept.append(ids[: MOST - n].astype(np.uint32))
        n += len(kept[-1])
        if n == MOST:
            break
    return np.concatenate(kept)


def gram_counts(ids: Ids, n_types: int) -> list[Grams]:
    """The n-grams of `ids` (T,), of n_types types, for n = 1 … 3 as far as the text has any; equally frequent ones in
    the order in which they come first."""
    tokens = ids.astype(np.int64)
    grams, _ = grams_by_place(tokens, MAX_N, n_types)
    found = []
    for n in range(1, min(MAX_N, len(tokens)) + 1):
        counts = np.bincount(grams[n])
        places = np.full(len(counts), len(tokens))
        np.minimum.at(places, grams[n], np.arange(len(grams[n])))
        order = np.lexsort((places, -counts))
        first = [tuple(tokens[place : place + n].tolist()) for place in places[order[:SHOWN]]]
        found.append(Grams(n, counts[order], first))
    return found


def zipf_exponent(counts: Counts) -> float | None:
    """α of the straight line log count = c − α log rank through `counts` (K,), which fall; None of fewer than two.

    By least squares with the weight 1 / rank, so that each factor of ten in rank counts alike, as it does to the eye on
    logarithmic axes: without it, the many n-grams that occur once or twice would settle the slope.
    """
    if len(counts) < 2:
        return None
    rank = np.arange(1, len(counts) + 1)
    x, y, weight = np.log(rank), np.log(counts), 1 / rank
    x, y = x - np.average(x, weights=weight), y - np.average(y, weights=weight)
    return float(-np.sum(weight * x * y) / np.sum(weight * x * x))


def thinned(n: int) -> Counts:
    """Ranks from 1 to n, evenly spaced on a logarithmic axis as far as they are whole numbers."""
    return np.unique(np.geomspace(1, n, POINTS).round().astype(np.int64)) if n else np.zeros(0, np.int64)


def described(grams: Grams, types: Sequence[str], kind: str) -> dict[str, Any]:
    """What reports/frequencies/ngrams.json says of the n-grams of a text: how many there are, how many of `types` there
    could be, the exponent, and the most frequent ones as text."""
    first = [join([types[token] for token in each], kind) for each in grams.first]
    return {
        "kind": kind,
        "n": grams.n,
        "distinct": len(grams.counts),
        "possible": len(types) ** grams.n,
        "exponent": zipf_exponent(grams.counts),
        "most_frequent": first,
        "stopwords": [each for each in first if each.lower() in STOPWORDS] if kind == "word" else [],
    }
