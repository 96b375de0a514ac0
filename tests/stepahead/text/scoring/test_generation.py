import numpy as np
import pytest

from stepahead.text.scoring.generation import generate
from stepahead.text.tokens.tokens import Ids

PROBS = np.array([0.5, 0.3, 0.15, 0.05])


class Shifted:
    """A distribution that moves on by one token with each token read."""

    def nll(self, ids: Ids) -> np.ndarray:
        raise NotImplementedError

    def start(self) -> int:
        return 0

    def advance(self, state: int, ids: Ids) -> int:
        return state + len(ids)

    def log_probs(self, state: int) -> np.ndarray:
        return np.log(np.roll(PROBS, state))


class Still(Shifted):
    def advance(self, state: int, ids: Ids) -> int:  # noqa: ARG002
        return state


def tokens(model: Shifted, length: int, temperature: float, top_k: int | None = None, prefix: int = 0) -> list[int]:
    generator = np.random.default_rng(0)
    return list(generate(model, np.zeros(prefix, np.uint8), length, temperature, top_k, generator))


def test_greedy_takes_the_most_probable_token_after_warming_up() -> None:
    assert tokens(Shifted(), 4, 0, prefix=2) == [2, 3, 0, 1]


@pytest.mark.parametrize(
    ("temperature", "top_k", "expected"),
    [
        (1.0, None, PROBS),
        (2.0, None, PROBS**0.5 / (PROBS**0.5).sum()),
        (1.0, 2, np.array([0.625, 0.375, 0, 0])),
    ],
)
def test_draws_follow_the_tempered_distribution(temperature: float, top_k: int | None, expected: np.ndarray) -> None:
    drawn = np.bincount(tokens(Still(), 4000, temperature, top_k), minlength=4) / 4000
    np.testing.assert_allclose(drawn, expected, atol=0.03)


def test_the_same_generator_gives_the_same_text() -> None:
    assert tokens(Shifted(), 20, 1.0) == tokens(Shifted(), 20, 1.0)
