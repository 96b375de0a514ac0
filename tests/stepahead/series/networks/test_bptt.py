"""The hand-derived gradients against torch's modules, finite differences and the NumPy cells that forecast."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stepahead.series.networks import cells
from stepahead.series.networks.bptt import CELLS, Network

LAYERS: dict[str, Any] = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
SHAPES = [(3, 5, 7, 6), (1, 4, 2, 3), (2, 1, 1, 1)]  # S, B, tau, H
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def layers(cell: str, n_seeds: int, num_hiddens: int) -> list[torch.nn.ModuleList]:
    """Torch's layer and readout for each seed."""
    torch.manual_seed(0)
    double: dict[str, Any] = {"dtype": torch.float64}
    made = [(LAYERS[cell](1, num_hiddens, **double), torch.nn.Linear(num_hiddens, 1, **double)) for _ in range(n_seeds)]
    return [torch.nn.ModuleList(pair) for pair in made]


def by_name(pair: torch.nn.ModuleList) -> dict[str, Tensor]:
    layer, readout = pair
    recurrent = {name: getattr(layer, f"{name}_l0") for name in NAMES}
    return {**recurrent, "output_weight": readout.weight, "output_bias": readout.bias}


def packed(network: Network, made: list[torch.nn.ModuleList]) -> dict[str, Tensor]:
    each = [network.pack(by_name(pair)) for pair in made]
    return {name: torch.stack([one[name] for one in each]) for name in each[0]}


def minibatch(n_seeds: int, batch_size: int, tau: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    windows = torch.randn(n_seeds, batch_size, tau, generator=generator, dtype=torch.float64)
    return windows, torch.randn(n_seeds, batch_size, generator=generator, dtype=torch.float64)


def differentiate(
    network: Network, weights: Mapping[str, Tensor], windows: Tensor, labels: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """The losses, and the gradients of the packed weights."""
    leaves = {name: weight.detach().clone() for name, weight in weights.items()}
    for leaf in leaves.values():
        leaf.grad = torch.zeros_like(leaf)
    losses = network.squared_error(leaves, windows, labels)
    return losses, {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_losses_and_gradients_are_those_of_torchs_layers(cell: str, shape: tuple[int, int, int, int]) -> None:
    n_seeds, batch_size, tau, num_hiddens = shape
    network, made = Network(cell, num_hiddens), layers(cell, n_seeds, num_hiddens)
    windows, labels = minibatch(n_seeds, batch_size, tau)
    losses, gradients = differentiate(network, packed(network, made), windows, labels)
    found = network.unpack({name: gradient.numpy() for name, gradient in gradients.items()})
    for s, (layer, readout) in enumerate(made):
        hidden = layer(windows[s].T[..., None])[0][-1]
        expected = torch.nn.functional.mse_loss(readout(hidden)[:, 0], labels[s])
        torch.testing.assert_close(losses[s], expected)
        expected.backward()
        for name, weight in by_name(made[s]).items():
            np.testing.assert_allclose(found[name][s], weight.grad, atol=1e-12)


class HandDerived(torch.autograd.Function):
    """What `gradcheck` asks for: the losses as a differentiable function of the packed weights."""

    @staticmethod
    def forward(ctx: Any, network: Network, windows: Tensor, labels: Tensor, *weights: Tensor) -> Tensor:
        names = ("recurrent", "readout")
        losses, gradients = differentiate(network, dict(zip(names, weights, strict=True)), windows, labels)
        ctx.save_for_backward(*(gradients[name] for name in names))
        return losses

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, None, *(grads[0][:, None, None] * gradient for gradient in ctx.saved_tensors)


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("shape", [(2, 3, 4, 2), (1, 1, 1, 1)])
def test_the_gradient_agrees_with_finite_differences(cell: str, shape: tuple[int, int, int, int]) -> None:
    n_seeds, batch_size, tau, num_hiddens = shape
    network, (windows, labels) = Network(cell, num_hiddens), minibatch(n_seeds, batch_size, tau)
    named = [by_name(pair) for pair in layers(cell, n_seeds, num_hiddens)]

    def losses(*leaves: Tensor) -> Tensor:
        per_seed = [dict(zip(named[0], leaves[s::n_seeds], strict=True)) for s in range(n_seeds)]
        each = [network.pack(weights) for weights in per_seed]
        weights = [torch.stack([one[name] for one in each]) for name in ("recurrent", "readout")]
        return HandDerived.apply(network, windows, labels, *weights)  # type: ignore[no-any-return,no-untyped-call]

    leaves = [weights[name].detach().requires_grad_() for name in named[0] for weights in named]
    assert torch.autograd.gradcheck(losses, leaves)


@pytest.mark.parametrize("cell", LAYERS)
def test_it_reads_a_window_as_the_numpy_cell_does(cell: str) -> None:
    n_seeds, batch_size, tau, num_hiddens = SHAPES[0]
    network = Network(cell, num_hiddens)
    weights = packed(network, layers(cell, n_seeds, num_hiddens))
    windows, labels = minibatch(n_seeds, batch_size, tau)
    differentiate(network, weights, windows, labels)
    named = network.unpack({name: weight.detach().numpy() for name, weight in weights.items()})
    state = cells.zero_state(cell, named, (1, batch_size))
    for t in range(tau):
        cells.advance(cell, named, windows[:, None, :, t].numpy(), state)
        np.testing.assert_allclose(network.unrolled[windows.shape].hidden[t + 1], state[0][:, :, 0].mT, atol=1e-12)


@pytest.mark.parametrize("cell", LAYERS)
def test_a_minibatch_leaves_nothing_behind_for_the_next(cell: str) -> None:
    network, made = Network(cell, 4), layers(cell, 2, 4)
    weights, first = packed(network, made), minibatch(2, 5, 3)
    expected_losses, expected = differentiate(network, weights, *first)
    differentiate(network, weights, *minibatch(2, 2, 3))  # a smaller one, at the end of an epoch
    differentiate(network, {name: 3 * weight for name, weight in weights.items()}, *minibatch(2, 5, 3))
    losses, gradients = differentiate(network, weights, *first)
    assert torch.equal(losses, expected_losses)
    assert all(torch.equal(gradients[name], expected[name]) for name in expected)
    assert len(network.unrolled) == 2


@pytest.mark.parametrize("cell", LAYERS)
def test_unpacking_gives_what_was_packed(cell: str) -> None:
    network, made = Network(cell, 4), layers(cell, 2, 4)
    found = network.unpack({name: weight.detach().numpy() for name, weight in packed(network, made).items()})
    for s, pair in enumerate(made):
        for name, weight in by_name(pair).items():
            np.testing.assert_array_equal(found[name][s], weight.detach())
    assert CELLS.keys() == cells.GATES.keys()
