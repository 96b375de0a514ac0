"""One step of a recurrent cell and the way back through it, for many weight seeds and sequences at once.

Training (bptt.py) and forecasting (recurrent.py) both run through this. Shapes: S seeds, H hidden units, N sequences,
C = blocks · H. All that a step reads meets all weights in one matrix product, and the sequences come last, so that
each block is one stretch of memory.
    read (S, H + 2, N): the hidden state, a row of ones for the biases, and the input
    gates (S, C, N): weight (S, C, H + 2) times read, which `forward` turns into what the gates let through
    state: arrays (S, H, N), first the hidden state; `after` may be `before` itself
    delta (S, C, N): ∂L/∂(weight times read)
    eta: ∂L/∂after for each array of the state; `backward` leaves of it what reaches `before` past the weights

Equations: d2l 9.4 (rnn, tanh), 10.2 (gru), 10.1 (lstm), the GRU with the reset gate where torch applies it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stepahead.core.artifacts import Array

State = Sequence[Array]


@dataclass(frozen=True)
class Cell:
    """A kind of cell: how many blocks its weight has, how many arrays its state, and the step there and back."""

    blocks: int
    arrays: int
    forward: Callable[[Array, State, State], None]
    """Takes gates, before, after."""
    backward: Callable[[Array, State, State, State, Array], None]
    """Takes gates, before, after, eta, delta."""


def tanh_forward(gates: Array, before: State, after: State) -> None:  # noqa: ARG001
    """h = tanh(gates)"""
    np.tanh(gates, out=after[0])


def tanh_backward(gates: Array, before: State, after: State, eta: State, delta: Array) -> None:  # noqa: ARG001
    np.multiply(eta[0], 1 - after[0] ** 2, out=delta)
    eta[0][:] = 0


def gru_forward(gates: Array, before: State, after: State) -> None:
    """r, z = σ(·), n = tanh(a + r ⊙ c), h = n + z ⊙ (h₋₁ − n).

    c comes from the hidden state and a from the input alone; `present` keeps the weights at zero that would join them.
    """
    r, z, c, n = _blocks(gates, 4)
    _sigmoid(gates[:, : 2 * r.shape[1]])
    n += r * c
    np.tanh(n, out=n)
    np.subtract(before[0], n, out=after[0])
    after[0][:] *= z
    after[0][:] += n


def gru_backward(gates: Array, before: State, after: State, eta: State, delta: Array) -> None:  # noqa: ARG001
    r, z, c, n = _blocks(gates, 4)
    delta_r, delta_z, delta_c, delta_a = _blocks(delta, 4)
    np.multiply(eta[0], (1 - z) * (1 - n**2), out=delta_a)
    np.multiply(delta_a, r, out=delta_c)
    np.multiply(delta_c, c * (1 - r), out=delta_r)
    np.multiply(eta[0], (before[0] - n) * z * (1 - z), out=delta_z)
    eta[0][:] *= z


def lstm_forward(gates: Array, before: State, after: State) -> None:
    """i, f, o = σ(·), g = tanh(·), c = f ⊙ c₋₁ + i ⊙ g, h = o ⊙ tanh(c); the state holds tanh(c) too."""
    i, f, o, g = _blocks(gates, 4)
    _sigmoid(gates[:, : 3 * i.shape[1]])
    np.tanh(g, out=g)
    hidden, memory, tanh = after
    np.multiply(before[1], f, out=memory)
    memory += i * g
    np.tanh(memory, out=tanh)
    np.multiply(o, tanh, out=hidden)


def lstm_backward(gates: Array, before: State, after: State, eta: State, delta: Array) -> None:
    i, f, o, g = _blocks(gates, 4)
    delta_i, delta_f, delta_o, delta_g = _blocks(delta, 4)
    (eta_hidden, eta_memory, _), tanh = eta, after[2]
    eta_memory += eta_hidden * o * (1 - tanh**2)
    np.multiply(eta_memory, g * i * (1 - i), out=delta_i)
    np.multiply(eta_memory, before[1] * f * (1 - f), out=delta_f)
    np.multiply(eta_hidden, tanh * o * (1 - o), out=delta_o)
    np.multiply(eta_memory, i * (1 - g**2), out=delta_g)
    eta_memory *= f
    eta_hidden[:] = 0


CELLS: Mapping[str, Cell] = {
    "rnn": Cell(1, 1, tanh_forward, tanh_backward),
    "gru": Cell(4, 1, gru_forward, gru_backward),
    "lstm": Cell(4, 3, lstm_forward, lstm_backward),
}


def present(cell: str, size: int) -> Array:
    """One where the cell has a weight, (C, H + 2), and zero where it has none."""
    mask = np.ones((CELLS[cell].blocks * size, size + 2))
    if cell == "gru":
        mask[2 * size : 3 * size, -1] = 0  # c does not see the input
        mask[3 * size :, :size] = 0  # a does not see the hidden state
    return mask


def _blocks(array: Array, count: int) -> list[Array]:
    size = array.shape[1] // count
    return [array[:, i * size : (i + 1) * size] for i in range(count)]


def _sigmoid(x: Array) -> None:
    """In place, and through tanh, which cannot overflow."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
