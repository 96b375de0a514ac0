"""The recurrent network from scratch (d2l 9.5): plain weight tensors and back-propagation through time by hand."""

from typing import Any

import torch
from torch import Tensor

from stepahead.text.architecture import Architecture
from stepahead.text.dropout import Dropout

INIT_STD = 0.01


class TanhRecurrence(torch.autograd.Function):
    """h_t = tanh(a_t + h_{t−1} W) over all steps, with the backward pass derived by hand (d2l 9.7).

    Autograd would keep a graph node for every step and add the steps' weight gradients one by one; here each step of
    the backward pass is one product, and the weight gradient of all steps is one more:

        δ_t = (∂L/∂h_t + δ_{t+1} Wᵀ) ⊙ (1 − h_t²),   ∂L/∂a_t = δ_t,   ∂L/∂W = Σ_t h_{t−1}ᵀ δ_t
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, initial: Tensor) -> Tensor:
        """Inputs a (T, B, H), weight W (H, H), initial state (B, H) to hidden states (T, B, H)."""
        hidden = torch.empty_like(inputs)
        previous = initial
        for step, out in zip(inputs, hidden, strict=True):
            torch.addmm(step, previous, weight, out=out)
            previous = out.tanh_()
        ctx.save_for_backward(hidden, weight, initial)
        return hidden

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden, weight, initial = ctx.saved_tensors
        slope = 1 - hidden * hidden  # (T, B, H)
        delta = grads[0] * slope  # what reaches each step directly; the loop adds what comes through later steps
        for t in range(len(delta) - 2, -1, -1):
            delta[t].addcmul_(delta[t + 1] @ weight.mT, slope[t])
        previous = torch.cat([initial[None], hidden[:-1]])
        grad_weight = previous.flatten(0, 1).mT @ delta.flatten(0, 1)
        return delta, grad_weight, delta[0] @ weight.mT


class ScratchRNN:
    """One tanh layer and a linear readout; weights from N(0, 0.01²), biases zero."""

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
        inputs = torch.nn.functional.embedding(ids, self.W_xh)  # a one-hot product is a row gather
        if dropout is not None:
            inputs = dropout.drop_tokens(inputs)
        W_hh = self.W_hh if dropout is None else dropout.drop_weights(self.W_hh)
        hidden: Tensor = TanhRecurrence.apply(inputs + self.b_h, W_hh, state[0])  # type: ignore[no-untyped-call]
        last = hidden[-1]
        return (hidden if dropout is None else dropout.drop_units(hidden, top=True)), (last,)

    def readout(self, hidden: Tensor) -> Tensor:
        """Hidden states (…, H) to logits (…, V)."""
        return hidden @ self.W_hq + self.b_q
