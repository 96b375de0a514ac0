"""The concise recurrent networks (d2l 9.6, 10.1, 10.2): torch's own layers and a linear readout."""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, one_hot

LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class LayerRNN:
    """`num_layers` of torch's rnn, gru or lstm over one-hot tokens; parameters from U(±1/√num_hiddens), as in torch."""

    def __init__(
        self,
        cell: str,
        vocab_size: int,
        num_hiddens: int,
        num_layers: int,
        generator: torch.Generator,
        device: torch.device,
    ) -> None:
        self.layer = LAYERS[cell](vocab_size, num_hiddens, num_layers)
        self.weight, self.bias = torch.empty(vocab_size, num_hiddens), torch.empty(vocab_size)
        bound = num_hiddens**-0.5
        for parameter in (*self.layer.parameters(), self.weight, self.bias):
            parameter.data.uniform_(-bound, bound, generator=generator)
        self.layer.to(device)
        self.weight, self.bias = (p.to(device).requires_grad_() for p in (self.weight, self.bias))

    def parameters(self) -> dict[str, Tensor]:
        return {**dict(self.layer.named_parameters()), "weight": self.weight, "bias": self.bias}

    def initial_state(self, batch_size: int) -> tuple[Tensor, ...]:
        shape = (self.layer.num_layers, batch_size, self.layer.hidden_size)
        count = 2 if isinstance(self.layer, nn.LSTM) else 1
        return tuple(torch.zeros(shape, device=self.bias.device) for _ in range(count))

    def hidden(self, ids: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Token ids (T, B) and state, each (L, B, H), to the top layer's hidden states (T, B, H) and the last state."""
        inputs = one_hot(ids, len(self.bias)).to(self.weight.dtype)  # (T, B, V)
        if isinstance(self.layer, nn.LSTM):
            hidden, last = self.layer(inputs, state)
            return hidden, last
        hidden, last = self.layer(inputs, state[0])
        return hidden, (last,)

    def readout(self, hidden: Tensor) -> Tensor:
        """Hidden states (…, H) to logits (…, V)."""
        return linear(hidden, self.weight, self.bias)
