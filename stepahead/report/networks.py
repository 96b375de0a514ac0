"""The trained text networks as the page's script reads them: their shape, and their weights as float16."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array, Ids

MAX_WEIGHTS = 1_700_000
"""characters of weights on the page, all networks together; the page must stay under 3.5 MB"""

MAX_COUNTED = 50_000
"""training tokens up to which the page counts its n-grams itself"""

Trained = tuple[Mapping[str, Array], Mapping[str, Any]]
"""a network's tensors by name, and what its file says about them"""

SHAPE = ("activation", "cell", "num_hiddens", "num_layers", "embedding_size", "tied", "readout")


def exported(networks: Mapping[str, Trained]) -> dict[str, dict[str, Any]]:
    """Name -> shape, tensors and weights of each of `networks`, tensors and description as their files hold them.

    `tensors` lists name, rows and columns; `weights` holds them in this order, row by row, little-endian float16 in
    base64. A network is left out where the weights would be too long for the page or too large for float16, and so is
    scratch beside rnn, whose equations it shares.
    """
    found, left = {}, MAX_WEIGHTS
    for name, (tensors, about) in networks.items():
        if name == "scratch" and "rnn" in networks:
            continue
        named = _as_layers(tensors) if about["cell"] == "scratch" else tensors
        halves = {key: _half(named[key]) for key in sorted(named)}
        weights = base64.b64encode(b"".join(half.tobytes() for half in halves.values())).decode("ascii")
        if len(weights) > left or not all(np.isfinite(half).all() for half in halves.values()):
            continue
        left -= len(weights)
        shapes = [[key, len(half), half[0].size] for key, half in halves.items()]
        found[name] = {**{key: about[key] for key in SHAPE}, "tensors": shapes, "weights": weights}
    return found


def counted(train: Ids, order: int) -> dict[str, Any] | None:
    """What the page counts its n-grams of: the training tokens as little-endian uint16 in base64, and the order."""
    if not order or len(train) > MAX_COUNTED:
        return None
    return {"order": order, "ids": base64.b64encode(train.astype("<u2").tobytes()).decode("ascii")}


def _as_layers(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """The weights of scratch under the names, and in the shapes, of an rnn's."""
    return {
        "weight_ih_l0": tensors["W_xh"].T,
        "weight_hh_l0": tensors["W_hh"].T,
        "bias_ih_l0": tensors["b_h"],
        "bias_hh_l0": np.zeros_like(tensors["b_h"]),
        "weight": tensors["W_hq"].T,
        "bias": tensors["b_q"],
    }


def _half(tensor: Array) -> Array:
    with np.errstate(over="ignore"):  # the caller looks for what became infinite
        return tensor.astype("<f2")
