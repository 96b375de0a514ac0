"""Our recurrences against torch's own modules, autograd and optimizer."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot, pad

from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.dropout import Dropout
from stepahead.text.rnn.neural import Network, build_network
from stepahead.text.rnn.recurrences import GRURecurrence, PlainRecurrence
from stepahead.text.rnn.recurrent import LayerRNN
from stepahead.text.rnn.training import Learner, Settings, train

MODULES: dict[str, Any] = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
CPU = torch.device("cpu")


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=seeded(seed), dtype=torch.float64).requires_grad_()


def recur(cell: str, inputs: torch.Tensor, *rest: torch.Tensor) -> Any:
    """The tanh recurrence overwrites its inputs, which a leaf does not allow."""
    return PlainRecurrence.apply(inputs.clone(), *rest, "tanh") if cell == "rnn" else GRURecurrence.apply(inputs, *rest)


def arguments(cell: str, steps: int, rows: int, size: int) -> tuple[torch.Tensor, ...]:
    if cell == "rnn":
        return drawn(steps, rows, size), drawn(size, size, seed=1), drawn(rows, size, seed=2)
    weights = drawn(3 * size, size, seed=1), drawn(size, seed=3)
    return drawn(steps, rows, 3 * size), *weights, drawn(rows, size, seed=2)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("sizes", [(4, 2, 3), (1, 2, 2), (3, 1, 1)])
def test_the_gradient_agrees_with_finite_differences(cell: str, sizes: tuple[int, int, int]) -> None:
    assert torch.autograd.gradcheck(lambda *a: recur(cell, *a), arguments(cell, *sizes))


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("sizes", [(7, 3, 5), (1, 4, 2), (20, 1, 8)])
@pytest.mark.parametrize("layers", [1, 3])
def test_hidden_states_and_gradients_are_those_of_torchs_module(
    cell: str, sizes: tuple[int, int, int], layers: int
) -> None:
    steps, rows, size = sizes
    module = MODULES[cell](4, size, layers, dtype=torch.float64)
    with torch.no_grad():
        for i, parameter in enumerate(module.parameters()):
            parameter.copy_(drawn(*parameter.shape, seed=i))
    read, initial = drawn(steps, rows, 4, seed=50), drawn(layers, rows, size, seed=51)
    values, lasts = read, []
    for i in range(layers):
        w_ih, w_hh, b_ih, b_hh = module.all_weights[i]
        if cell == "rnn":
            values = recur(cell, values @ w_ih.T + b_ih + b_hh, w_hh.T, initial[i])
        else:
            inputs = values @ w_ih.T + b_ih + pad(b_hh[: 2 * size], (0, size))
            values = recur(cell, inputs, w_hh, b_hh[2 * size :], initial[i])
        lasts.append(values[-1])
    expected, last = module(read, initial)
    torch.testing.assert_close(values, expected)
    torch.testing.assert_close(torch.stack(lasts), last)
    leaves, upstream = [read, initial, *module.parameters()], drawn(*expected.shape, seed=52)
    found = torch.autograd.grad(values, leaves, upstream)
    torch.testing.assert_close(found, torch.autograd.grad(expected, leaves, upstream))


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_what_saturates_is_no_warning(cell: str) -> None:
    inputs, *rest = arguments(cell, 2, 2, 3)
    states = recur(cell, inputs.detach().float() * 1e4, *(each.detach().float() for each in rest))
    assert states.isfinite().all()


CASES = [(cell, {}) for cell in MODULES]
CASES += [(cell, {"num_layers": 2}) for cell in ("rnn", "gru")]
CASES += [(cell, {"num_layers": 2, "embedding_size": 5}) for cell in ("rnn", "gru")]


def torchs_training(
    network: Network, batches: list[torch.Tensor], lr: float
) -> tuple[list[float], torch.nn.ModuleDict]:
    """The minibatches (T + 1, B), one update each, by torch's module, clipping and optimizer."""
    a, drawn = network.architecture, {name: weight.detach().clone() for name, weight in network.parameters().items()}
    parts = {"layers": MODULES[a.cell](a.embedding_size or a.vocab_size, a.num_hiddens, a.num_layers)}
    parts["readout"] = torch.nn.Linear(a.num_hiddens, a.vocab_size)
    parts["layers"].load_state_dict({name: weight for name, weight in drawn.items() if "_l" in name})
    parts["readout"].load_state_dict({name: drawn[name] for name in ("weight", "bias")})
    if a.embedding_size:
        parts["embedding"] = torch.nn.Embedding(a.vocab_size, a.embedding_size, _weight=drawn["embedding"])
    model = torch.nn.ModuleDict(parts)
    sgd, state, losses = torch.optim.SGD(model.parameters(), lr=lr), None, []
    for tokens in batches:
        read = model["embedding"](tokens[:-1]) if a.embedding_size else one_hot(tokens[:-1], a.vocab_size).float()
        hidden, state = model["layers"](read, state)
        state = tuple(part.detach() for part in state) if a.cell == "lstm" else state.detach()
        loss = cross_entropy(model["readout"](hidden).flatten(0, 1), tokens[1:].flatten())
        sgd.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        sgd.step()
        losses.append(loss.item())
    return losses, model


@pytest.mark.parametrize(("cell", "extra"), CASES)
def test_training_is_torchs(cell: str, extra: dict[str, int]) -> None:
    """Minibatch after minibatch from the same weights; the state carries over, and the norm is clipped."""
    network = build_network(Architecture(cell, 6, 16, **extra), seeded(), CPU)  # type: ignore[arg-type]
    ids = np.random.default_rng(0).integers(0, 6, 400).astype(np.uint8)
    settings = Settings(4, 9, "sequential", "sgd", 2.0, 1, "norm", 1.0)
    offset = int(np.random.default_rng(5).integers(10))
    width = (len(ids) - offset - 1) // 4
    starts = offset + np.arange(4) * width
    batches = [
        torch.from_numpy(ids[starts + np.arange(first, first + 10)[:, None]].astype(np.int64))
        for first in range(0, width - 8, 9)
    ]
    losses, model = torchs_training(network, batches, lr=2.0)
    perplexity = Learner(network, ids, settings, np.random.default_rng(5), seeded()).epoch(ids[:0]).perplexity
    assert perplexity == pytest.approx(np.exp(np.mean(losses)), rel=1e-5)
    expected = model["layers"].state_dict() | model["readout"].state_dict()
    for name, weight in network.parameters().items():
        if name in expected:
            torch.testing.assert_close(weight.detach(), expected[name], rtol=0, atol=1e-5)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("extra", [{}, {"num_layers": 2}, {"num_layers": 2, "embedding_size": 5}])
def test_torchs_kernel_reads_the_same_network_even_with_dropout(
    cell: str, extra: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An accelerator runs torch's kernel, a CPU the recurrence of ours: the masks fall on the same tokens."""
    network = build_network(Architecture(cell, 6, 8, **extra), seeded(), CPU)  # type: ignore[arg-type]
    ids = torch.randint(6, (12, 3), generator=seeded())

    def read() -> torch.Tensor:
        return network.hidden(ids, network.initial_state(3), Dropout(0.4, 0.3, 0.2, 0.1, seeded(1)))[0]

    found = read()
    monkeypatch.setattr(LayerRNN, "_runs_ours", lambda *_: False)
    torch.testing.assert_close(found, read())


@pytest.mark.parametrize(("cell", "gate", "value"), [("gru_reset", 1, 0.0), ("gru_update", 0, 1.0)])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_held_gate_stays_where_it_is_through_training(cell: str, gate: int, value: float, layers: int) -> None:
    architecture = Architecture(cell, 7, 5, num_layers=layers)
    network = build_network(architecture, seeded(), CPU)
    ids = np.random.default_rng(0).integers(0, 7, 200).astype(np.uint8)
    settings = Settings(4, 5, "sequential", "adamw", 0.05, 3, "norm", 1.0)
    before = {name: weight.detach().clone() for name, weight in network.parameters().items()}
    learner = Learner(network, ids, settings, np.random.default_rng(0), seeded())
    for _ in range(3):
        learner.epoch(ids[:0])
    held, free = slice(5 * gate, 5 * gate + 5), slice(5 * (1 - gate), 5 * (1 - gate) + 5)
    for i in range(layers):
        rows = [network.parameters()[f"{name}_l{i}"].detach() for name in ("weight_ih", "weight_hh", "bias_ih")]
        assert (torch.sigmoid(rows[2][held]) == value).all()
        assert (torch.cat([row[held] for row in rows[:2]], dim=1) == 0).all()
        assert (rows[0][free] != before[f"weight_ih_l{i}"][free]).any()


def test_weight_decay_would_free_a_held_gate() -> None:
    network, ids = build_network(Architecture("gru_reset", 7, 5), seeded(), CPU), np.zeros(50, np.uint8)
    settings = Settings(4, 5, "sequential", "adamw", 0.05, 3, "norm", 1.0, weight_decay=0.1)
    with pytest.raises(StepaheadError, match=r"rnn.weight_decay = 0.1 would set the gate of gru_reset free"):
        next(train(network, ids, ids[:0], settings, np.random.default_rng(0), seeded()))


def test_a_gru_with_one_gate_is_torchs_with_the_other_held() -> None:
    ids = torch.tensor([[0, 3], [6, 1], [2, 2], [5, 0]])
    for cell in ("gru_reset", "gru_update"):
        network = build_network(Architecture(cell, 7, 5), seeded(), CPU)
        hidden, _ = network.hidden(ids, network.initial_state(2))
        weights = [network.parameters()[f"{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        w_ih, w_hh, b_ih, b_hh = (weight.detach().chunk(3) for weight in weights)
        h = torch.zeros(2, 5)
        for x, expected in zip(one_hot(ids, 7).float(), hidden, strict=True):
            gate = 0 if cell == "gru_reset" else 1
            g = torch.sigmoid(x @ w_ih[gate].T + b_ih[gate] + h @ w_hh[gate].T + b_hh[gate])
            seen = h @ w_hh[2].T + b_hh[2]
            candidate = torch.tanh(x @ w_ih[2].T + b_ih[2] + (g * seen if cell == "gru_reset" else seen))
            h = candidate if cell == "gru_reset" else g * h + (1 - g) * candidate
            torch.testing.assert_close(expected, h)
