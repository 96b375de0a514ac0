"""One step of a recurrent cell in NumPy, in place, for many weight seeds and many sequences at once: what forecasting
needs.

Weights have torch's layout and gate order, with the seeds in front: weight_ih (S, G·H, 1), weight_hh (S, G·H, H),
bias_ih and bias_hh (S, G·H), where G = GATES[cell]. bptt.py trains them. States have the sequences
last, so that each gate of a seed is one stretch of memory: (S, H, W, N), for W starts of each of N series.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from stepahead.core.artifacts import Array

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def zero_state(cell: str, weights: Mapping[str, Array], shape: tuple[int, ...]) -> list[Array]:
    """The hidden state before the first step, and for an LSTM the memory, (S, H, *shape) each."""
    seeds, _, hiddens = weights["weight_hh"].shape
    return [np.zeros((seeds, hiddens, *shape), weights["weight_hh"].dtype) for _ in range(1 + (cell == "lstm"))]


def advance(cell: str, weights: Mapping[str, Array], inputs: Array, state: Sequence[Array]) -> None:
    """Let `state` (S, H, W, N) each read `inputs` (S, 1, N): every start of a series reads the same number.

    Equations: d2l 9.4 (rnn, tanh), 10.2 (gru), 10.1 (lstm), the GRU with the reset gate where torch applies it.
    """
    hidden = state[0]
    seeds, hiddens, starts, n = hidden.shape
    b_ih, b_hh = weights["bias_ih"][..., None, None], weights["bias_hh"][..., None, None]
    from_input = (weights["weight_ih"] * inputs)[:, :, None]  # (S, G·H, 1, N)
    gates = weights["weight_hh"] @ hidden.reshape(seeds, hiddens, starts * n)  # (S, G·H, W·N)
    gates = gates.reshape(*gates.shape[:2], starts, n)
    if cell == "gru":
        from_input += b_ih
        gates += b_hh
        _gru(from_input, gates, hidden)
        return
    gates += from_input
    gates += b_ih + b_hh
    if cell == "rnn":
        np.tanh(gates, out=hidden)
    else:
        _lstm(gates, *state)


def _gru(from_input: Array, from_hidden: Array, hidden: Array) -> None:
    split = 2 * hidden.shape[1]
    gates, candidate = from_hidden[:, :split], from_hidden[:, split:]
    gates += from_input[:, :split]
    _sigmoid(gates)
    reset, update = _parts(gates, 2)
    candidate *= reset
    candidate += from_input[:, split:]
    np.tanh(candidate, out=candidate)
    hidden -= candidate
    hidden *= update
    hidden += candidate


def _lstm(gates: Array, hidden: Array, memory: Array) -> None:
    input_gate, forget_gate, candidate, output_gate = _parts(gates, 4)
    for gate in (input_gate, forget_gate, output_gate):
        _sigmoid(gate)
    np.tanh(candidate, out=candidate)
    memory *= forget_gate
    candidate *= input_gate
    memory += candidate
    np.tanh(memory, out=hidden)
    hidden *= output_gate


def _parts(gates: Array, count: int) -> list[Array]:
    """Equal parts of the second axis."""
    size = gates.shape[1] // count
    return [gates[:, i * size : (i + 1) * size] for i in range(count)]


def _sigmoid(x: Array) -> None:
    """In place, and through tanh, which cannot overflow."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
