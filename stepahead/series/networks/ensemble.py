"""Train a small network from many weight seeds at once: error bars over seeds at almost the price of one run."""

from collections.abc import Callable, Mapping

import numpy as np

from stepahead.core import memory
from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.networks.adam import Adam

Weights = Mapping[str, Array]
"""The weights of S networks by name, (S, …) each."""
Initial = Callable[[np.random.Generator], Weights]
"""Draws one network's weights."""
Gradient = Callable[[Weights, Array, Array, Weights], Array]
"""Maps weights, features (S, n, B) and labels (S, m, B), a minibatch for each network, to the losses (S,), and writes
their gradients into its last argument, which is shaped as the weights are."""


def streams(seed: int, n_seeds: int) -> list[np.random.SeedSequence]:
    """The source of randomness of each network: none is shared with another `seed`, nor does `n_seeds` change one."""
    return np.random.SeedSequence(seed).spawn(n_seeds)


def train(
    initial: Initial,
    gradient: Gradient,
    features: Array,
    labels: Array,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    n_seeds: int,
    seed: int,
    section: str,
    held: int,
) -> dict[str, Array]:
    """Minimise a loss with Adam from `n_seeds` seeds, on the same pairs but each in its own shuffled order.

    Each network draws its weights and then its orders from a stream of its own, so it comes to the same weights
    whichever are trained beside it. The last minibatch of an epoch may be smaller. It is all done in float64, which on
    another processor comes to the same weights to many more digits.

    Args:
        features, labels: (n, N) and (m, N), a column for each pair.
        section: the section of params.yaml that holds `lr`, for the error message.
        held: numbers that `gradient` keeps for each pair, about; without the memory for them nothing begins.

    Returns:
        The weights by name, with the seeds as leading axis; float32, in which NumPy forecasts several times faster.

    Raises:
        StepaheadError: a loss or a weight stops being finite, or there is no memory for so many networks.
    """
    one = initial(np.random.default_rng(seed))
    n_weights, n_pairs = sum(weight.size for weight in one.values()), labels.shape[1]
    numbers = 10 * n_weights + 600 + n_pairs + 2 * min(batch_size, n_pairs) * (len(features) + held)
    what = f"n_seeds = {n_seeds:,} networks with {n_weights:,} weights each (section {section})"
    memory.check(8 * numbers * n_seeds, what, "lower n_seeds or their size")
    generators = [np.random.default_rng(stream) for stream in streams(seed, n_seeds)]
    drawn = [initial(generator) for generator in generators]
    start = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    values, weights = _flat(start)
    flat_slopes, slopes = _flat(start)
    optimizer = Adam(values, lr)
    for epoch in range(1, epochs + 1):
        order = np.stack([generator.permutation(labels.shape[1]) for generator in generators])  # (S, N)
        total = np.zeros(n_seeds)
        with np.errstate(over="ignore", invalid="ignore"):  # reported below, with the way out
            for first in range(0, labels.shape[1], batch_size):
                batch = order[:, first : first + batch_size]  # (S, B)
                x, y = (array.take(batch, axis=1).swapaxes(0, 1) for array in (features, labels))
                total += gradient(weights, x, y, slopes)
                optimizer.step(flat_slopes)
            finite = np.isfinite(total).all() and np.isfinite(values.astype(np.float32)).all()
        if not finite:
            raise StepaheadError(
                f"{section}.lr = {lr:g}: the loss stopped being a finite number in epoch {epoch}; lower {section}.lr"
            )
    return {name: weight.astype(np.float32) for name, weight in weights.items()}


def _flat(arrays: Weights) -> tuple[Array, dict[str, Array]]:
    """The arrays one after the other in one buffer (P,), which an optimizer steps at once, and the parts of it."""
    values = np.concatenate([array.ravel() for array in arrays.values()])
    ends = np.cumsum([array.size for array in arrays.values()])
    parts = np.split(values, ends[:-1])
    return values, {name: part.reshape(arrays[name].shape) for name, part in zip(arrays, parts, strict=True)}
