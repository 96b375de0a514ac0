"""The concise recurrent networks (d2l 9.6, 10.1–10.3): torch's layers and a linear readout.

A layer is run by torch's kernel of its cell, or where that is faster by a recurrence of ours, which gives the same
hidden states and gradients: rnn and gru on a CPU. (oneDNN's lstm is faster there than ours would be.)
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, one_hot, pad

from stepahead.text.rnn.architecture import GATES, HELD_GATES, Architecture
from stepahead.text.rnn.dropout import Dropout
from stepahead.text.rnn.linear import linear
from stepahead.text.rnn.recurrences import GRURecurrence, plain_recurrence

# torch's kernel by the number of gates, which torch.nn's modules call too; of the plain cell, by its activation
KERNELS: dict[int, Any] = {3: torch.gru, 4: torch.lstm}
PLAIN_KERNELS: dict[str, Any] = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}


class LayerRNN:
    """Layers of torch's rnn, gru or lstm over tokens; parameters from U(±1/√num_hiddens), as in torch."""

    def __init__(self, architecture: Architecture, generator: torch.Generator, device: torch.device) -> None:
        self.architecture = a = architecture
        self.weights: dict[str, Tensor] = {}
        for i in range(a.num_layers):
            width = a.num_hiddens if i else a.embedding_size or a.vocab_size
            self.weights |= _layer_weights(a.cell, i, width, a.num_hiddens)
        if not a.tied:
            self.weights["weight"] = torch.empty(a.vocab_size, a.readout_size)
        self.weights["bias"] = torch.empty(a.vocab_size)
        if a.embedding_size:
            self.weights["embedding"] = torch.empty(a.vocab_size, a.embedding_size)
        bound = a.num_hiddens**-0.5
        for weight in self.weights.values():
            weight.uniform_(-bound, bound, generator=generator)
        if a.cell == "lstm":
            for i in range(a.num_layers):
                self.weights[f"bias_ih_l{i}"][a.num_hiddens : 2 * a.num_hiddens] += a.forget_bias
        if a.cell in HELD_GATES:
            self._hold_gate(*HELD_GATES[a.cell])
        self.weights = {name: weight.to(device).requires_grad_() for name, weight in self.weights.items()}

    def _hold_gate(self, gate: int, bias: float) -> None:
        held = slice(gate * self.architecture.num_hiddens, (gate + 1) * self.architecture.num_hiddens)
        for i in range(self.architecture.num_layers):
            for weight in self._layer(i):
                weight[held] = 0
            self.weights[f"bias_ih_l{i}"][held] = bias

    def parameters(self) -> dict[str, Tensor]:
        return self.weights

    def initial_state(self, batch_size: int) -> tuple[Tensor, ...]:
        shape = (self.architecture.num_layers, batch_size, self.architecture.num_hiddens)
        count = 2 if self.architecture.cell == "lstm" else 1
        return tuple(torch.zeros(shape, device=self.weights["bias"].device) for _ in range(count))

    def hidden(
        self, ids: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """What the readout reads, and the state after it.

        Args:
            ids: tokens (T, B).
            state: the hidden state, and an LSTM's memory, each (L, B, H).

        Returns:
            (T, B, readout_size), and a state like the one given.
        """
        ours = self._runs_ours(ids)
        run = self._recurrence if ours else self._kernel
        values = self._inputs(ids, ours, dropout)
        outputs, lasts = [], []
        for i in range(self.architecture.num_layers):
            values, last = run(i, values, tuple(part[i : i + 1] for part in state), dropout)  # (T, B, H)
            if dropout is not None:
                values = dropout.drop_units(values, top=i == self.architecture.num_layers - 1)
            outputs.append(values)
            lasts.append(last)
        read = torch.cat(outputs, dim=-1) if self.architecture.readout == "all" else values
        return read, tuple(torch.cat(parts) for parts in zip(*lasts, strict=True))

    def readout(self, hidden: Tensor) -> Tensor:
        """Hidden states (…, readout_size) to logits (…, V)."""
        return linear(hidden, self.weights["embedding" if self.architecture.tied else "weight"], self.weights["bias"])

    def _runs_ours(self, ids: Tensor) -> bool:
        return self.architecture.cell != "lstm" and ids.device.type == "cpu"

    def _inputs(self, ids: Tensor, gather: bool, dropout: Dropout | None) -> Tensor:
        """What the first layer reads: (T, B, E), one-hot (T, B, V), or the ids themselves to `gather` rows by."""
        if self.architecture.embedding_size:
            values = embedding(ids, self.weights["embedding"])
        elif gather:
            return ids
        else:
            values = one_hot(ids, self.architecture.vocab_size).to(self.weights["bias"].dtype)
        return values if dropout is None else dropout.drop_tokens(values)

    def _layer(self, i: int) -> list[Tensor]:
        """Layer i's weight_ih, weight_hh, bias_ih and bias_hh."""
        return [self.weights[f"{name}_l{i}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def _kernel(
        self, i: int, inputs: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Layer i by torch: inputs (T, B, I) and state (1, B, H) to hidden states (T, B, H) and the last state."""
        gates = GATES[self.architecture.cell]
        kernel = KERNELS[gates] if gates > 1 else PLAIN_KERNELS[self.architecture.activation]
        options = (True, 1, 0.0, torch.is_grad_enabled(), False, False)  # biases, one layer, its own dropout off
        weights = self._layer(i)
        if dropout is not None:
            weights[1] = dropout.drop_weights(weights[1])
        hidden, *last = kernel(inputs, state if len(state) > 1 else state[0], weights, *options)
        return hidden, tuple(last)

    def _recurrence(
        self, i: int, inputs: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Layer i by our own recurrence, where `inputs` may also be ids (T, B)."""
        weight_ih, weight_hh, bias_ih, bias_hh = self._layer(i)
        has_gates = GATES[self.architecture.cell] > 1
        gated = 2 * self.architecture.num_hiddens if has_gates else len(bias_hh)
        # the part of bias_hh for a GRU's candidate stands behind the reset gate, with what comes from the hidden state
        bias = bias_ih + pad(bias_hh[:gated], (0, len(bias_hh) - gated))
        from_inputs = _from_inputs(inputs, weight_ih, bias, dropout)
        if dropout is not None:
            weight_hh = dropout.drop_weights(weight_hh)
        initial = state[0][0]
        if has_gates:
            hidden = GRURecurrence.apply(from_inputs, weight_hh, bias_hh[gated:], initial)  # type: ignore[no-untyped-call]
        else:
            hidden = plain_recurrence(from_inputs, weight_hh.mT, initial, self.architecture.activation)
        return hidden, (hidden[-1:],)


def _from_inputs(inputs: Tensor, weight: Tensor, bias: Tensor, dropout: Dropout | None) -> Tensor:
    """Inputs (T, B, I) times weight (G·H, I) plus bias; of ids (T, B), whose one-hot product is a row gather."""
    if inputs.is_floating_point():
        return linear(inputs, weight, bias)
    rows = weight.mT.contiguous()  # (V, G·H)
    if dropout is None:
        return embedding(inputs, rows + bias)  # to V rows it is added sooner than to T·B
    return dropout.drop_tokens(embedding(inputs, rows)) + bias


def _layer_weights(cell: str, i: int, width: int, num_hiddens: int) -> dict[str, Tensor]:
    """Layer i's parameters, not yet drawn, named and shaped as torch.nn's."""
    rows = GATES[cell] * num_hiddens
    return {
        f"weight_ih_l{i}": torch.empty(rows, width),
        f"weight_hh_l{i}": torch.empty(rows, num_hiddens),
        f"bias_ih_l{i}": torch.empty(rows),
        f"bias_hh_l{i}": torch.empty(rows),
    }
