"""A linear map whose matrix products are NumPy's on a CPU.

torch leaves its products to MKL, which takes twice as long where it gives every processor the same bytes
(`stepahead.core.numerics`); NumPy's OpenBLAS takes no longer.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

# a training that diverges is told by its loss, not by a warning of each operation
quietly = np.errstate(over="ignore", invalid="ignore")


def linear(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Inputs (…, I) times the transpose of weight (O, I), plus bias (O,): (…, O)."""
    if inputs.device.type != "cpu":
        return torch.nn.functional.linear(inputs, weight, bias)
    rows: Tensor = _Linear.apply(inputs.reshape(-1, inputs.shape[-1]), weight, bias)  # type: ignore[no-untyped-call]
    return rows.view(*inputs.shape[:-1], len(bias))


class _Linear(torch.autograd.Function):
    """Inputs X (N, I), weight W (O, I), bias b (O,): Y = X Wᵀ + b, so ∂L/∂X = G W, ∂L/∂W = Gᵀ X with G = ∂L/∂Y."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        return _product(inputs, weight.mT) + bias

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        (grad,), (inputs, weight) = grads, ctx.saved_tensors
        return _product(grad, weight), _product(grad.mT, inputs), grad.sum(0)


@quietly
def _product(left: Tensor, right: Tensor) -> Tensor:
    return torch.from_numpy(left.detach().numpy() @ right.detach().numpy())
