"""Numbers for the types of token: from 0 on, in the order of the types, in the smallest type that holds them."""

from collections.abc import Sequence

import numpy as np

from stepahead.text.language_model import Ids


def smallest_unsigned(size: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned integer type that can index `size` things."""
    return np.dtype(np.min_scalar_type(max(size - 1, 0)))


def in_order(types: Sequence[str]) -> tuple[list[str], Ids]:
    """The types sorted, and where each of `types` now stands (len(types),)."""
    order = sorted(range(len(types)), key=types.__getitem__)
    places = np.zeros(len(types), smallest_unsigned(len(types)))
    places[order] = np.arange(len(types))
    return [types[i] for i in order], places


def look_up(table: Ids, ids: Ids) -> Ids:
    """`table[ids]`, for single bytes in half the time."""
    if table.dtype == ids.dtype == np.uint8:
        return np.frombuffer(ids.tobytes().translate(table.tobytes().ljust(256, b"\0")), np.uint8)
    return table[ids]
