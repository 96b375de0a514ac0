"""Gradient surgery for networks that learn several tasks at once: PCGrad (Yu et al. 2020, algorithm 1).

Two tasks conflict where the cosine between their gradients is below zero. Each task's gradient then loses its part
along the other's, that is, it is projected onto the normal plane of the other's original gradient.

What is left of each gradient stays a combination of the originals, so their dot products (…, tasks, tasks), the Gram
matrix, say all there is to know.
"""

from collections.abc import Iterable

import numpy as np

from stepahead.core.artifacts import Array

TINY = np.finfo(np.float64).tiny


def shares_after_surgery(gram: Array, orders: Array) -> Array:
    """How much of each original gradient is in the sum over tasks after surgery, (…, tasks).

    Args:
        orders: (…, tasks, tasks − 1), for each task the others in the order in which it meets them; each time it is as
            the projections before have left it.
    """
    tasks = gram.shape[-1]
    left = np.broadcast_to(np.eye(tasks), gram.shape).copy()  # row i: what task i's gradient is made of
    squares = np.maximum(gram.diagonal(axis1=-2, axis2=-1), TINY)
    for place in range(tasks - 1):
        met = np.eye(tasks)[orders[..., place]]  # row i: a one at the task that task i meets
        dot = (left @ gram * met).sum(-1, keepdims=True)
        left -= np.minimum(dot, 0) / squares[..., None, :] * met
    shares: Array = left.sum(-2)
    return shares


def cosines(gram: Array) -> Array:
    """Cosine between the gradients of every two tasks, (…, tasks, tasks); 0 where one is zero."""
    norms = np.sqrt(np.maximum(gram.diagonal(axis1=-2, axis2=-1), TINY))
    cosine: Array = gram / (norms[..., None] * norms[..., None, :])
    return cosine


def random_orders(tasks: int, generators: Iterable[np.random.Generator]) -> Array:
    """For each generator and each task the other tasks in random order, (S, tasks, tasks − 1)."""
    draws = np.stack([generator.random((tasks, tasks)) for generator in generators])
    draws[:, range(tasks), range(tasks)] = 2  # the task itself comes last, and is left out
    return draws.argsort(-1)[..., :-1]
