"""Gradient surgery for networks that learn several tasks at once: PCGrad (Yu et al. 2020, algorithm 1).

Two tasks conflict where the cosine between their gradients is below zero. Each task's gradient then loses its part
along the other's, that is, it is projected onto the normal plane of the other's original gradient.
"""

import torch
from torch import Tensor


def project_conflicts(gradients: Tensor, generator: torch.Generator) -> Tensor:
    """The sum over tasks of each task's gradient after surgery.

    A task meets the others in a random order of its own, each time as it is after the projections before.

    Args:
        gradients: (tasks, P), or (S, tasks, P) for S networks that train side by side.
        generator: draws the orders; on the CPU, so that every device sees the same.

    Returns:
        (P,), or (S, P).
    """
    tasks = gradients.shape[-2]
    gram = gradients @ gradients.mT  # (…, tasks, tasks)
    squares = gram.diagonal(dim1=-2, dim2=-1)
    tiny = torch.finfo(gradients.dtype).tiny
    # What is left of each gradient stays a combination of the originals, so it is kept as its weights on them.
    weights = torch.eye(tasks, dtype=gram.dtype, device=gram.device).expand(gram.shape).clone()
    for other in _random_orders(gram.shape, generator).to(gram.device).unbind(-1):  # (…, tasks)
        dot = (weights * gram.take_along_dim(other[..., None], -2)).sum(-1)
        shift = dot.clamp(max=0) / squares.take_along_dim(other, -1).clamp(min=tiny)
        weights.scatter_add_(-1, other[..., None], -shift[..., None])
    return (weights.sum(-2, keepdim=True) @ gradients).squeeze(-2)


def cosines(gradients: Tensor) -> Tensor:
    """Cosine between the gradients of every two tasks: (…, tasks, P) -> (…, tasks, tasks); 0 where one is zero."""
    norms = gradients.norm(dim=-1, keepdim=True)
    unit = gradients / norms.clamp(min=torch.finfo(gradients.dtype).tiny)
    cosine: Tensor = unit @ unit.mT
    return cosine


def _random_orders(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """For each task (second to last axis) its `tasks` − 1 others in random order, itself left out."""
    draws = torch.rand(shape, generator=generator)
    draws.diagonal(dim1=-2, dim2=-1).fill_(2)
    return draws.argsort(-1)[..., :-1]
