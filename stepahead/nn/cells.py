"""One step of a recurrent cell for many weight seeds at once, written once for NumPy and torch.

Weights have torch's layout and gate order, with the seeds in front: weight_ih (S, G·H, I), weight_hh (S, G·H, H),
bias_ih and bias_hh (S, G·H), where G = GATES[cell]. `xp` is the module (numpy or torch) whose arrays are given.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

GATES = {"rnn": 1, "gru": 3, "lstm": 4}

State = tuple[Any, ...]
"""(hidden,), each (S, B, H); for an LSTM (hidden, memory)."""


def zero_state(cell: str, xp: Any, weights: Mapping[str, Any], batch_shape: tuple[int, ...]) -> State:
    """The state before the first step, (*batch_shape, H)."""
    like = weights["weight_hh"]
    zeros = xp.zeros((*batch_shape, like.shape[-1]), dtype=like.dtype, device=like.device)
    return (zeros, zeros) if cell == "lstm" else (zeros,)


def step(cell: str, xp: Any, weights: Mapping[str, Any], inputs: Any, state: State) -> State:
    """The state after reading `inputs` (S, B, I); its first entry is the hidden state.

    Equations: d2l 8.4 (rnn, tanh), 9.1 (gru), 9.2 (lstm), the GRU with the reset gate where torch applies it.
    """
    w_ih, b_ih, b_hh = weights["weight_ih"].mT, weights["bias_ih"][..., None, :], weights["bias_hh"][..., None, :]
    # NumPy multiplies by a single column four times faster than it does a matrix product with it
    from_input = inputs * w_ih if inputs.shape[-1] == 1 else inputs @ w_ih  # (S, B, G·H)
    from_hidden = state[0] @ weights["weight_hh"].mT  # (S, B, G·H)
    if cell == "gru":
        return _gru(xp, from_input + b_ih, from_hidden + b_hh, state[0])
    gates = from_input + from_hidden + (b_ih + b_hh)
    return _lstm(xp, gates, state[1]) if cell == "lstm" else (xp.tanh(gates),)


def _gru(xp: Any, from_input: Any, from_hidden: Any, hidden: Any) -> State:
    reset_input, update_input, candidate_input = _parts(xp, from_input, 3)
    reset_hidden, update_hidden, candidate_hidden = _parts(xp, from_hidden, 3)
    reset, update = _sigmoid(xp, reset_input + reset_hidden), _sigmoid(xp, update_input + update_hidden)
    candidate = xp.tanh(candidate_input + reset * candidate_hidden)
    return (candidate + update * (hidden - candidate),)


def _lstm(xp: Any, gates: Any, memory: Any) -> State:
    input_gate, forget_gate, candidate, output_gate = _parts(xp, gates, 4)
    memory = _sigmoid(xp, forget_gate) * memory + _sigmoid(xp, input_gate) * xp.tanh(candidate)
    return (_sigmoid(xp, output_gate) * xp.tanh(memory), memory)


def _parts(xp: Any, x: Any, count: int) -> Any:
    """Equal parts of the last axis."""
    return np.split(x, count, axis=-1) if xp is np else xp.chunk(x, count, dim=-1)


def _sigmoid(xp: Any, x: Any) -> Any:
    """In NumPy through tanh, which cannot overflow."""
    return 0.5 * xp.tanh(0.5 * x) + 0.5 if xp is np else xp.sigmoid(x)
