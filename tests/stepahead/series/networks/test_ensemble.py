from functools import partial

import numpy as np
import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.series.networks import perceptron
from stepahead.series.networks.ensemble import streams, train
from stepahead.series.networks.mlp import squared_error
from tests.stepahead.series.networks import torch_cells

WINDOWS = np.random.default_rng(0).normal(size=(50, 3))
LABELS = np.sin(WINDOWS.sum(axis=1))[None]
SETTINGS = {"epochs": 3, "batch_size": 16, "lr": 0.01, "section": "mlp", "n_seeds": 2, "seed": 0, "held": 20}
initial = partial(perceptron.initial_weights, 3, 5, 1)


def trained(gradient=squared_error, labels=LABELS, **changed):
    return train(initial, gradient, perceptron.with_ones(WINDOWS.T), labels, **(SETTINGS | changed))


def test_a_network_does_not_change_with_those_beside_it():
    few, many = trained(n_seeds=2), trained(n_seeds=5)
    for name, weight in few.items():
        np.testing.assert_array_equal(weight, many[name][:2])


def test_no_two_seeds_share_a_network():
    first, second = (trained(n_seeds=4, seed=seed)["hidden"] for seed in (0, 1))
    each = np.concatenate([first, second]).reshape(8, -1)
    apart = abs(each[:, None] - each).max(-1)
    assert (apart[~np.eye(8, dtype=bool)] > 0.1).all()


def test_training_is_torchs_adam_on_the_shuffled_batches_of_one_seed():
    found = trained(seed=3)
    for s, stream in enumerate(streams(3, 2)):
        generator = np.random.default_rng(stream)
        leaves = {name: torch.tensor(weight, requires_grad=True) for name, weight in initial(generator).items()}
        optimizer = torch.optim.Adam(leaves.values(), 0.01)
        for _ in range(3):
            order = generator.permutation(50)
            for start in range(0, 50, 16):  # the last batch has 2
                batch = order[start : start + 16]
                optimizer.zero_grad()
                predicted = torch_cells.perceptron(**leaves, windows=torch.from_numpy(WINDOWS[batch]))[:, 0]
                torch.nn.functional.mse_loss(predicted, torch.from_numpy(LABELS[0, batch])).backward()
                optimizer.step()
        for name, leaf in leaves.items():
            np.testing.assert_allclose(found[name][s], leaf.detach(), atol=1e-6)


def test_training_twice_gives_the_same_bits():
    first, second = trained(), trained()
    for name, weight in first.items():
        assert weight.dtype == np.float32
        np.testing.assert_array_equal(weight, second[name])


def test_no_epochs_give_the_initial_weights():
    drawn = initial(np.random.default_rng(streams(9, 1)[0]))
    for name, weight in trained(epochs=0, seed=9, n_seeds=1).items():
        np.testing.assert_allclose(weight[0], drawn[name], atol=1e-7)


def test_a_loss_that_stops_being_finite_names_the_learning_rate_and_the_epoch():
    def breaks(weights, inputs, labels, gradients):
        return squared_error(weights, inputs, labels, gradients) + np.where(labels == 5, np.inf, 0).sum((1, 2))

    labels = LABELS.copy()
    labels[0, -1] = 5
    with pytest.raises(StepaheadError, match=r"^direct\.lr = 0\.01: .*in epoch 1; lower direct\.lr$"):
        trained(breaks, labels, section="direct")
