"""Trained language models as files: what they are made of and their weights, never code."""

from pathlib import Path
from typing import Any

from stepahead import artifacts
from stepahead.errors import StepaheadError
from stepahead.text.language_model import LanguageModel
from stepahead.text.ngram import NGram


def save_ngram(path: Path, model: NGram) -> None:
    """Write a fitted n-gram model to a safetensors file."""
    artifacts.write_tensors(path, model.weights, {"order": model.order, "vocab_size": model.vocab_size})


def load_model(path: Path, device: str, threads: int) -> LanguageModel:
    """The language model in a safetensors file, whatever its kind; a network computes on `device` and `threads`.

    Raises:
        StepaheadError: the file is missing, damaged or holds no language model, or there is no such device.
    """
    tensors, about = artifacts.read_tensors(path)
    try:
        return _ngram(tensors, about) if "order" in about else _neural(tensors, about, device, threads)
    except (KeyError, TypeError, ValueError) as error:
        raise StepaheadError(
            f"{path} holds no language model of this version ({error}); delete it and run dvc repro"
        ) from None


def _ngram(tensors: dict[str, artifacts.Array], about: dict[str, Any]) -> NGram:
    orders = range(1, about["order"] + 1)
    sizes = [2, *(len(tensors[f"keys_{m}"]) for m in orders)]  # as NGram says; of the empty m-gram there is one
    expected: dict[str, tuple[tuple[int, ...], str]] = {}
    for m in orders:
        expected[f"keys_{m}"], expected[f"probs_{m}"] = ((sizes[m],), "int64"), ((sizes[m],), "float64")
        expected[f"backoffs_{m}"] = ((sizes[m - 1],), "float64")
    if {name: (tensor.shape, tensor.dtype.name) for name, tensor in tensors.items()} != expected:
        raise ValueError(f"the weights are not those of an n-gram of order {about['order']}")
    return NGram(about["order"], about["vocab_size"], tensors)


def _neural(tensors: dict[str, artifacts.Array], about: dict[str, Any], device: str, threads: int) -> LanguageModel:
    # torch takes a second to import, which an n-gram model need not wait for
    from stepahead.nn import runtime
    from stepahead.text import neural

    on = runtime.prepare(device, threads)
    return neural.NeuralLM(neural.load_network(tensors, about, on), on)
