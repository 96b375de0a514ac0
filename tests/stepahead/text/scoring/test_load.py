import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from stepahead.core.artifacts import read_tensors, write_tensors
from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.file import save_ngram
from stepahead.text.ngram.ngram import NGram
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.neural import Network, NeuralLM, build_network
from stepahead.text.scoring.load import load_models
from tests.project import ROOT

IDS = np.random.default_rng(0).integers(0, 6, 80).astype(np.uint8)


def test_an_ngram_comes_back_without_torch(tmp_path: Path) -> None:
    model = NGram(3, 6)
    model.fit(IDS)
    save_ngram(tmp_path / "m.safetensors", model)
    np.testing.assert_array_equal(load_models(tmp_path / "m.safetensors", "cpu", 1)[0].nll(IDS), model.nll(IDS))
    code = (
        "import sys; from pathlib import Path; from stepahead.text.scoring.load import load_models; "
        f"load_models(Path({str(tmp_path / 'm.safetensors')!r}), 'cpu', 1); print('torch' in sys.modules)"
    )
    found = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert found.strip() == "False"


def stacked(networks: list[Network]) -> dict[str, np.ndarray]:
    weights = [network.parameters() for network in networks]
    return {name: np.stack([each[name].detach().numpy() for each in weights]) for name in weights[0]}


def test_the_networks_of_each_weight_seed_come_back(tmp_path: Path) -> None:
    architecture, cpu = Architecture("lstm", 6, 8, num_layers=2, readout="all"), torch.device("cpu")
    networks = [build_network(architecture, torch.Generator().manual_seed(seed), cpu) for seed in range(3)]
    about = dataclasses.asdict(architecture) | {"device": "cpu", "n_seeds": 3}
    write_tensors(tmp_path / "m.safetensors", stacked(networks), about)
    expected = [NeuralLM(network, cpu).nll(IDS) for network in networks]
    found = [model.nll(IDS) for model in load_models(tmp_path / "m.safetensors", "cpu", 1)]
    np.testing.assert_array_equal(found, expected)
    assert not np.array_equal(found[0], found[1])


def test_anything_else_is_refused(tmp_path: Path) -> None:
    write_tensors(tmp_path / "m.safetensors", {"x": IDS}, {"class": "LinearAR"})
    with pytest.raises(StepaheadError, match="holds no language model of this version"):
        load_models(tmp_path / "m.safetensors", "cpu", 1)


def changed(weights: dict[str, np.ndarray], how: str) -> dict[str, np.ndarray]:
    name, array = max(weights.items(), key=lambda item: item[1].ndim)
    others = {other: each for other, each in weights.items() if other != name}
    return {
        "missing": others,
        "more": weights | {"more": array},
        "one number": others | {name: array.flatten()[0]},  # which torch would broadcast
        "an axis more": others | {name: array[None]},
        "cut": others | {name: array[:-1]},
        "another type": others | {name: array.astype(bool)},
    }[how]


@pytest.mark.parametrize("how", ["missing", "more", "one number", "an axis more", "cut", "another type"])
@pytest.mark.parametrize("kind", ["ngram", "gru", "scratch"])
def test_weights_of_another_shape_are_refused(kind: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    if kind == "ngram":
        model = NGram(2, 6)
        model.fit(IDS)
        save_ngram(path, model)
    else:
        architecture = Architecture(kind, 6, 8)
        network = build_network(architecture, torch.Generator(), torch.device("cpu"))
        write_tensors(path, stacked([network]), dataclasses.asdict(architecture) | {"n_seeds": 1})
    weights, about = read_tensors(path)
    load_models(path, "cpu", 1)
    write_tensors(path, changed(weights, how), about)
    with pytest.raises(StepaheadError, match=r"holds no language model of this version .*; delete it and run"):
        load_models(path, "cpu", 1)
