import numpy as np
import pytest
import torch

from stepahead.series.networks.perceptron import initial_weights, outputs, task_gradients, with_ones
from tests.stepahead.series.networks import torch_cells

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(3, 7, 4, 6, 3), (1, 5, 3, 2, 1), (2, 1, 1, 1, 1)])
def test_outputs_losses_and_gradients_are_torchs_task_by_task(shape):
    n_seeds, batch, n_inputs, hidden, tasks = shape
    drawn = [initial_weights(n_inputs, hidden, tasks, RNG) for _ in range(n_seeds)]
    weights = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    windows, labels = RNG.normal(size=(n_seeds, batch, n_inputs)), RNG.normal(size=(n_seeds, tasks, batch))
    inputs = with_ones(windows.mT)
    losses, shared, output = task_gradients(weights, inputs, labels)
    for s in range(n_seeds):
        leaves = [torch.tensor(weights[name][s], requires_grad=True) for name in ("hidden", "output")]
        predicted = torch_cells.perceptron(*leaves, torch.from_numpy(windows[s]))
        np.testing.assert_allclose(outputs(weights, inputs)[s].T, predicted.detach(), atol=1e-12)
        heads = np.zeros_like(output[s])
        for task in range(tasks):
            loss = torch.nn.functional.mse_loss(predicted[:, task], torch.from_numpy(labels[s, task]))
            body, head = torch.autograd.grad(loss, leaves, retain_graph=True)
            heads += head.numpy()
            np.testing.assert_allclose(losses[s, task], loss.item())
            np.testing.assert_allclose(shared[s, task], body, atol=1e-12)
        np.testing.assert_allclose(output[s], heads, atol=1e-12)


def test_initial_weights_are_xavier_uniform_and_biases_torchs():
    drawn = initial_weights(100, 50, 200, np.random.default_rng(0))
    for found, bound in (
        (drawn["hidden"][:, :-1], np.sqrt(6 / 150)),
        (drawn["hidden"][:, -1], 1 / np.sqrt(100)),
        (drawn["output"][:, :-1], np.sqrt(6 / 250)),
        (drawn["output"][:, -1], 1 / np.sqrt(50)),
    ):
        assert 0.95 * bound < abs(found).max() <= bound
        assert abs(found.mean()) < 0.2 * bound
