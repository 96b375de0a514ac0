import itertools
import math

import numpy as np
import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.sources.markov import (
    distribution_entropy,
    entropy_of_horizon,
    entropy_rate,
    k_step_distribution,
    markov_text,
    sample_chain,
    stationary_distribution,
)
from stepahead.text.ngram.ngram import NGram
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.neural import NeuralLM, build_network
from stepahead.text.rnn.training import Settings, train

WEATHER = np.array([[0.7, 0.2, 0.1], [0.3, 0.0, 0.7], [0.0, 0.5, 0.5]])


def two_states(a: float, b: float) -> np.ndarray:
    return np.array([[1 - a, a], [b, 1 - b]])


def binary_entropy(p: float) -> float:
    return -p * math.log(p) - (1 - p) * math.log(1 - p)


def sum_over_paths(transition: np.ndarray, start: np.ndarray, k: int) -> np.ndarray:
    """The definition: every path of k steps, one after another."""
    total = np.zeros(len(start))
    for path in itertools.product(range(len(start)), repeat=k + 1):
        steps = [transition[i, j] for i, j in itertools.pairwise(path)]
        total[path[-1]] += start[path[0]] * math.prod(steps)
    return total


def test_stationary_distribution_of_two_states_is_the_textbooks() -> None:
    np.testing.assert_allclose(stationary_distribution(two_states(0.1, 0.3)), [0.75, 0.25], rtol=1e-14)


def test_stationary_distribution_is_the_left_eigenvector_of_eigenvalue_one() -> None:
    values, vectors = np.linalg.eig(WEATHER.T)
    vector = vectors[:, np.argmax(values.real)].real
    np.testing.assert_allclose(stationary_distribution(WEATHER), vector / vector.sum(), rtol=1e-12)


def test_entropy_rate_of_two_states_is_the_textbooks() -> None:
    a, b = 0.1, 0.3
    expected = (b * binary_entropy(a) + a * binary_entropy(b)) / (a + b)
    assert entropy_rate(two_states(a, b)) == pytest.approx(expected, rel=1e-14)


def test_entropy_rate_of_independent_draws_is_their_entropy() -> None:
    assert entropy_rate(np.tile([0.5, 0.25, 0.25], (3, 1))) == pytest.approx(1.5 * math.log(2), rel=1e-14)


def test_a_single_state_has_no_entropy() -> None:
    assert entropy_rate(np.ones((1, 1))) == 0


@pytest.mark.parametrize("k", range(6))
def test_k_steps_by_dynamic_programming_are_the_sum_over_all_paths(k: int) -> None:
    start = np.array([0.2, 0.5, 0.3])
    np.testing.assert_allclose(k_step_distribution(WEATHER, start, k), sum_over_paths(WEATHER, start, k), atol=1e-15)


def test_k_steps_from_the_stationary_distribution_stay_there() -> None:
    stationary = stationary_distribution(WEATHER)
    np.testing.assert_allclose(k_step_distribution(WEATHER, stationary, 50), stationary, rtol=1e-13)


def test_entropy_of_horizon_rises_from_the_entropy_rate_to_the_stationary_entropy() -> None:
    stationary = stationary_distribution(WEATHER)
    limit = -(stationary * np.log(stationary)).sum()
    entropies = entropy_of_horizon(WEATHER, range(1, 200))
    assert entropies[0] == pytest.approx(entropy_rate(WEATHER), rel=1e-14)
    assert (np.diff(entropies) >= -1e-13).all()
    assert entropies.max() <= limit + 1e-13
    assert entropies[-1] == pytest.approx(limit, rel=1e-13)


def test_entropy_of_horizon_agrees_with_the_sum_over_paths_in_any_order() -> None:
    def mean_entropy(k: int) -> float:
        rows = [sum_over_paths(WEATHER, start, k) for start in np.eye(3)]
        return stationary_distribution(WEATHER) @ [-sum(p * math.log(p) for p in row if p) for row in rows]

    expected = [mean_entropy(k) for k in (4, 1, 2, 4)]
    np.testing.assert_allclose(entropy_of_horizon(WEATHER, (4, 1, 2, 4)), expected, rtol=1e-13)


def test_samples_follow_the_chain() -> None:
    ids = sample_chain(WEATHER, 200_000, np.random.default_rng(0))
    pairs = np.zeros((3, 3))
    np.add.at(pairs, (ids[:-1], ids[1:]), 1)
    np.testing.assert_allclose(pairs / pairs.sum(axis=1, keepdims=True), WEATHER, atol=0.005)
    assert pairs[1, 1] == pairs[2, 0] == 0


def test_the_first_sample_is_stationary() -> None:
    generator = np.random.default_rng(1)
    firsts = [sample_chain(two_states(0.1, 0.3), 1, generator)[0] for _ in range(4000)]
    assert np.mean(firsts) == pytest.approx(0.25, abs=0.02)


def test_the_same_generator_seed_gives_the_same_samples() -> None:
    first, second = (sample_chain(WEATHER, 50, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_mean_nll_of_samples_under_the_chain_is_the_entropy_rate() -> None:
    ids = sample_chain(WEATHER, 200_000, np.random.default_rng(2))
    assert -np.log(WEATHER[ids[:-1], ids[1:]]).mean() == pytest.approx(entropy_rate(WEATHER), rel=0.01)


@pytest.mark.parametrize(
    ("transition", "complaint"),
    [
        ([[0.5, 0.4], [0.5, 0.5]], "row 0 sums to 0.9;"),
        ([[0.5, 0.5], [1.5, -0.5]], "row 1 holds -0.5"),
        ([[0.5, 0.5], [np.nan, 0.5]], "row 1 holds nan"),
        ([[0.5, 0.5]], "square"),
        ([[1.0, 0.0], [0.5, 0.5]], "not ergodic"),
        ([[1.0, 0.0], [0.0, 1.0]], "not ergodic"),
        ([[0.0, 1.0], [1.0, 0.0]], "not ergodic"),
    ],
)
def test_a_matrix_without_an_entropy_rate_is_refused(transition: list[list[float]], complaint: str) -> None:
    with pytest.raises(StepaheadError, match=complaint):
        entropy_rate(np.array(transition))


def test_the_slowest_ergodic_pattern_is_accepted() -> None:
    # Wielandt's example: only its ((V − 1)² + 1)-th power is positive everywhere.
    transition = np.roll(np.eye(7), 1, axis=1)
    transition[-1, :2] = 0.5
    assert entropy_rate(transition) > 0


@pytest.mark.parametrize(
    ("start", "k", "complaint"), [([1, 0], 1, "shape"), ([0.5, 0.5, 0.5], 1, "sums to"), ([1, 0, 0], -1, "k = -1")]
)
def test_bad_starts_and_steps_are_refused(start: list[float], k: int, complaint: str) -> None:
    with pytest.raises(StepaheadError, match=complaint):
        k_step_distribution(WEATHER, np.array(start), k)


def test_a_negative_horizon_is_refused() -> None:
    with pytest.raises(StepaheadError, match="horizon -2"):
        entropy_of_horizon(WEATHER, [1, -2])


def test_the_entropy_of_the_stationary_distribution_is_the_limit_of_the_horizon() -> None:
    limit = distribution_entropy(stationary_distribution(WEATHER))
    assert entropy_of_horizon(WEATHER, [200])[0] == pytest.approx(limit, rel=1e-12)


def test_a_text_is_the_chain_in_letters() -> None:
    chain = sample_chain(WEATHER, 50, np.random.default_rng(3))
    assert markov_text("xyz", WEATHER, 50, np.random.default_rng(3)) == "".join("xyz"[state] for state in chain)


@pytest.mark.parametrize("states", ["xy", "xyzw", "xxy", "xyZ", "x y", "x1y"])
def test_states_are_different_letters_one_a_row(states: str) -> None:
    with pytest.raises(StepaheadError, match=r"markov.states = .*, but it must name each of the 3 rows"):
        markov_text(states, WEATHER, 50, np.random.default_rng(0))


@pytest.mark.parametrize("rows", [[[0.5, 0.6], [0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5]]])
def test_a_bad_matrix_is_a_complaint_about_the_param(rows: list[list[float]]) -> None:
    with pytest.raises(StepaheadError, match=r"^params.yaml: markov.transition"):
        markov_text("ab"[: len(rows)], np.array(rows), 50, np.random.default_rng(0))


@pytest.fixture(scope="module")
def chain() -> np.ndarray:
    return sample_chain(WEATHER, 60000, np.random.default_rng(0)).astype(np.uint8)


@pytest.mark.parametrize("order", [2, 6])
def test_an_ngram_comes_within_2_percent_of_the_floor(order: int, chain: np.ndarray) -> None:
    model = NGram(order, 3)
    model.fit(chain[:20000])
    assert math.exp(model.nll(chain[20000:]).mean()) == pytest.approx(math.exp(entropy_rate(WEATHER)), rel=0.02)


@pytest.mark.parametrize("cell", ["scratch", "rnn"])
def test_a_network_comes_within_2_percent_of_the_floor(cell: str, chain: np.ndarray) -> None:
    network = build_network(Architecture(cell, 3, 16), torch.Generator().manual_seed(0), torch.device("cpu"))
    settings = Settings(32, 20, "sequential", "adamw", 0.02, 8, "norm", 1.0, schedule="cosine")
    for _ in train(network, chain[:20000], chain[:0], settings, np.random.default_rng(0), torch.Generator()):
        pass
    found = math.exp(NeuralLM(network, torch.device("cpu")).nll(chain[20000:]).mean())
    assert found == pytest.approx(math.exp(entropy_rate(WEATHER)), rel=0.02)
