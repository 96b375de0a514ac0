"""The hand-derived gradients against torch's cells and autograd."""

import numpy as np
import pytest
import torch

from stepahead.series.networks.bptt import Unrolled
from stepahead.series.networks.cells import CELLS, present
from tests.stepahead.series.networks import torch_cells

SHAPES = [(3, 5, 7, 6), (1, 4, 2, 3), (2, 1, 1, 1)]  # S, B, tau, H


def drawn(cell, n_seeds, size):
    rng, mask = np.random.default_rng(0), present(cell, size)
    return {
        "recurrent": mask * rng.uniform(-1, 1, (n_seeds, *mask.shape)),
        "readout": rng.uniform(-1, 1, (n_seeds, 1, size + 1)),
    }


def minibatch(n_seeds, batch, tau):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n_seeds, tau, batch)), rng.normal(size=(n_seeds, 1, batch))


def differentiate(unrolled, weights, windows, labels):
    gradients = {name: np.full_like(weight, np.nan) for name, weight in weights.items()}
    return unrolled.squared_error(weights, windows, labels, gradients), gradients


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", SHAPES)
def test_losses_and_gradients_are_those_of_torchs_cells(cell, shape):
    n_seeds, batch, tau, size = shape
    weights, (windows, labels) = drawn(cell, n_seeds, size), minibatch(n_seeds, batch, tau)
    losses, gradients = differentiate(Unrolled(cell), weights, windows, labels)
    for s in range(n_seeds):
        leaves = {name: torch.tensor(weight[s], requires_grad=True) for name, weight in weights.items()}
        predicted = torch_cells.predict(cell, **leaves, windows=torch.from_numpy(windows[s].T.copy()))
        expected = torch.nn.functional.mse_loss(predicted, torch.from_numpy(labels[s, 0]))
        np.testing.assert_allclose(losses[s], expected.item())
        expected.backward()
        for name, leaf in leaves.items():
            np.testing.assert_allclose(gradients[name][s], leaf.grad, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_minibatch_leaves_nothing_behind_for_the_next(cell):
    weights, first, unrolled = drawn(cell, 2, 4), minibatch(2, 5, 3), Unrolled(cell)
    expected_losses, expected = differentiate(Unrolled(cell), weights, *first)
    differentiate(unrolled, weights, *minibatch(2, 2, 3))  # a smaller one, at the end of an epoch
    differentiate(unrolled, {name: 3 * weight for name, weight in weights.items()}, *minibatch(2, 5, 3))
    for _, gates, states in unrolled.arrays.values():
        for array in (gates, *states[1], *states[-1]):
            array[:] = np.nan
    losses, gradients = differentiate(unrolled, weights, *first)
    np.testing.assert_array_equal(losses, expected_losses)
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(gradient, expected[name])
    assert len(unrolled.arrays) == 2
