"""A recurrent cell over all time steps, with back-propagation through time derived by hand (d2l 9.7).

Autograd would keep a graph node for every operation of every step, and add the steps' weight gradients one by one. Here
a step backwards is one or two matrix products and a few operations on arrays small enough for the processor's cache,
and the weight gradient of all steps is one product more. A product with a transposed view takes half as long again as
one with a contiguous matrix, so each direction copies the weights once to the layout that it reads.

Shapes: T steps, B rows, H hidden units; `inputs` is what the inputs add at every step, biases included.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

# the gradient that arrives, times the slope of tanh or σ, which follows from what they returned
tanh_backward = torch.ops.aten.tanh_backward.grad_input
sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input


class TanhRecurrence(torch.autograd.Function):
    """h_t = tanh(a_t + h_{t−1} W), where a is `inputs` (d2l 9.4).

    Backwards, δ_t being the gradient at the argument of tanh:

        δ_t = (∂L/∂h_t + δ_{t+1} Wᵀ) ⊙ (1 − h_t²),   ∂L/∂a_t = δ_t,   ∂L/∂W = Σ_t h_{t−1}ᵀ δ_t
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, initial: Tensor) -> Tensor:
        """Inputs a (T, B, H), weight W (H, H), initial state (B, H) to hidden states (T, B, H) in the inputs' place."""
        weight, previous = weight.contiguous(), initial
        for hidden in inputs:
            previous = hidden.addmm_(previous, weight).tanh_()
        ctx.mark_dirty(inputs)
        ctx.save_for_backward(inputs, weight, initial)
        return inputs

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, weight, initial = ctx.saved_tensors
        back = weight.mT.contiguous()
        deltas, later = torch.empty_like(states), torch.zeros_like(initial)
        for grad, hidden, delta in _backwards(grads[0], states, deltas):
            torch.addmm(grad, later, back, out=delta)
            later = tanh_backward(delta, hidden, grad_input=delta)
        return deltas, _weight_gradient(deltas, initial, states).mT, later @ back


class GRURecurrence(torch.autograd.Function):
    """The GRU (d2l 10.2), its reset gate where torch has it; inputs and weight hold the gates r, z, n side by side.

        r_t, z_t = σ(a_t + h_{t−1} Wᵀ),   c_t = h_{t−1} W_nᵀ + b,   n_t = tanh(a_t + r_t ⊙ c_t)
        h_t = n_t + z_t ⊙ (h_{t−1} − n_t)

    Backwards, η_t being all that reaches h_t, and δ the gradient at the argument of σ or tanh:

        δn_t = η_t ⊙ (1 − z_t) ⊙ (1 − n_t²),   δc_t = δn_t ⊙ r_t
        δr_t = δn_t ⊙ c_t ⊙ r_t (1 − r_t),   δz_t = η_t ⊙ (h_{t−1} − n_t) ⊙ z_t (1 − z_t)
        η_{t−1} = ∂L/∂h_{t−1} + η_t ⊙ z_t + [δr_t, δz_t] W_rz + δc_t W_n
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, initial: Tensor) -> Tensor:
        """Inputs a (T, B, 3H), torch's weight_hh W (3H, H), bias b of n's part (H,) and initial state (B, H) to hidden
        states (T, B, H)."""
        sizes, previous = [2 * len(bias), len(bias)], initial
        to_rz, to_n = (part.mT.contiguous() for part in weight.split_with_sizes(sizes))
        rz, n = (torch.empty_like(part) for part in inputs.split_with_sizes(sizes, dim=-1))
        linear, states = torch.empty_like(n), torch.empty_like(n)
        steps = zip(*inputs.split_with_sizes(sizes, dim=-1), rz, *rz.chunk(2, dim=-1), linear, n, states, strict=True)
        for a_rz, a_n, rz_t, r, z, c, n_t, hidden in steps:
            torch.addmm(a_rz, previous, to_rz, out=rz_t).sigmoid_()
            torch.addmm(bias, previous, to_n, out=c)
            torch.addcmul(a_n, r, c, out=n_t).tanh_()
            previous = torch.lerp(n_t, previous, z, out=hidden)
        ctx.save_for_backward(rz, n, linear, states, weight, initial)
        return states

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        rz, n, linear, states, weight, initial = ctx.saved_tensors
        sizes = [2 * n.shape[-1], n.shape[-1]]
        back_rz, back_n = weight.contiguous().split_with_sizes(sizes)
        deltas, delta_c = n.new_empty(*n.shape[:2], sum(sizes)), torch.empty_like(n)
        delta_rz, delta_n = deltas.split_with_sizes(sizes, dim=-1)
        eta, kept = torch.zeros_like(initial), torch.empty_like(initial)
        known = (grads[0], [initial, *states[:-1]], rz, *rz.chunk(2, dim=-1), n, linear)
        wanted = (delta_rz, *delta_rz.chunk(2, dim=-1), delta_n, delta_c)
        for grad, previous, rz_t, r, z, n_t, c, drz, dr, dz, dn, dc in _backwards(*known, *wanted):
            eta += grad
            torch.mul(eta, z, out=kept)
            tanh_backward(torch.sub(eta, kept, out=dn), n_t, grad_input=dn)
            torch.mul(dn, r, out=dc)
            torch.mul(dn, c, out=dr)
            torch.sub(previous, n_t, out=dz).mul_(eta)
            sigmoid_backward(drz, rz_t, grad_input=drz)
            torch.addmm(kept, drz, back_rz, out=eta).addmm_(dc, back_n)
        grad_weight = torch.cat([_weight_gradient(part, initial, states) for part in (delta_rz, delta_c)])
        return deltas, grad_weight, delta_c.sum((0, 1)), eta


def _weight_gradient(deltas: Tensor, initial: Tensor, states: Tensor) -> Tensor:
    """Σ_t δ_tᵀ h_{t−1} of δ (T, B, G·H), h_0 (B, H) and the states after it (T, B, H): (G·H, H)."""
    first = deltas[0].mT @ initial
    return first.addmm_(deltas[1:].flatten(0, 1).mT, states[:-1].flatten(0, 1))


def _backwards(*arrays: Iterable[Tensor]) -> Iterator[tuple[Tensor, ...]]:
    """The steps of arrays (T, …) side by side, the last one first."""
    return zip(*(reversed(list(array)) for array in arrays), strict=True)
