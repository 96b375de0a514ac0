"""The book's from-scratch network (d2l 9.5), which its text defines and its package leaves to the reader."""

from typing import Any

import torch
from d2l import torch as d2l
from torch import Tensor, nn

LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def scratch_parameters(vocab_size: int, num_hiddens: int, device: torch.device) -> list[Tensor]:
    """W_xh, W_hh, b_h, W_hq, b_q: weights from N(0, 0.01²), biases zero."""
    W_xh, W_hh, W_hq = (
        torch.randn(shape, device=device) * 0.01
        for shape in ((vocab_size, num_hiddens), (num_hiddens, num_hiddens), (num_hiddens, vocab_size))
    )
    b_h, b_q = (torch.zeros(size, device=device) for size in (num_hiddens, vocab_size))
    return [parameter.requires_grad_() for parameter in (W_xh, W_hh, b_h, W_hq, b_q)]


def scratch_state(batch_size: int, num_hiddens: int, device: torch.device) -> tuple[Tensor]:
    return (torch.zeros((batch_size, num_hiddens), device=device),)


def scratch_forward(inputs: Tensor, state: tuple[Tensor], parameters: list[Tensor]) -> tuple[Tensor, tuple[Tensor]]:
    """One-hot inputs (T, B, V) to logits (T·B, V) and the last state, a step at a time as in the book."""
    W_xh, W_hh, b_h, W_hq, b_q = parameters
    (H,) = state
    outputs = []
    for X in inputs:
        H = torch.tanh(torch.mm(X, W_xh) + torch.mm(H, W_hh) + b_h)
        outputs.append(torch.mm(H, W_hq) + b_q)
    return torch.cat(outputs, dim=0), (H,)


def build(cell: str, num_hiddens: int, vocab_size: int) -> Any:
    """The book's model: `scratch`, or `rnn`, `gru`, `lstm` with a layer of torch's; weights from torch's generator."""
    if cell != "scratch":
        return d2l.RNNModel(LAYERS[cell](vocab_size, num_hiddens), vocab_size)
    parts = (scratch_parameters, scratch_state, scratch_forward)
    return d2l.RNNModelScratch(vocab_size, num_hiddens, torch.device("cpu"), *parts)
