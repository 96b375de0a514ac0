import numpy as np
import pytest
import torch
from torch import Tensor

from stepahead.core.errors import StepaheadError
from stepahead.series.networks import multitask
from stepahead.series.networks.gradient_surgery import cosines
from stepahead.series.networks.perceptron import initial_weights

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(50, 3))
LABELS = np.column_stack([FEATURES.sum(1), -FEATURES.sum(1), RNG.normal(size=50)])


def train(*, surgery: bool, **changed: object) -> dict[str, np.ndarray]:
    chosen = {"hidden": 4, "epochs": 3, "batch_size": 20, "lr": 0.01, "n_seeds": 2, "seed": 0, "section": "direct"}
    features, labels = changed.pop("features", FEATURES), changed.pop("labels", LABELS)
    return multitask.train(features, labels, surgery=surgery, **{**chosen, **changed})  # type: ignore[arg-type]


def reference(n_epochs: int, seed: int) -> tuple[torch.nn.Sequential, list[Tensor]]:
    """Torch's own layers, loss and Adam on the summed loss, and the tasks' gradients of the body at each step."""
    generator = torch.Generator().manual_seed(seed)
    drawn = initial_weights(3, 4, 3, generator)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)).double()
    for layer, name in ((net[0], "hidden"), (net[2], "output")):
        layer.weight.data, layer.bias.data = drawn[f"{name}_weight"], drawn[f"{name}_bias"]
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    x, y, recorded = torch.tensor(FEATURES), torch.tensor(LABELS), []
    for _ in range(n_epochs):
        for batch in torch.randperm(50, generator=generator).split(20):
            predicted = net(x[batch])
            losses = [torch.nn.functional.mse_loss(predicted[:, k], y[batch, k]) for k in range(3)]
            tasks = [torch.autograd.grad(loss, list(net[0].parameters()), retain_graph=True) for loss in losses]
            recorded.append(torch.stack([torch.cat([g.flatten() for g in task]) for task in tasks]))
            optimizer.zero_grad()
            sum(losses).backward()
            optimizer.step()
    return net, recorded


def test_without_surgery_it_is_torch_adam_on_the_summed_loss() -> None:
    weights = train(surgery=False)

    for seed in range(2):
        net, recorded = reference(3, seed)
        np.testing.assert_allclose(weights["hidden_weight"][seed], net[0].weight.detach(), rtol=1e-9)
        np.testing.assert_allclose(weights["output_bias"][seed], net[2].bias.detach(), rtol=1e-9)
        per_step = torch.stack([cosines(step) for step in recorded]).view(3, 3, 3, 3)  # (epochs, steps, tasks, tasks)
        np.testing.assert_allclose(weights["cosines"][seed], per_step.mean(1), atol=1e-9)
        np.testing.assert_allclose(weights["conflicts"][seed], (per_step < 0).double().mean(1), atol=1e-9)


def test_conflicts_are_a_share_and_surgery_acts_on_them() -> None:
    plain, operated = train(surgery=False), train(surgery=True)

    assert 0 < plain["conflicts"].max() <= 1
    np.testing.assert_array_equal(plain["conflicts"], plain["conflicts"].swapaxes(2, 3))
    assert not plain["conflicts"][..., range(3), range(3)].any()
    assert not np.allclose(plain["hidden_weight"], operated["hidden_weight"])


def test_a_single_task_leaves_surgery_nothing_to_do() -> None:
    plain, operated = (train(surgery=surgery, labels=LABELS[:, :1]) for surgery in (False, True))

    np.testing.assert_allclose(plain["hidden_weight"], operated["hidden_weight"], rtol=1e-12)


def test_same_seed_same_bytes() -> None:
    once, again = train(surgery=True), train(surgery=True)

    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert not np.array_equal(once["hidden_weight"][0], once["hidden_weight"][1])


def test_learning_rate_too_high_names_the_param() -> None:
    with pytest.raises(StepaheadError, match=r"direct\.lr = 1e\+300"):
        train(surgery=False, lr=1e300)
