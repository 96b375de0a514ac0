"""The recurrent network from scratch (d2l 9.5): plain weight tensors and back-propagation through time by hand."""

import torch
from torch import Tensor
from torch.nn.functional import embedding

from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.dropout import Dropout
from stepahead.text.rnn.linear import linear
from stepahead.text.rnn.recurrences import plain_recurrence

INIT_STD = 0.01


class ScratchRNN:
    """One layer and a linear readout; weights from N(0, 0.01²), biases zero."""

    def __init__(self, architecture: Architecture, generator: torch.Generator, device: torch.device) -> None:
        self.architecture = architecture
        vocab_size, num_hiddens = architecture.vocab_size, architecture.num_hiddens

        def normal(*shape: int) -> Tensor:
            return (torch.randn(shape, generator=generator) * INIT_STD).to(device)

        self.W_xh, self.W_hh = normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)
        self.b_h = torch.zeros(num_hiddens, device=device)
        self.W_hq, self.b_q = normal(num_hiddens, vocab_size), torch.zeros(vocab_size, device=device)
        for weight in self.parameters().values():
            weight.requires_grad_()

    def parameters(self) -> dict[str, Tensor]:
        return {"W_xh": self.W_xh, "W_hh": self.W_hh, "b_h": self.b_h, "W_hq": self.W_hq, "b_q": self.b_q}

    def initial_state(self, batch_size: int) -> tuple[Tensor]:
        return (torch.zeros(batch_size, len(self.b_h), device=self.b_h.device),)

    def hidden(
        self, ids: Tensor, state: tuple[Tensor, ...], dropout: Dropout | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Token ids (T, B) and state (B, H) to hidden states (T, B, H) and the last state."""
        if dropout is None:  # a one-hot product is a row gather, and to the rows the bias is added once for all steps
            inputs, W_hh = embedding(ids, self.W_xh + self.b_h), self.W_hh
        else:
            inputs = dropout.drop_tokens(embedding(ids, self.W_xh)) + self.b_h
            W_hh = dropout.drop_weights(self.W_hh)
        hidden = plain_recurrence(inputs, W_hh, state[0], self.architecture.activation)
        last = hidden[-1]
        return (hidden if dropout is None else dropout.drop_units(hidden, top=True)), (last,)

    def readout(self, hidden: Tensor) -> Tensor:
        """Hidden states (…, H) to logits (…, V)."""
        return linear(hidden, self.W_hq.mT, self.b_q)
