"""First-order Markov chains whose transition probabilities are known: all that can be said of them exactly.

A `transition` (V, V) holds p(next state j | current state i) in row i.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from stepahead.core import memory
from stepahead.core.errors import StepaheadError

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]


def stationary_distribution(transition: Floats) -> Floats:
    """The only π (V,) with π P = π: how often the chain visits each state in the long run.

    Raises:
        StepaheadError: `transition` is no matrix of probabilities, or the chain is not ergodic.
    """
    _check_rows(transition)
    _check_ergodic(transition)
    equations = transition.T - np.eye(len(transition))
    equations[-1] = 1  # the equations are dependent: one gives way to Σ π = 1
    solution = np.linalg.solve(equations, np.eye(len(transition))[-1])
    positive: Floats = np.maximum(solution, 0)
    return positive / np.sum(positive)


def entropy_rate(transition: Floats) -> float:
    """−Σ_i π_i Σ_j P_ij log P_ij in nats per step (Cover & Thomas 2006, theorem 4.2.4).

    No model can predict the chain's next state with a lower expected nll; exp of it is the best perplexity there is.

    Raises:
        StepaheadError: `transition` is no matrix of probabilities, or the chain is not ergodic.
    """
    return float(stationary_distribution(transition) @ _entropy(transition))


def distribution_entropy(distribution: Floats) -> float:
    """−Σ_j p_j log p_j of a distribution (V,), in nats."""
    return float(_entropy(distribution[None])[0])


def sample_chain(transition: Floats, length: int, generator: np.random.Generator) -> Ids:
    """`length` successive states of the chain, the first from its stationary distribution: (length,).

    Raises:
        StepaheadError: `transition` is no matrix of probabilities, or the chain is not ergodic.
    """
    start = stationary_distribution(transition)
    cumulated = np.cumsum(np.vstack([transition, start]), axis=1)  # (V + 1, V), the last row for the first state
    rows = (cumulated / cumulated[:, -1:]).tolist()
    states, state = np.empty(length, dtype=np.int64), len(start)
    for t, u in enumerate(generator.random(length).tolist()):
        state = bisect_right(rows[state], u)
        states[t] = state
    return states


def markov_text(states: str, transition: Floats, length: int, generator: np.random.Generator) -> str:
    """A text drawn from a chain whose states are letters: its `length` characters.

    Raises:
        StepaheadError: the states are not different letters a–z, one a row of `transition`; or as `sample_chain` does.
    """
    if not re.fullmatch("[a-z]+", states) or len(set(states)) < len(states) or len(states) != len(transition):
        raise StepaheadError(
            f"markov.states = {states!r}, but it must name each of the {len(transition)} rows of markov.transition by "
            "a letter a–z of its own; add or remove letters, or rows"
        )
    memory.check(150 * length, f"params.yaml: markov.length = {length:,}", "lower it")  # each draw is a Python number
    try:
        chain = sample_chain(transition, length, generator)
    except StepaheadError as error:
        raise StepaheadError(f"params.yaml: markov.{error}") from None
    return "".join(states[state] for state in chain)


def k_step_distribution(transition: Floats, start_distribution: Floats, k: int) -> Floats:
    """The distribution of the state k steps after one drawn from `start_distribution` (V,): (V,).

    Summing over the V**k paths takes V**k products. Dynamic programming takes k V²: the sum over all paths into state j
    in k steps is Σ_i (the sum over all paths into i in k − 1 steps) P_ij, a vector–matrix product.

    Raises:
        StepaheadError: `transition` or `start_distribution` holds no probabilities, or k is negative.
    """
    _check_rows(transition)
    if start_distribution.shape != (len(transition),):
        raise StepaheadError(
            f"start_distribution has shape {start_distribution.shape}; give one probability for each of "
            f"the {len(transition)} states"
        )
    _check_probabilities(start_distribution[None], "start_distribution")
    if k < 0:
        raise StepaheadError(f"k = {k} steps ahead lies in the past; k must be 0 or more")
    distribution = start_distribution
    for _ in range(k):
        distribution = distribution @ transition
    return distribution


def entropy_of_horizon(transition: Floats, horizons: Sequence[int]) -> Floats:
    """The mean entropy (nats) of the k-step-ahead distribution for each k of `horizons`: (len(horizons),).

    The mean is over the current state, drawn from the stationary distribution π, so this is the conditional entropy
    H(x_{t+k} | x_t). It starts at the entropy rate (k = 1), never falls with k, and approaches the entropy of π, which
    bounds it: how near it has come is how much of the past has stopped to matter.

    Raises:
        StepaheadError: `transition` is no matrix of probabilities, the chain is not ergodic, or a horizon is negative.
    """
    stationary = stationary_distribution(transition)
    if min(horizons, default=0) < 0:
        raise StepaheadError(f"horizon {min(horizons)} lies in the past; every horizon must be 0 or more")
    entropies = {}
    rows = np.eye(len(transition))  # row i: the distribution k steps after state i
    for previous, k in pairwise([0, *sorted(horizons)]):
        for _ in range(k - previous):
            rows = rows @ transition
        entropies[k] = float(stationary @ _entropy(rows))
    return np.array([entropies[k] for k in horizons])


def _entropy(rows: Floats) -> Floats:
    """−Σ_j p_j log p_j of each row (N, V), with 0 log 0 = 0: (N,)."""
    logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)
    entropies: Floats = -np.sum(rows * logs, axis=1)
    return entropies


def _check_rows(transition: Floats) -> None:
    if transition.ndim != 2 or transition.shape[0] != transition.shape[1] or transition.size == 0:
        raise StepaheadError(
            f"transition has shape {transition.shape}; it must be a square matrix, a row for each state"
        )
    _check_probabilities(transition, "transition")


def _check_probabilities(rows: Floats, name: str) -> None:
    wrong = np.flatnonzero(~(rows >= 0).all(axis=1))
    if wrong.size:
        raise StepaheadError(
            f"{name} row {wrong[0]} holds {rows[wrong[0]].min():g}; a probability is 0 or more, so correct that row"
        )
    wrong = np.flatnonzero(~(abs(rows.sum(axis=1) - 1) <= 1e-9))
    if wrong.size:
        total = rows[wrong[0]].sum()
        raise StepaheadError(
            f"{name} row {wrong[0]} sums to {total:.10g}; it must sum to 1, so divide the row by its sum"
        )


def _check_ergodic(transition: Floats) -> None:
    """Some power of the matrix must be positive everywhere; if one is, so is the ((V − 1)² + 1)-th (Wielandt 1950)."""
    steps, reached = 1, transition > 0
    while not reached.all():
        if steps > (len(transition) - 1) ** 2:
            raise StepaheadError(
                "transition is not ergodic: some states cannot be reached from others, or the chain runs in a fixed "
                "cycle; make more entries positive"
            )
        reached = reached.astype(np.float32) @ reached.astype(np.float32) > 0
        steps *= 2
