"""Text continued one token at a time."""

from collections.abc import Iterator

import numpy as np

from stepahead.core.artifacts import Ids
from stepahead.text.scoring.language_model import LanguageModel


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
        token = int(log_probs.argmax()) if temperature == 0 else _draw(log_probs / temperature, top_k, generator)
        yield token
        state = model.advance(state, np.array([token]))


def _draw(
    scores: np.ndarray[tuple[int], np.dtype[np.float64]], top_k: int | None, generator: np.random.Generator
) -> int:
    best = np.argsort(-scores, kind="stable")[:top_k]
    weights = np.exp(scores[best] - scores[best[0]])
    return int(generator.choice(best, p=weights / weights.sum()))
