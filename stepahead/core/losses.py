"""What a model lost at each point it was scored on, kept so that two runs can be compared point by point."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array, write_tensors

MOST = 2000  # losses kept in a row; of more, the means of successive ones


def block_size(n_points: int) -> int:
    """How many successive losses become one, so that at most `MOST` are kept."""
    return -(-n_points // MOST)


def block_means(losses: Array) -> Array:
    """The means of successive blocks of losses (…, N), (…, at most MOST); an incomplete last block is left out."""
    size = block_size(losses.shape[-1]) or 1
    n_blocks = losses.shape[-1] // size
    means: Array = losses[..., : n_blocks * size].reshape(*losses.shape[:-1], n_blocks, size).mean(axis=-1)
    return means


def write_losses(path: Path, kept: Mapping[str, Array], scored_on: Array, n_points: int, **about: Any) -> None:
    """Write model -> losses (…, blocks) as `block_means` gives them.

    Args:
        scored_on: the numbers that were predicted; their fingerprint tells whether two files can be compared.
        n_points: the losses of a row before they were made blocks.
    """
    data = {"block": block_size(n_points), "points": n_points, "scored_on": fingerprint(scored_on)}
    write_tensors(path, kept, data | about)


def fingerprint(numbers: Array) -> str:
    """Of `numbers` to seven digits, because the last ones may be the processor's."""
    return hashlib.sha256(np.asarray(numbers, dtype=np.float32).tobytes()).hexdigest()[:16]
