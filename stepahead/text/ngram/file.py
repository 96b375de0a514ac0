"""A fitted n-gram model as a safetensors file."""

from pathlib import Path
from typing import Any

import numpy as np

from stepahead.core import artifacts
from stepahead.text.ngram.ngram import MAX_ORDER, NGram


def save_ngram(path: Path, model: NGram) -> None:
    """Its order, its vocabulary's size and its weights."""
    artifacts.write_tensors(path, model.weights, {"order": model.order, "vocab_size": model.vocab_size})


def read_ngram(tensors: dict[str, artifacts.Array], about: dict[str, Any]) -> NGram:
    """The model whose tensors and description `write_tensors` was given.

    Raises:
        KeyError, TypeError, ValueError: they are not those of an n-gram model.
    """
    order, vocab_size = about["order"], about["vocab_size"]
    if not (isinstance(order, int) and 1 <= order <= MAX_ORDER and isinstance(vocab_size, int) and vocab_size >= 1):
        raise ValueError(f"there is no n-gram of order {order!r} over {vocab_size!r} tokens")
    orders = range(1, order + 1)
    sizes = [2, *(len(tensors[f"keys_{m}"]) for m in orders)]  # as NGram says; of the empty m-gram there is one
    expected: dict[str, tuple[tuple[int, ...], str]] = {}
    for m in orders:
        expected[f"keys_{m}"], expected[f"probs_{m}"] = ((sizes[m],), "int64"), ((sizes[m],), "float64")
        expected[f"backoffs_{m}"] = ((sizes[m - 1],), "float64")
    if {name: (tensor.shape, tensor.dtype.name) for name, tensor in tensors.items()} != expected:
        raise ValueError(f"the weights are not those of an n-gram of order {order}")
    for name, tensor in tensors.items():
        if tensor.dtype.kind == "f" and not ((tensor >= 0) & (tensor <= 1)).all():
            raise ValueError(f"{name} holds what is no probability")
        if tensor.dtype.kind == "i" and not (np.diff(tensor) > 0).all():
            raise ValueError(f"{name} is not in order")
    return NGram(order, vocab_size, tensors)
