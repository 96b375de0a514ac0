import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from stepahead.text.rnn import neural
from stepahead.text.rnn.architecture import CELLS, Architecture
from stepahead.text.rnn.dropout import Dropout
from stepahead.text.rnn.neural import NeuralLM, build_network, load_network

CPU = torch.device("cpu")
IDS = np.random.default_rng(0).integers(0, 6, 40).astype(np.uint8)


def model(cell: str, **changes: Any) -> NeuralLM:
    return NeuralLM(build_network(Architecture(cell, 6, 8, **changes), torch.Generator().manual_seed(3), CPU), CPU)


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


EXTRAS = [{}, {"num_layers": 2}, {"embedding_size": 8, "tied": True}, {"num_layers": 2, "readout": "all"}]


@pytest.mark.parametrize(("cell", "extra"), [("scratch", {}), *(("lstm", extra) for extra in EXTRAS), ("gru", {})])
def test_a_network_comes_back_from_its_weights(cell: str, extra: dict[str, Any]) -> None:
    network = model(cell, **extra).network
    weights = {name: weight.detach().numpy().copy() for name, weight in network.parameters().items()}
    about = dataclasses.asdict(network.architecture) | {"device": "cpu"}
    again = NeuralLM(load_network(weights, about, CPU), CPU)
    np.testing.assert_array_equal(again.nll(IDS), NeuralLM(network, CPU).nll(IDS))


LAYERS: dict[str, Any] = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


@pytest.mark.parametrize("cell", LAYERS)
def test_layers_are_torchs(cell: str) -> None:
    network = model(cell, num_layers=2).network
    weights = {name: weight.detach() for name, weight in network.parameters().items()}
    layer = LAYERS[cell](6, 8, 2)
    layer.load_state_dict({name: weight for name, weight in weights.items() if "_l" in name})
    ids = torch.from_numpy(IDS[:12].astype(np.int64)).view(6, 2)
    expected, last = layer(torch.nn.functional.one_hot(ids, 6).float())
    found, state = network.hidden(ids, network.initial_state(2))
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(state, last if cell == "lstm" else (last,))


def test_an_embedding_can_replace_the_one_hot_tokens() -> None:
    network = model("gru", embedding_size=5).network
    layer = torch.nn.GRU(5, 8)
    layer.load_state_dict({name: w.detach() for name, w in network.parameters().items() if "_l" in name})
    ids = torch.tensor([[1], [4], [0]])
    expected, _ = layer(network.parameters()["embedding"].detach()[ids])
    torch.testing.assert_close(network.hidden(ids, network.initial_state(1))[0], expected)


def test_a_tied_readout_is_the_embedding() -> None:
    network = model("lstm", embedding_size=8, tied=True).network
    assert "weight" not in network.parameters()
    hidden = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    parameters = network.parameters()
    torch.testing.assert_close(network.readout(hidden), hidden @ parameters["embedding"].T + parameters["bias"])


def test_a_readout_of_all_layers_reads_them_side_by_side() -> None:
    network = model("rnn", num_layers=2, readout="all").network
    ids = torch.tensor([[1], [4], [0]])
    read, (last,) = network.hidden(ids, network.initial_state(1))
    assert read.shape == (3, 1, 16)
    torch.testing.assert_close(read[-1, 0], last.flatten())


def test_the_forget_bias_is_added_to_every_layers_forget_gates() -> None:
    plain, biased = (model("lstm", num_layers=2, forget_bias=b).network.parameters() for b in (0.0, 1.0))
    for name, weight in plain.items():
        added = (biased[name] - weight).detach()
        expected = torch.zeros_like(added)
        if name.startswith("bias_ih"):
            expected[8:16] = 1
        torch.testing.assert_close(added, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_dropout_changes_training_alone_and_draws_from_its_generator(cell: str) -> None:
    network = model(cell).network
    ids = torch.from_numpy(IDS.astype(np.int64))[:, None]

    def read(seed: int | None) -> torch.Tensor:
        dropout = None if seed is None else Dropout(0.2, 0.2, 0.2, 0.2, torch.Generator().manual_seed(seed))
        return network.hidden(ids, network.initial_state(1), dropout)[0]

    assert torch.equal(read(1), read(1))
    assert not torch.equal(read(1), read(2))
    assert not torch.equal(read(1), read(None))
