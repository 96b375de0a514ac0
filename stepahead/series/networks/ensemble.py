"""Train a small network from many weight seeds at once: error bars over seeds at almost the price of one run."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.nn.flat import FlatParameters
from stepahead.nn.optim import Adam

Weights = Mapping[str, Tensor]
Initial = Callable[[torch.Generator], dict[str, Tensor]]
"""Draws one seed's weights."""
Loss = Callable[[Weights, Tensor, Tensor], Tensor]
"""Maps the weights of S seeds, each with its own batch of features (S, B, …) and labels (S, B, …), to losses (S,)."""
Gradient = Loss
"""Does the same, and adds the gradients of the losses to the weights'."""

# Such small networks train as fast in float64, and come to the same weights on other machines to many more digits.
DTYPE = torch.float64


def by_autograd(loss: Loss) -> Gradient:
    """The gradient of `loss` as torch derives it."""

    def losses_and_gradients(weights: Weights, features: Tensor, labels: Tensor) -> Tensor:
        losses = loss(weights, features, labels)
        losses.sum().backward()  # type: ignore[no-untyped-call]
        return losses.detach()

    return losses_and_gradients


def train(
    initial: Initial,
    gradient: Gradient,
    features: Array,
    labels: Array,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    n_seeds: int,
    seed: int,
    section: str,
) -> dict[str, Array]:
    """Minimise a loss with Adam from `n_seeds` seeds, on the same pairs but each in its own shuffled order.

    Seed s draws its weights and then its orders from a generator seeded with seed + s, so it comes to the same
    weights whichever seeds are trained beside it (up to rounding). The last batch of an epoch may be smaller.

    Args:
        features, labels: (N, …) each.
        section: the section of params.yaml that holds `lr`, for the error message.

    Returns:
        The weights by name, with the seeds as leading axis; float32, in which NumPy forecasts several times faster.

    Raises:
        StepaheadError: the loss or a weight stops being finite.
        ValueError: `gradient` gives losses of another shape.
    """
    generators = [torch.Generator().manual_seed(seed + s) for s in range(n_seeds)]
    drawn = [initial(generator) for generator in generators]
    weights = {name: torch.stack([one[name] for one in drawn]).requires_grad_() for name in sorted(drawn[0])}
    parameters = FlatParameters(weights.values())
    optimizer = Adam(parameters, lr)
    x, y = torch.tensor(features, dtype=DTYPE), torch.tensor(labels, dtype=DTYPE)
    for epoch in range(1, epochs + 1):
        order = torch.stack([torch.randperm(len(x), generator=generator) for generator in generators])  # (S, N)
        total = torch.zeros((), dtype=DTYPE)
        for batch in torch.split(order, batch_size, dim=1):  # (S, B)
            parameters.zero_grad()
            losses = gradient(weights, x[batch], y[batch])
            if losses.shape != (n_seeds,):  # predictions (B, 1) less labels (B,) make (B, B), and no error
                raise ValueError(f"the losses have shape {tuple(losses.shape)}, not ({n_seeds},)")
            optimizer.step()
            total += losses.sum()
        if not (total.isfinite() and parameters.values.float().isfinite().all()):
            raise StepaheadError(
                f"{section}.lr = {lr:g}: the loss stopped being a finite number in epoch {epoch}; lower {section}.lr"
            )
    return {name: tensor.detach().numpy().astype(np.float32) for name, tensor in weights.items()}


def uniform(shape: tuple[int, ...], bound: float, generator: torch.Generator) -> Tensor:
    """Draws from U(-bound, bound)."""
    return torch.empty(shape, dtype=DTYPE).uniform_(-bound, bound, generator=generator)
