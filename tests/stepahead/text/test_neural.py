import numpy as np
import pytest
import torch

from stepahead.errors import StepaheadError
from stepahead.text import neural
from stepahead.text.neural import CELLS, NeuralLM, build_network, load_network

CPU = torch.device("cpu")
IDS = np.random.default_rng(0).integers(0, 6, 40).astype(np.uint8)


def model(cell: str, num_layers: int = 1) -> NeuralLM:
    return NeuralLM(build_network(cell, 6, 8, num_layers, torch.Generator().manual_seed(3), CPU), CPU)


@pytest.mark.parametrize("cell", CELLS)
def test_nll_is_the_chain_of_next_token_distributions(cell: str) -> None:
    lm = model(cell)
    state, expected = lm.start(), []
    for i in IDS:
        log_probs = lm.log_probs(state)
        assert np.exp(log_probs).sum() == pytest.approx(1)
        expected.append(-log_probs[i])
        state = lm.advance(state, np.array([i]))
    np.testing.assert_allclose(lm.nll(IDS), expected, rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_long_sequence_is_scored_in_pieces_without_a_seam(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = model(cell).nll(IDS)
    monkeypatch.setattr(neural, "PIECE", 7)
    np.testing.assert_allclose(model(cell).nll(IDS), whole, rtol=1e-5)


def test_reading_nothing_leaves_the_state() -> None:
    lm = model("gru")
    state = lm.advance(lm.start(), IDS)
    assert lm.advance(state, IDS[:0]) is state


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_layers_stack(cell: str) -> None:
    lm = model(cell, num_layers=2)
    assert np.isfinite(lm.nll(IDS)).all()
    assert not np.allclose(lm.nll(IDS), model(cell).nll(IDS))


def test_scratch_refuses_layers() -> None:
    with pytest.raises(StepaheadError, match=r"rnn.num_layers = 2, but scratch has one layer"):
        model("scratch", num_layers=2)


@pytest.mark.parametrize("cell", CELLS)
def test_a_network_comes_back_from_its_weights(cell: str) -> None:
    network = build_network(cell, 6, 8, 1, torch.Generator().manual_seed(3), CPU)
    weights = {name: weight.detach().numpy().copy() for name, weight in network.parameters().items()}
    about = {"cell": cell, "vocab_size": 6, "num_hiddens": 8, "num_layers": 1, "device": "cpu"}
    again = NeuralLM(load_network(weights, about, CPU), CPU)
    np.testing.assert_array_equal(again.nll(IDS), NeuralLM(network, CPU).nll(IDS))
