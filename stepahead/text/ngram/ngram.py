"""Counting language models: how often each token followed each short history, smoothed so that all is possible."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.counting import count_grams

Array = npt.NDArray[Any]
AnyIds = npt.NDArray[np.integer]
Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MAX_ORDER = 16
"""longer n-grams of a text hardly occur twice"""

PIECE = 2**17
"""tokens of a long text that are looked up at a time, which bounds memory and changes nothing else"""

CHUNK = 2**20
"""tokens that are counted at a time"""

_NO_KEY = np.iinfo(np.int64).max


@dataclass
class NGram:
    """Interpolated modified Kneser–Ney (Chen & Goodman 1998) of a given `order`.

    With a history h and h' the same history without its oldest token,

        p(w | h) = max(c(hw) − D(c(hw)), 0) / Σ_v c(hv) + γ(h) p(w | h'),   γ(h) = Σ_v D(c(hv)) / Σ_v c(hv),

    and p(w | h) = p(w | h') for a history that nothing ever followed. This is the variant in which

    - c is the plain count at the highest order, and at every lower order the number of different tokens seen before
      the n-gram, where the start of the text counts as one such token (so every n-gram of the text has c ≥ 1);
    - D(1), D(2) and D(3 or more) are estimated separately for each order from its counts of counts, in closed form;
      `_discounts` says what happens where these are too few;
    - below the lowest order lies the uniform distribution 1 / vocab_size, so no token has probability 0;
    - nothing is pruned, there is no end-of-text token, and the first tokens are predicted at the orders their short
      histories allow: the very first one at order 1 (of an order 6 model, which is not the same as an order 1 model).

    Order 1 is the unigram model, order 2 the first-order Markov model.

    `weights` holds for each m = 1 … order, with K different m-grams in the text and C different (m−1)-grams:

    - `keys_m` (K + 1,) int64, sorted: (index of the m-gram's first m − 1 tokens among the (m−1)-grams) · vocab_size +
      last token. Successive indices keep the keys in 64 bits where vocab_size**m would overflow them;
    - `probs_m` (K + 1,): the first term of p, of each m-gram;
    - `backoffs_m` (C + 1,): γ of each (m−1)-gram as a history.

    The additional last entries stand for whatever the text does not hold: index −1 means "never seen".
    """

    order: int
    vocab_size: int
    weights: dict[str, Array] = field(default_factory=dict)

    def fit(self, ids: AnyIds) -> None:
        """Count the n-grams of `ids` (T,).

        Raises:
            StepaheadError: `ids` is empty or holds an id outside the vocabulary.
        """
        self.fit_chunks(ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))

    def fit_chunks(self, chunks: Iterable[AnyIds]) -> None:
        """As `fit`, of a text that comes a piece after the other and is not held in memory."""
        levels = count_grams((check_ids(chunk, self.vocab_size) for chunk in chunks), self.order, self.vocab_size)
        if len(levels[0][0]) == 0:
            raise StepaheadError("tokens.n_train = 0 leaves an n-gram nothing to count; raise tokens.n_train")
        n_histories = 1
        for m in range(1, self.order + 1):
            self._set_weights(m, *levels.pop(0), n_histories)
            n_histories = len(self.weights[f"keys_{m}"]) - 1

    def nll(self, ids: AnyIds) -> Floats:
        """Minus the log-probability (nats) of each token of `ids` (T,) given all before it: (T,).

        Raises:
            StepaheadError: an id is outside the vocabulary.
        """
        nll = np.empty(len(ids))
        for start in range(0, len(ids), PIECE):
            before = max(start - self.order + 1, 0)  # where the history of the piece's first token begins
            nll[start : start + PIECE] = self._piece_nll(ids[before : start + PIECE])[start - before :]
        return nll

    def start(self) -> Ids:
        """The state before the first token: the last order − 1 tokens, or as many as there are."""
        return np.zeros(0, dtype=np.int64)

    def advance(self, state: Ids, ids: AnyIds) -> Ids:
        """The state after `ids` (T,) follow `state`."""
        tokens = np.concatenate([state, ids.astype(np.int64)])
        return tokens[max(len(tokens) - self.order + 1, 0) :]

    def log_probs(self, state: Ids) -> Floats:
        """The natural log of the next token's distribution after `state`: (V,).

        Raises:
            StepaheadError: the state holds an id outside the vocabulary.
        """
        p = np.full(self.vocab_size, 1 / self.vocab_size)
        histories = [gram[-1] for gram in self._grams(state)[: self.order] if gram.size]
        for m, history in enumerate(histories, start=1):
            keys = self.weights[f"keys_{m}"]
            first = history * self.vocab_size
            seen = slice(*np.searchsorted(keys, [first, first + self.vocab_size]))  # empty for history −1
            p *= self.weights[f"backoffs_{m}"][history]
            p[keys[seen] - first] += self.weights[f"probs_{m}"][seen]
        log_probs: Floats = np.log(p)
        return log_probs

    def transition_matrix(self) -> Floats:
        """p(next token j | current token i) of the first-order Markov model: (V, V).

        Raises:
            StepaheadError: the model is not of order 2.
        """
        if self.order != 2:
            raise StepaheadError(f"an n-gram of order {self.order} has no matrix of transitions; add 2 to models.ngram")
        tokens = np.arange(self.vocab_size)
        follow = np.exp(self.log_probs(self.start()))  # what order 2 backs off to
        histories = self._find(1, tokens)
        matrix: Floats = self.weights["backoffs_2"][histories][:, None] * follow  # (V, V)
        history, following = np.divmod(self.weights["keys_2"][:-1], self.vocab_size)
        matrix[self.weights["keys_1"][history], following] += self.weights["probs_2"][:-1]
        return matrix

    def _piece_nll(self, ids: AnyIds) -> Floats:
        grams = self._grams(ids)
        p = np.full(len(ids), 1 / self.vocab_size)
        for m in range(1, self.order + 1):
            history, gram = grams[m - 1][:-1], grams[m]
            p[m - 1 :] = self.weights[f"probs_{m}"][gram] + self.weights[f"backoffs_{m}"][history] * p[m - 1 :]
        nll: Floats = -np.log(p)
        return nll

    def _set_weights(self, m: int, keys: Ids, counts: Ids, n_histories: int) -> None:
        counts_of_counts = np.bincount(np.minimum(counts, 5), minlength=6)[1:5]
        discounts = estimate_discounts(counts_of_counts)[np.minimum(counts, 3)]
        history = keys // self.vocab_size
        total = np.bincount(history, counts, minlength=n_histories)
        freed = np.bincount(history, discounts, minlength=n_histories)
        probs = np.zeros(len(keys) + 1)
        np.subtract(counts, discounts, out=probs[:-1])
        del counts, discounts  # of a long text each of these arrays is large
        probs[:-1] /= total[history]
        # A history that nothing followed (it ends the text) passes everything on to the shorter one.
        backoffs = np.divide(freed, total, out=np.ones(n_histories), where=total > 0)
        self.weights[f"keys_{m}"] = np.append(keys, _NO_KEY)
        self.weights[f"probs_{m}"] = probs
        self.weights[f"backoffs_{m}"] = np.append(backoffs, 1.0)

    def _grams(self, ids: AnyIds) -> list[Ids]:
        """For m = 0 … order: the index of each m-gram of `ids` in the model, −1 where never seen, (T − m + 1,)."""
        tokens = check_ids(ids, self.vocab_size)
        grams = [np.zeros(len(tokens) + 1, dtype=np.int64)]
        for m in range(1, self.order + 1):
            grams.append(self._find(m, grams[-1][:-1] * self.vocab_size + tokens[m - 1 :]))
        return grams

    def _find(self, m: int, wanted: Ids) -> Ids:
        keys = self.weights[f"keys_{m}"]
        places = np.searchsorted(keys, wanted)
        return np.where(keys[places] == wanted, places, -1)


def check_ids(ids: AnyIds, vocab_size: int) -> Ids:
    """`ids` (T,), wide enough to make keys of.

    Raises:
        StepaheadError: one is outside the vocabulary.
    """
    outside = ids[(ids < 0) | (ids >= vocab_size)]
    if outside.size:
        raise StepaheadError(
            f"token id {outside[0]} is outside the vocabulary of {vocab_size} tokens; "
            "use the vocabulary that the model was trained with"
        )
    return ids.astype(np.int64)


def estimate_discounts(counts_of_counts: Ids) -> Floats:
    """What to take off a count of 0, 1, 2, and 3 or more: (4, …).

    With n_r the number of n-grams counted r times, r = 1 … 4 (4, …), and Y = n_1 / (n_1 + 2 n_2),
    D(r) = r − (r + 1) Y n_{r+1} / n_r (Chen & Goodman 1998). Where a small text or vocabulary leaves one of n_1 … n_4
    zero, or a D(r) outside (0, r], all three are Y, the one discount of Ney, Essen & Kneser 1994, or 1/2 if n_1 or n_2
    is zero.
    """
    n1, n2, n3, n4 = n = counts_of_counts
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where((n1 > 0) & (n2 > 0), n1 / (n1 + 2 * n2), 0.5)
        found = np.array([0 * y, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    valid = (n > 0).all(axis=0) & (found[1:] > 0).all(axis=0)
    discounts: Floats = np.where(valid, found, np.array([0 * y, y, y, y]))
    return discounts
