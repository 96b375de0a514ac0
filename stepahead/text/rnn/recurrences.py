"""A recurrent cell over all time steps, with back-propagation through time derived by hand (d2l 9.7).

Autograd would keep a graph node for every operation of every step, and add the steps' weight gradients one by one. Here
a step backwards is one or two matrix products and a few operations on arrays small enough for the processor's cache,
and the weight gradient of all steps is one product more.

It is NumPy on the tensors' memory, so for a CPU only; `linear` says why.

Shapes: T steps, B rows, H hidden units; `inputs` is what the inputs add at every step, biases included.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stepahead.core.artifacts import Array
from stepahead.text.rnn.linear import quietly


def plain_recurrence(inputs: Tensor, weight: Tensor, initial: Tensor, activation: str) -> Tensor:
    """PlainRecurrence, or where the tensors are not on a CPU the plain loop; the inputs may be overwritten."""
    if inputs.device.type != "cpu":
        return plain_loop(inputs, weight, initial, activation)
    hidden: Tensor = PlainRecurrence.apply(inputs, weight, initial, activation)  # type: ignore[no-untyped-call]
    return hidden


def plain_loop(inputs: Tensor, weight: Tensor, initial: Tensor, activation: str) -> Tensor:
    """The same hidden states, step by step under autograd."""
    states = [initial]
    for step in inputs:
        states.append(getattr(torch, activation)(step + states[-1] @ weight))
    return torch.stack(states[1:])


class PlainRecurrence(torch.autograd.Function):
    """h_t = φ(a_t + h_{t−1} W), where a is `inputs` (d2l 9.4) and φ tanh or relu.

    Backwards, δ_t being the gradient at the argument of φ, whose slope is 1 − h_t² for tanh, and for relu 1 where
    h_t > 0, else 0:

        δ_t = (∂L/∂h_t + δ_{t+1} Wᵀ) ⊙ φ′,   ∂L/∂a_t = δ_t,   ∂L/∂W = Σ_t h_{t−1}ᵀ δ_t
    """

    @staticmethod
    @quietly
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, initial: Tensor, activation: str) -> Tensor:
        """Inputs a (T, B, H), weight W (H, H), initial state (B, H) to hidden states (T, B, H) in the inputs' place."""
        W, previous = _arrays(weight, initial)
        product = np.empty_like(previous)
        for hidden in inputs.detach().numpy():
            hidden += np.matmul(previous, W, out=product)
            previous = np.tanh(hidden, out=hidden) if activation == "tanh" else np.maximum(hidden, 0, out=hidden)
        ctx.mark_dirty(inputs)
        ctx.save_for_backward(inputs, weight, initial)
        ctx.activation = activation
        return inputs

    @staticmethod
    @quietly
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        grad_states, states, weight, initial = _arrays(grads[0], *ctx.saved_tensors)
        deltas, later, slope = np.empty_like(states), np.zeros_like(initial), np.empty_like(initial)
        for grad, hidden, delta in _backwards(grad_states, states, deltas):
            np.matmul(later, weight.T, out=delta)
            delta += grad
            if ctx.activation == "tanh":
                delta *= np.subtract(1, np.multiply(hidden, hidden, out=slope), out=slope)
            else:
                delta *= hidden > 0
            later = delta
        return *_tensors(deltas, _weight_gradient(deltas, initial, states).T, later @ weight.T), None


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
    @quietly
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, initial: Tensor) -> Tensor:
        """Inputs a (T, B, 3H), torch's weight_hh W (3H, H), bias b of n's part (H,) and initial state (B, H) to hidden
        states (T, B, H)."""
        a, W, b, previous = _arrays(inputs, weight, bias, initial)
        gates = 2 * len(b)  # r and z
        to_rz, to_n = W[:gates].T, W[gates:].T
        rz = np.empty_like(a[..., :gates])
        n, linear, states = (np.empty_like(a[..., gates:]) for _ in range(3))
        steps = zip(a[..., :gates], a[..., gates:], rz, *np.split(rz, 2, axis=-1), linear, n, states, strict=True)
        for a_rz, a_n, rz_t, r, z, c, n_t, hidden in steps:
            np.matmul(previous, to_rz, out=rz_t)
            rz_t += a_rz
            _sigmoid(rz_t)
            np.matmul(previous, to_n, out=c)
            c += b
            np.multiply(r, c, out=n_t)
            n_t += a_n
            np.tanh(n_t, out=n_t)
            np.subtract(previous, n_t, out=hidden)
            hidden *= z
            hidden += n_t
            previous = hidden
        result = torch.from_numpy(states)
        ctx.save_for_backward(*_tensors(rz, n, linear), result, weight, initial)
        return result

    @staticmethod
    @quietly
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        grad_states, rz, n, linear, states, weight, initial = _arrays(grads[0], *ctx.saved_tensors)
        gates = rz.shape[-1]
        back_rz, back_n = weight[:gates], weight[gates:]
        deltas, delta_c = np.empty((*n.shape[:2], len(weight)), n.dtype), np.empty_like(n)
        delta_rz, delta_n = deltas[..., :gates], deltas[..., gates:]
        eta, kept, slope = np.zeros_like(initial), np.empty_like(initial), np.empty_like(rz[0])
        known = (grad_states, [initial, *states[:-1]], rz, *np.split(rz, 2, axis=-1), n, linear)
        wanted = (delta_rz, *np.split(delta_rz, 2, axis=-1), delta_n, delta_c)
        for grad, previous, rz_t, r, z, n_t, c, drz, dr, dz, dn, dc in _backwards(*known, *wanted):
            eta += grad
            np.multiply(eta, z, out=kept)
            np.subtract(eta, kept, out=dn)
            np.multiply(n_t, n_t, out=dc)
            dn *= np.subtract(1, dc, out=dc)
            np.multiply(dn, r, out=dc)
            np.multiply(dn, c, out=dr)
            np.subtract(previous, n_t, out=dz)
            dz *= eta
            np.subtract(1, rz_t, out=slope)
            drz *= np.multiply(slope, rz_t, out=slope)
            np.matmul(drz, back_rz, out=eta)
            eta += kept
            eta += np.matmul(dc, back_n, out=kept)
        grad_weight = np.concatenate([_weight_gradient(part, initial, states) for part in (delta_rz, delta_c)])
        return _tensors(deltas, grad_weight, delta_c.sum((0, 1)), eta)


def _sigmoid(x: Array) -> None:
    """1 / (1 + e⁻ˣ) in place."""
    np.exp(np.negative(x, out=x), out=x)
    x += 1
    np.reciprocal(x, out=x)


def _weight_gradient(deltas: Array, initial: Array, states: Array) -> Array:
    """Σ_t δ_tᵀ h_{t−1} of δ (T, B, G·H), h_0 (B, H) and the states after it (T, B, H): (G·H, H)."""
    gradient: Array = deltas[1:].reshape(-1, deltas.shape[-1]).T @ states[:-1].reshape(-1, states.shape[-1])
    gradient += deltas[0].T @ initial
    return gradient


def _backwards(*arrays: Iterable[Array]) -> Iterator[tuple[Array, ...]]:
    """The steps of arrays (T, …) side by side, the last one first."""
    return zip(*(reversed(list(array)) for array in arrays), strict=True)


def _arrays(*tensors: Tensor) -> tuple[Any, ...]:
    return tuple(tensor.detach().numpy() for tensor in tensors)


def _tensors(*arrays: Array) -> tuple[Any, ...]:
    return tuple(map(torch.from_numpy, arrays))
