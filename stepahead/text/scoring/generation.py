"""Text continued one token at a time."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from stepahead.core.artifacts import Ids
from stepahead.text.scoring.language_model import LanguageModel

Floats = npt.NDArray[np.float64]


def generate(
    model: LanguageModel,
    prefix: Ids,
    length: int,
    temperature: float,
    top_k: int | None,
    generator: np.random.Generator,
) -> Iterator[int]:
    """Warm the state up on `prefix` (N,), then yield `length` tokens.

    Temperature 0 takes the most probable token (as the book does); above 0 it divides the log-probabilities before
    one is drawn, from the `top_k` most probable tokens where that is given.
    """
    state = model.advance(model.start(), prefix)
    for _ in range(length):
        log_probs = model.log_probs(state)
        best = int(log_probs.argmax())
        token = best if temperature == 0 else _draw(_cooled(log_probs, temperature), top_k, generator)
        yield token
        state = model.advance(state, np.array([token]))


def _cooled(log_probs: Floats, temperature: float) -> Floats:
    """The log-probabilities less the best one's, divided by the temperature: near 0 all but the best are −∞."""
    with np.errstate(over="ignore"):
        scores: Floats = (log_probs - log_probs.max()) / temperature
    return scores


def _draw(scores: Floats, top_k: int | None, generator: np.random.Generator) -> int:
    best = np.argsort(-scores, kind="stable")[:top_k]
    weights = np.exp(scores[best] - scores[best[0]])
    return int(generator.choice(best, p=weights / weights.sum()))
