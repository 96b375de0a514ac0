"""A perceptron with one hidden layer for many weight seeds at once: what it predicts, and the gradient by hand.

Shapes: S seeds, B windows, n inputs, H hidden units, m outputs, each of which is a task of its own.
    inputs (S, n + 1, B) or (n + 1, B): the windows, and a row of ones that meets the biases
    weights `hidden` (S, H, n + 1) and `output` (S, m, H + 1): the biases are the last column
"""

import math

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.networks.ensemble import Weights


def initial_weights(n_inputs: int, hidden: int, n_outputs: int, generator: np.random.Generator) -> dict[str, Array]:
    """One network's weights: Xavier-uniform (Glorot & Bengio 2010, equation 16), biases as torch's Linear has them."""
    weights = {}
    for layer, fan_in, fan_out in (("hidden", n_inputs, hidden), ("output", hidden, n_outputs)):
        bound = np.append(np.full(fan_in, math.sqrt(6 / (fan_in + fan_out))), 1 / math.sqrt(fan_in))
        weights[layer] = bound * generator.uniform(-1, 1, (fan_out, fan_in + 1))
    return weights


def with_ones(rows: Array) -> Array:
    """(…, n, B) -> (…, n + 1, B): a last row of ones."""
    return np.concatenate([rows, np.ones_like(rows[..., :1, :])], axis=-2)


def outputs(weights: Weights, inputs: Array) -> Array:
    """(S, m, B)"""
    predicted: Array = weights["output"] @ _hidden(weights, inputs)
    return predicted


def task_gradients(weights: Weights, inputs: Array, labels: Array) -> tuple[Array, Array, Array]:
    """Each task's mean squared error at labels (S, m, B), and its gradient.

    Returns:
        The losses (S, m); each task's gradient of the hidden layer, which they share, (S, m, H, n + 1); and that of the
        output layer (S, m, H + 1), in which a task has a row of its own.
    """
    hidden = _hidden(weights, inputs)
    errors = weights["output"] @ hidden - labels
    delta = 2 / labels.shape[-1] * errors  # (S, m, B)
    # A task's gradient at unit j is its weight there times Σ_b [unit j is on in b] δ_b inputs_b.
    weighted = delta[:, :, None] * inputs[:, None]  # (S, m, n + 1, B)
    seeds, tasks, width, _ = weighted.shape
    sums = (hidden[:, :-1] > 0) @ weighted.reshape(seeds, tasks * width, -1).mT  # (S, H, m · (n + 1))
    shared = sums.reshape(seeds, -1, tasks, width).swapaxes(1, 2) * weights["output"][:, :, :-1, None]
    return (errors**2).mean(-1), shared, delta @ hidden.mT


def _hidden(weights: Weights, inputs: Array) -> Array:
    """The hidden units (S, H + 1, B), the last row ones."""
    return with_ones(np.maximum(weights["hidden"] @ inputs, 0))
