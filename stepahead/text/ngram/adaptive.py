"""An n-gram model that counts each token as soon as it has been scored."""

from itertools import pairwise

import numpy as np

from stepahead.text.ngram.counting import grams_by_place
from stepahead.text.ngram.ngram import AnyIds, Floats, Ids, check_ids, estimate_discounts


def adaptive_nll(ids: AnyIds, order: int, vocab_size: int) -> Floats:
    """Minus the log-probability (nats) that NGram gives each token of `ids` (T,) when fitted on all before it: (T,).

    Not fitted T times: each count that the formula needs is a running sum over the text. Of an m-gram these are c(hw)
    and, of its history, Σ_v c(hv) and how many v have a count of 1, 2, and 3 or more; of all m-grams, how many have a
    count of 1, 2, 3 and 4, which give the discounts.

    Raises:
        StepaheadError: an id is outside the vocabulary.
    """
    grams, counted = grams_by_place(check_ids(ids, vocab_size), order, vocab_size)
    p = np.full(len(ids), 1 / vocab_size)
    for m in range(1, order + 1):
        history, gram, counts = grams[m - 1][:-1], grams[m], counted[m].astype(np.int64)
        count = _earlier(gram, counts)
        reached = np.where(counted[m], count + 1, 0)  # the count that reading this token brings its m-gram to
        steps = [(reached == r).astype(np.int64) for r in range(1, 6)]
        everywhere = np.zeros_like(gram)
        discounts = estimate_discounts(np.array([_earlier(everywhere, up - down) for up, down in pairwise(steps)]))
        total = _earlier(history, counts)
        of_count = (steps[0] - steps[1], steps[1] - steps[2], steps[2])  # of its history: followers counted 1, 2, 3+
        freed = sum(d * _earlier(history, step) for d, step in zip(discounts[1:], of_count, strict=True))
        kept = count - np.take_along_axis(discounts, np.minimum(count, 3)[None], axis=0)[0]
        np.divide(kept + freed * p[m - 1 :], total, out=p[m - 1 :], where=total > 0)
    nll: Floats = -np.log(p)
    return nll


def _earlier(groups: Ids, values: Ids) -> Ids:
    """The sum of the `values` (N,) at earlier places of the same group: (N,)."""
    order = np.argsort(groups, kind="stable")
    sorted_groups, before = groups[order], np.cumsum(values[order]) - values[order]
    starts = np.flatnonzero(np.r_[True, sorted_groups[1:] != sorted_groups[:-1]]) if len(groups) else order
    sums = np.empty_like(before)
    sums[order] = before - np.repeat(before[starts], np.diff(np.r_[starts, len(groups)]))
    return sums
