"""Two ways to say how well a language model predicts a text, both from its mean negative log-likelihood per token."""

import math

import numpy as np
import numpy.typing as npt

from stepahead.errors import StepaheadError

Floats = npt.NDArray[np.float64]


def perplexity(nll: Floats) -> float:
    """exp of the mean of `nll` (T,), in nats per token (d2l 8.4.4): over how many tokens the model hesitates.

    Every token weighs the same, however the text was cut into batches.

    Raises:
        StepaheadError: there is no token, or the result is not finite.
    """
    mean = _mean(nll)
    try:
        return math.exp(mean)
    except OverflowError:
        raise StepaheadError(f"a mean nll of {mean:g} nats has no finite perplexity; lower the learning rate") from None


def bits_per_token(nll: Floats) -> float:
    """The mean of `nll` (T,) in bits: what an ideal compressor driven by the model spends on a token.

    Raises:
        StepaheadError: there is no token, or the result is not finite.
    """
    return _mean(nll) / math.log(2)


def _mean(nll: Floats) -> float:
    if nll.size == 0:
        raise StepaheadError(
            "there is no token to score; raise tokens.n_val and tokens.n_test, or lower evaluate.warmup"
        )
    mean = float(np.mean(nll, dtype=np.float64))
    if not math.isfinite(mean):
        raise StepaheadError(f"the mean nll is {mean}, not a finite number; lower the learning rate")
    return mean
