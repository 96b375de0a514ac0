"""One step of a recurrent cell for many weight seeds at once, written once for NumPy and torch.

Weights have torch's layout and gate order, with the seeds in front: weight_ih (S, G·H, I), weight_hh (S, G·H, H),
bias_ih and bias_hh (S, G·H), where G = GATES[cell]. `xp` is the module (numpy or torch) whose arrays are given.
"""

from collections.abc import Mapping
from typing import Any

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
    size = hidden.shape[-1]
    gates = _sigmoid(xp, from_input[..., : 2 * size] + from_hidden[..., : 2 * size])
    reset, update = gates[..., :size], gates[..., size:]
    candidate = xp.tanh(from_input[..., 2 * size :] + reset * from_hidden[..., 2 * size :])
    return (candidate + update * (hidden - candidate),)


def _lstm(xp: Any, gates: Any, memory: Any) -> State:
    size = memory.shape[-1]
    squashed = _sigmoid(xp, gates)  # one call for all gates is cheaper than three for those that need it
    input_gate, forget_gate, output_gate = (squashed[..., i * size : (i + 1) * size] for i in (0, 1, 3))
    memory = forget_gate * memory + input_gate * xp.tanh(gates[..., 2 * size : 3 * size])
    return (output_gate * xp.tanh(memory), memory)


def _sigmoid(xp: Any, x: Any) -> Any:
    """Through tanh, which both modules have and which cannot overflow."""
    return 0.5 * xp.tanh(0.5 * x) + 0.5
