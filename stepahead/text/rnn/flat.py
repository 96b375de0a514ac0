"""All parameters of a model in one buffer: clipping is one norm, an optimizer step a few whole-buffer operations."""

from collections.abc import Iterable

import torch
from torch import Tensor


class FlatParameters:
    """Lay `parameters` (leaf tensors of one dtype and device) out in one buffer.

    Each parameter becomes a view into `values` (P,), and its gradient a view into `grad` (P,), where autograd
    accumulates in place; so call `zero_grad` before each backward pass.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        leaves = list(parameters)
        self.values = torch.cat([p.detach().reshape(-1) for p in leaves])
        self.grad = torch.zeros_like(self.values)
        start = 0
        for p in leaves:
            span = slice(start, start + p.numel())
            p.data = self.values[span].view_as(p)
            p.grad = self.grad[span].view_as(p)
            start += p.numel()

    def zero_grad(self) -> None:
        self.grad.zero_()

    def clip_norm_(self, max_norm: float) -> None:
        """Scale the gradient down to `max_norm` where its Euclidean norm exceeds it (d2l 8.5.5)."""
        norm = self.grad.norm()
        if norm > max_norm:
            self.grad.mul_(max_norm / norm)
