import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from stepahead.artifacts import write_tensors
from stepahead.errors import StepaheadError
from stepahead.text.architecture import Architecture
from stepahead.text.neural import NeuralLM, build_network
from stepahead.text.ngram import NGram
from stepahead.text.store import load_model, save_ngram

IDS = np.random.default_rng(0).integers(0, 6, 80).astype(np.uint8)


def test_an_ngram_comes_back_without_torch(tmp_path: Path) -> None:
    model = NGram(3, 6)
    model.fit(IDS)
    save_ngram(tmp_path / "m.safetensors", model)
    np.testing.assert_array_equal(load_model(tmp_path / "m.safetensors", "cpu", 1).nll(IDS), model.nll(IDS))
    code = (
        "import sys; from pathlib import Path; from stepahead.text.store import load_model; "
        f"load_model(Path({str(tmp_path / 'm.safetensors')!r}), 'cpu', 1); print('torch' in sys.modules)"
    )
    found = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=Path(__file__).parents[3])
    assert found.strip() == "False"


def test_a_network_comes_back(tmp_path: Path) -> None:
    architecture = Architecture("lstm", 6, 8, num_layers=2, readout="all")
    network = build_network(architecture, torch.Generator().manual_seed(0), torch.device("cpu"))
    weights = {name: weight.detach().numpy() for name, weight in network.parameters().items()}
    write_tensors(tmp_path / "m.safetensors", weights, dataclasses.asdict(architecture) | {"device": "cpu"})
    expected = NeuralLM(network, torch.device("cpu")).nll(IDS)
    np.testing.assert_array_equal(load_model(tmp_path / "m.safetensors", "cpu", 1).nll(IDS), expected)


def test_anything_else_is_refused(tmp_path: Path) -> None:
    write_tensors(tmp_path / "m.safetensors", {"x": IDS}, {"class": "LinearAR"})
    with pytest.raises(StepaheadError, match="holds no language model of this version"):
        load_model(tmp_path / "m.safetensors", "cpu", 1)
