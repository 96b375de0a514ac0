"""Trained language models as files: what they are made of and their weights, never code."""

from pathlib import Path

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
        if "order" in about:
            return NGram(about["order"], about["vocab_size"], tensors)
        return _neural(tensors, about, device, threads)
    except (KeyError, TypeError) as error:
        raise StepaheadError(
            f"{path} holds no language model of this version ({error}); delete it and run dvc repro"
        ) from None


def _neural(tensors: dict[str, artifacts.Array], about: dict[str, object], device: str, threads: int) -> LanguageModel:
    # torch takes a second to import, which an n-gram model need not wait for
    from stepahead.nn import runtime
    from stepahead.text import neural

    on = runtime.prepare(device, threads)
    return neural.NeuralLM(neural.load_network(tensors, about, on), on)
