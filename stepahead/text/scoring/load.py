"""Any trained language models from their file."""

from pathlib import Path
from typing import Any

from stepahead.core import artifacts
from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.file import read_ngram
from stepahead.text.scoring.language_model import LanguageModel


def ngram_files(folder: Path) -> dict[str, Path]:
    """The files of the n-gram models by name, the lowest order first."""
    paths = {int(path.stem.removeprefix("ngram_")): path for path in folder.glob("ngram_*.safetensors")}
    return {paths[order].stem: paths[order] for order in sorted(paths)}


def load_models(path: Path, device: str, threads: int) -> list[LanguageModel]:
    """The language models in a safetensors file, whatever their kind: the networks of all weight seeds, which compute
    on `device` and `threads`, or one n-gram model.

    Raises:
        StepaheadError: the file is missing, damaged or holds no language model, or there is no such device.
    """
    tensors, about = artifacts.read_tensors(path)
    try:
        return [read_ngram(tensors, about)] if "order" in about else _neural(tensors, about, device, threads)
    except (KeyError, TypeError, ValueError) as error:
        raise StepaheadError(
            f"{path} holds no language model of this version ({error}); delete it and run dvc repro"
        ) from None


def _neural(
    tensors: dict[str, artifacts.Array], about: dict[str, Any], device: str, threads: int
) -> list[LanguageModel]:
    # torch takes a second to import, which an n-gram model need not wait for
    from stepahead.text.rnn import neural, runtime

    on = runtime.prepare(device, threads)
    return [neural.NeuralLM(network, on) for network in neural.load_networks(tensors, about, on)]
