"""The networks of the series once more, from torch's own cells, for many windows and one weight seed."""

import torch
from torch import Tensor

# for each gate in torch's order, the block of ours that holds its weights for the hidden state, and those for the input
HIDDEN = {"rnn": [0], "gru": [0, 1, 2], "lstm": [0, 1, 3, 2]}
INPUT = {"rnn": [0], "gru": [0, 1, 3], "lstm": [0, 1, 3, 2]}


def states(cell: str, recurrent: Tensor, windows: Tensor) -> list[Tensor]:
    """The hidden state (B, H), and an LSTM's memory, after windows (B, T), with weights (C, H + 2) as in cells.py."""
    size = recurrent.shape[1] - 2
    hidden, bias, inputs = (part.split(size) for part in (recurrent[:, :size], recurrent[:, size], recurrent[:, -1:]))
    from_input, from_hidden, bias_input = (
        torch.cat([part[i] for i in order])
        for part, order in ((inputs, INPUT[cell]), (hidden, HIDDEN[cell]), (bias, INPUT[cell]))
    )
    # one bias a gate is enough, but torch has two, which differ for the candidate of a GRU alone
    bias_hidden = torch.zeros_like(bias_input)
    if cell == "gru":
        bias_hidden = torch.cat([bias_hidden[: 2 * size], bias[2]])
    weights = from_input, from_hidden, bias_input, bias_hidden
    h = c = windows.new_zeros(len(windows), size)
    for x in windows.T[..., None]:
        if cell == "lstm":
            h, c = torch.lstm_cell(x, (h, c), *weights)
        else:
            h = {"rnn": torch.rnn_tanh_cell, "gru": torch.gru_cell}[cell](x, h, *weights)
    return [h, c] if cell == "lstm" else [h]


def predict(cell: str, recurrent: Tensor, readout: Tensor, windows: Tensor) -> Tensor:
    """(B,), with the readout (1, H + 1)."""
    return torch.nn.functional.linear(states(cell, recurrent, windows)[0], readout[:, :-1], readout[:, -1])[:, 0]


def perceptron(hidden: Tensor, output: Tensor, windows: Tensor) -> Tensor:
    """(B, m), with the weights of one seed as in perceptron.py."""
    units = torch.nn.functional.linear(windows, hidden[:, :-1], hidden[:, -1]).relu()
    return torch.nn.functional.linear(units, output[:, :-1], output[:, -1])
