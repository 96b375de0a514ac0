import numpy as np
import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.series.networks import perceptron
from stepahead.series.networks.ensemble import by_autograd, train

FEATURES = np.random.default_rng(0).normal(size=(50, 3))
LABELS = np.sin(FEATURES.sum(axis=1))
SETTINGS = {"epochs": 3, "batch_size": 16, "lr": 0.01, "section": "mlp"}


def initial(generator):
    return perceptron.initial_weights(3, 5, 1, generator)


def squared_error(weights, features, labels):
    return ((perceptron.outputs(weights, features)[..., 0] - labels) ** 2).mean(-1)


gradient = by_autograd(squared_error)


def test_a_seed_trains_alone_as_it_does_among_others():
    together = train(initial, gradient, FEATURES, LABELS, n_seeds=4, seed=5, **SETTINGS)
    alone = train(initial, gradient, FEATURES, LABELS, n_seeds=1, seed=7, **SETTINGS)
    for name, w in together.items():
        np.testing.assert_allclose(w[2], alone[name][0], atol=1e-6)
        assert abs(w[2] - w[1]).max() > 1e-2


def test_training_is_torchs_adam_on_the_shuffled_batches_of_one_seed():
    generator = torch.Generator().manual_seed(3)
    weights = initial(generator)
    net = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1)).double()
    layers = ("hidden_weight", "hidden_bias", "output_weight", "output_bias")
    for parameter, name in zip(net.parameters(), layers, strict=True):
        parameter.data = weights[name]
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    x, y = torch.tensor(FEATURES), torch.tensor(LABELS)
    for _ in range(3):
        order = torch.randperm(50, generator=generator)
        for start in range(0, 50, 16):  # the last batch has 2
            batch = order[start : start + 16]
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(net(x[batch])[:, 0], y[batch]).backward()
            optimizer.step()
    found = train(initial, gradient, FEATURES, LABELS, n_seeds=1, seed=3, **SETTINGS)
    for parameter, name in zip(net.parameters(), layers, strict=True):
        np.testing.assert_allclose(found[name][0], parameter.detach().numpy(), atol=1e-6)


def test_training_twice_gives_the_same_bits():
    first, second = (train(initial, gradient, FEATURES, LABELS, n_seeds=2, seed=0, **SETTINGS) for _ in range(2))
    for name, w in first.items():
        assert w.dtype == np.float32
        np.testing.assert_array_equal(w, second[name])


def test_no_epochs_give_the_initial_weights():
    drawn = initial(torch.Generator().manual_seed(9))
    found = train(initial, gradient, FEATURES, LABELS, n_seeds=1, seed=9, **(SETTINGS | {"epochs": 0}))
    for name, w in drawn.items():
        np.testing.assert_allclose(found[name][0], w.numpy(), atol=1e-7)


def test_initial_weights_are_xavier_uniform_and_biases_torchs():
    drawn = perceptron.initial_weights(100, 50, 200, torch.Generator().manual_seed(0))
    bounds = {
        "hidden_weight": np.sqrt(6 / 150),
        "hidden_bias": 1 / np.sqrt(100),
        "output_weight": np.sqrt(6 / 250),
        "output_bias": 1 / np.sqrt(50),
    }
    for name, bound in bounds.items():
        assert 0.95 * bound < abs(drawn[name]).max() <= bound


def test_a_loss_that_stops_being_finite_names_the_learning_rate_and_the_epoch():
    def breaks(weights, features, labels):
        return squared_error(weights, features, labels) / (labels < 2).all(-1)  # 1/0 where a label is 2 or more

    labels = np.append(LABELS[:-1], 5.0)
    with pytest.raises(StepaheadError, match=r"^direct\.lr = 0\.01: .*in epoch 1; lower direct\.lr$"):
        train(initial, by_autograd(breaks), FEATURES, labels, n_seeds=2, seed=0, **(SETTINGS | {"section": "direct"}))


def test_predictions_with_an_axis_too_many_do_not_broadcast_in_silence():
    def pitfall(weights, features, labels):
        return ((perceptron.outputs(weights, features) - labels) ** 2).mean(-1)  # (S, B, 1) less (S, B)

    with pytest.raises(ValueError, match=r"^the losses have shape \(16, 16\), not \(16,\)$"):
        train(initial, by_autograd(pitfall), FEATURES, LABELS, n_seeds=16, seed=0, **SETTINGS)
