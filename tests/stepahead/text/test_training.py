import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from stepahead.errors import StepaheadError
from stepahead.text.neural import build_network
from stepahead.text.training import train

IDS = np.tile(np.array([0, 1, 2, 3, 2, 1], dtype=np.uint8), 60)
SETTINGS = {"batch_size": 4, "num_steps": 6, "sampling": "sequential", "optimizer": "sgd", "lr": 0.5, "clip_norm": 1.0}


def perplexities(cell: str, epochs: int, **changes: object) -> list[float]:
    network = build_network(cell, 4, 16, 1, torch.Generator().manual_seed(0), torch.device("cpu"))
    arguments = {**SETTINGS, "epochs": epochs, "generator": np.random.default_rng(0), **changes}
    return list(train(network, IDS, **arguments))  # type: ignore[arg-type]


def reference(epochs: int) -> list[float]:
    """The book's loop (d2l 9.5.6), written with torch's own layer, loss, clipping and optimizer."""
    drawn = build_network("rnn", 4, 16, 1, torch.Generator().manual_seed(0), torch.device("cpu")).parameters()
    layer, readout = torch.nn.RNN(4, 16), torch.nn.Linear(16, 4)
    layer.load_state_dict({name: drawn[name].detach() for name, _ in layer.named_parameters()})
    readout.load_state_dict({name: drawn[name].detach() for name in ("weight", "bias")})
    everything = [*layer.parameters(), *readout.parameters()]
    sgd, generator, history = torch.optim.SGD(everything, lr=0.5), np.random.default_rng(0), []
    for _ in range(epochs):
        offset = int(generator.integers(7))
        width = (len(IDS) - offset - 1) // 4
        xs = IDS[offset : offset + 4 * width].reshape(4, width).astype(int)
        ys = IDS[offset + 1 : offset + 1 + 4 * width].reshape(4, width).astype(int)
        state, total, count = None, 0.0, 0
        for start in range(0, width // 6 * 6, 6):
            x, y = (torch.tensor(a[:, start : start + 6]).T for a in (xs, ys))
            hidden, state = layer(torch.nn.functional.one_hot(x, 4).float(), state)
            state = state.detach()
            loss = torch.nn.functional.cross_entropy(readout(hidden).reshape(-1, 4), y.reshape(-1))
            sgd.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(everything, 1.0)
            sgd.step()
            total, count = total + loss.item() * y.numel(), count + y.numel()
        history.append(math.exp(total / count))
    return history


def test_training_agrees_with_the_books_loop() -> None:
    np.testing.assert_allclose(perplexities("rnn", 5), reference(5), rtol=1e-5)


@pytest.mark.parametrize("cell", ["scratch", "rnn", "gru", "lstm"])
@pytest.mark.parametrize("sampling", ["sequential", "random"])
def test_every_cell_learns_a_pattern_it_can_remember(cell: str, sampling: str) -> None:
    history = perplexities(cell, 40, optimizer="adam", lr=0.01, sampling=sampling)
    assert history[0] > 2.5
    assert history[-1] < 1.5  # with random sampling the first steps of a row have no context to remember


def test_the_same_seeds_give_the_same_numbers() -> None:
    assert perplexities("lstm", 2) == perplexities("lstm", 2)


def test_no_epochs_leave_the_random_weights() -> None:
    network = build_network("gru", 4, 16, 1, torch.Generator().manual_seed(0), torch.device("cpu"))
    before = [weight.detach().clone() for weight in network.parameters().values()]
    arguments = {**SETTINGS, "epochs": 0, "generator": np.random.default_rng(0)}
    assert list(train(network, IDS, **arguments)) == []  # type: ignore[arg-type]
    for old, new in zip(before, network.parameters().values(), strict=True):
        assert torch.equal(old, new)


def test_clipping_bounds_every_step() -> None:
    network = build_network("rnn", 4, 16, 1, torch.Generator().manual_seed(0), torch.device("cpu"))
    flat = [torch.cat([w.detach().flatten() for w in network.parameters().values()])]
    arguments = {**SETTINGS, "epochs": 1, "num_steps": 60, "batch_size": 2, "lr": 1.0, "clip_norm": 0.01}
    for _ in train(network, IDS, **arguments, generator=np.random.default_rng(0)):  # type: ignore[arg-type]
        flat.append(torch.cat([w.detach().flatten() for w in network.parameters().values()]))
    updates = (len(IDS) - 1) // 2 // 60
    for before, after in pairwise(flat):
        assert 0 < (after - before).norm() <= 0.01 * updates * 1.001


def test_a_loss_that_is_no_longer_finite_is_an_error() -> None:
    with pytest.raises(StepaheadError, match=r"rnn.lr = 1e\+20: the training loss is no longer finite after epoch"):
        perplexities("rnn", 3, lr=1e20, clip_norm=None)
