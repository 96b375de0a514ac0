"""Several language models as one: their probabilities averaged, of two with the weight that fits a validation span."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stepahead.core.errors import StepaheadError

Floats = npt.NDArray[np.float64]


def mixture_weight(nll_a: Floats, nll_b: Floats) -> float:
    """The w in [0, 1] that minimises −Σ log(w exp(−nll_a) + (1 − w) exp(−nll_b)) over the tokens, (T,) each.

    The objective is convex in w. With t = (p_a − p_b) / (p_a + p_b) its derivative is −Σ 2t / (1 + (2w − 1) t), in
    which nothing underflows, and bisection finds its only sign change to the last bit. Of equal models all goes to b.

    Raises:
        StepaheadError: the two score no token, not the same number of tokens, or something that is not finite.
    """
    _check(nll_a, nll_b)
    t = np.tanh((nll_b - nll_a) / 2)  # (T,)
    if _slope(t, 0.0) >= 0:
        return 0.0
    if _slope(t, 1.0) <= 0:
        return 1.0
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _slope(t, middle) < 0 else (low, middle)
    return middle


def mix_nll(nll_a: Floats, nll_b: Floats, weight: float) -> Floats:
    """−log(weight · exp(−nll_a) + (1 − weight) · exp(−nll_b)) of each token: (T,).

    Raises:
        StepaheadError: the two score no token, not the same number of tokens, or something that is not finite; or
            `weight` is outside [0, 1].
    """
    _check(nll_a, nll_b)
    if not 0 <= weight <= 1:
        raise StepaheadError(f"a mixture weight of {weight} is outside 0 … 1; take what mixture_weight gives")
    with np.errstate(divide="ignore"):  # a weight of 0 or 1 leaves one model alone
        log_a, log_b = np.log([weight, 1 - weight])
    mixed: Floats = -np.logaddexp(log_a - nll_a, log_b - nll_b)
    return mixed


def average_nll(nlls: Sequence[Floats]) -> Floats:
    """−log of the mean of the probabilities that models give each token, from their nll (T,) each: (T,)."""
    average: Floats = np.log(len(nlls)) - np.logaddexp.reduce([-nll for nll in nlls])
    return average


def _slope(t: Floats, weight: float) -> float:
    with np.errstate(divide="ignore"):  # at 0 or 1, one model may give a token next to nothing: an infinite slope
        return float(-np.sum(2 * t / (1 + (2 * weight - 1) * t)))


def _check(nll_a: Floats, nll_b: Floats) -> None:
    if nll_a.shape != nll_b.shape or nll_a.size == 0:
        raise StepaheadError(
            f"two models can be mixed where both score the same tokens, not {nll_a.size} and {nll_b.size}; "
            "score both on one span that is not empty"
        )
    if not (np.isfinite(nll_a).all() and np.isfinite(nll_b).all()):
        raise StepaheadError("a model's nll is not a finite number, so it cannot be mixed; lower the learning rate")
