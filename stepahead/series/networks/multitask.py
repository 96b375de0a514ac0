"""Train one perceptron for several tasks, an output each, and watch whether the tasks agree on the body they share."""

import numpy as np
import torch
from torch import Tensor

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.nn.flat import FlatParameters
from stepahead.nn.optim import Adam
from stepahead.series.networks.ensemble import DTYPE, Weights
from stepahead.series.networks.gradient_surgery import cosines, project_conflicts
from stepahead.series.networks.perceptron import initial_weights


def train(
    features: Array,
    labels: Array,
    *,
    hidden: int,
    epochs: int,
    batch_size: int,
    lr: float,
    n_seeds: int,
    seed: int,
    surgery: bool,
    section: str,
) -> dict[str, Array]:
    """Minimise the sum of the tasks' mean squared errors with Adam, from `n_seeds` seeds side by side.

    Seed s draws its weights and then its batches from a generator seeded with seed + s, the same with and without
    surgery; the order in which surgery takes the tasks comes from one more generator, for all seeds together.

    Args:
        features: (N, n_inputs).
        labels: (N, tasks).
        surgery: whether the body follows PCGrad's gradient instead of the sum of the tasks' gradients.
        section: the section of params.yaml that holds `lr`, for the error message.

    Returns:
        The weights of the perceptron, each with a leading axis of seeds, and two records of training, both
        (n_seeds, epochs, tasks, tasks): `cosines`, between the tasks' gradients of the body, mean over the epoch's
        steps, and `conflicts`, the share of the steps in which it was below zero.

    Raises:
        StepaheadError: a weight stops being finite.
    """
    generators = [torch.Generator().manual_seed(seed + s) for s in range(n_seeds)]
    orders = torch.Generator().manual_seed(seed)
    drawn = [initial_weights(features.shape[1], hidden, labels.shape[1], generator) for generator in generators]
    weights = {name: torch.stack([one[name] for one in drawn]) for name in sorted(drawn[0])}
    parameters = FlatParameters(weights.values())
    optimizer = Adam(parameters, lr)
    x, y = torch.tensor(features, dtype=DTYPE), torch.tensor(labels, dtype=DTYPE)
    records = []
    for epoch in range(1, epochs + 1):
        shuffled = torch.stack([torch.randperm(len(x), generator=generator) for generator in generators])  # (S, N)
        steps = []
        for batch in torch.split(shuffled, batch_size, dim=1):  # (S, B)
            body, heads = _gradients(weights, x[batch], y[batch])
            _step(optimizer, weights, project_conflicts(body, orders) if surgery else body.sum(1), heads)
            steps.append(cosines(body))
        if not parameters.values.isfinite().all():
            raise StepaheadError(
                f"{section}.lr = {lr:g}: the weights stopped being finite numbers in epoch {epoch}; lower {section}.lr"
            )
        records.append(torch.stack(steps, dim=1))  # (S, steps, tasks, tasks)
    return {
        **{name: tensor.numpy().copy() for name, tensor in weights.items()},
        "cosines": np.stack([epoch.mean(1).numpy() for epoch in records], axis=1),
        "conflicts": np.stack([(epoch < 0).double().mean(1).numpy() for epoch in records], axis=1),
    }


def _gradients(weights: Weights, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The gradients of the tasks' mean squared errors for inputs (S, B, n_inputs) and labels (S, B, tasks).

    Derived by hand: autograd would go back through the network once for each task.

    Returns:
        Each task's gradient of the body, weights before biases, (S, tasks, P), and the heads' gradients by name.
    """
    hidden = (x @ weights["hidden_weight"].mT + weights["hidden_bias"][:, None]).relu()  # (S, B, hidden)
    predicted = hidden @ weights["output_weight"].mT + weights["output_bias"][:, None]  # (S, B, tasks)
    delta = 2 / y.shape[1] * (predicted - y)
    heads = {"output_weight": delta.mT @ hidden, "output_bias": delta.sum(1)}
    back = delta.mT[..., None] * weights["output_weight"][:, :, None] * (hidden > 0)[:, None]  # (S, tasks, B, hidden)
    body = torch.cat([(back.mT @ x[:, None]).flatten(2), back.sum(2)], dim=2)
    return body, heads


def _step(optimizer: Adam, weights: Weights, body: Tensor, heads: dict[str, Tensor]) -> None:
    """Move the weights along the gradient of the body (S, P) and those of the heads."""
    hidden_weight = weights["hidden_weight"]
    split = hidden_weight[0].numel()
    parts = {"hidden_weight": body[:, :split].view_as(hidden_weight), "hidden_bias": body[:, split:], **heads}
    for name, gradient in parts.items():
        grad = weights[name].grad
        assert grad is not None
        grad.copy_(gradient)
    optimizer.step()
