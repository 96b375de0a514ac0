"""A fitted n-gram model as a safetensors file."""

from pathlib import Path
from typing import Any

from stepahead.core import artifacts
from stepahead.text.ngram.ngram import NGram


def save_ngram(path: Path, model: NGram) -> None:
    """Its order, its vocabulary's size and its weights."""
    artifacts.write_tensors(path, model.weights, {"order": model.order, "vocab_size": model.vocab_size})


def read_ngram(tensors: dict[str, artifacts.Array], about: dict[str, Any]) -> NGram:
    """The model whose tensors and description `write_tensors` was given.

    Raises:
        KeyError, TypeError, ValueError: they are not those of an n-gram model.
    """
    orders = range(1, about["order"] + 1)
    sizes = [2, *(len(tensors[f"keys_{m}"]) for m in orders)]  # as NGram says; of the empty m-gram there is one
    expected: dict[str, tuple[tuple[int, ...], str]] = {}
    for m in orders:
        expected[f"keys_{m}"], expected[f"probs_{m}"] = ((sizes[m],), "int64"), ((sizes[m],), "float64")
        expected[f"backoffs_{m}"] = ((sizes[m - 1],), "float64")
    if {name: (tensor.shape, tensor.dtype.name) for name, tensor in tensors.items()} != expected:
        raise ValueError(f"the weights are not those of an n-gram of order {about['order']}")
    return NGram(about["order"], about["vocab_size"], tensors)
