"""One step of a recurrent cell in NumPy, for many weight seeds at once: all that forecasting needs.

Weights have torch's layout and gate order, with the seeds in front: weight_ih (S, G·H, I), weight_hh (S, G·H, H),
bias_ih and bias_hh (S, G·H), where G = GATES[cell]. stepahead/nn/unrolled.py trains them.
"""

from collections.abc import Mapping

import numpy as np

from stepahead.artifacts import Array

GATES = {"rnn": 1, "gru": 3, "lstm": 4}

State = tuple[Array, ...]
"""(hidden,), each (S, B, H); for an LSTM (hidden, memory)."""


def zero_state(cell: str, weights: Mapping[str, Array], batch_shape: tuple[int, ...]) -> State:
    """The state before the first step, (*batch_shape, H)."""
    like = weights["weight_hh"]
    zeros = np.zeros((*batch_shape, like.shape[-1]), dtype=like.dtype)
    return (zeros, zeros) if cell == "lstm" else (zeros,)


def step(cell: str, weights: Mapping[str, Array], inputs: Array, state: State) -> State:
    """The state after reading `inputs` (S, B, I); its first entry is the hidden state.

    Equations: d2l 8.4 (rnn, tanh), 9.1 (gru), 9.2 (lstm), the GRU with the reset gate where torch applies it.
    """
    w_ih, b_ih, b_hh = weights["weight_ih"].mT, weights["bias_ih"][..., None, :], weights["bias_hh"][..., None, :]
    # NumPy multiplies by a single column four times faster than it does a matrix product with it
    from_input = inputs * w_ih if inputs.shape[-1] == 1 else inputs @ w_ih  # (S, B, G·H)
    from_hidden = state[0] @ weights["weight_hh"].mT  # (S, B, G·H)
    if cell == "gru":
        return _gru(from_input + b_ih, from_hidden + b_hh, state[0])
    gates = from_input + from_hidden + (b_ih + b_hh)
    return _lstm(gates, state[1]) if cell == "lstm" else (np.tanh(gates),)


def _gru(from_input: Array, from_hidden: Array, hidden: Array) -> State:
    reset_input, update_input, candidate_input = np.split(from_input, 3, axis=-1)
    reset_hidden, update_hidden, candidate_hidden = np.split(from_hidden, 3, axis=-1)
    reset, update = _sigmoid(reset_input + reset_hidden), _sigmoid(update_input + update_hidden)
    candidate = np.tanh(candidate_input + reset * candidate_hidden)
    return (candidate + update * (hidden - candidate),)


def _lstm(gates: Array, memory: Array) -> State:
    input_gate, forget_gate, candidate, output_gate = np.split(gates, 4, axis=-1)
    memory = _sigmoid(forget_gate) * memory + _sigmoid(input_gate) * np.tanh(candidate)
    return (_sigmoid(output_gate) * np.tanh(memory), memory)


def _sigmoid(x: Array) -> Array:
    """Through tanh, which cannot overflow."""
    y: Array = 0.5 * np.tanh(0.5 * x) + 0.5
    return y
