"""Recurrent networks of many weight seeds that predict a number from the tau before it, unrolled over those tau steps:
their squared error, and its gradient by back-propagation through time derived by hand (d2l 9.7).

Networks as small as these spend their time on calls and memory more than on arithmetic. So all that a step reads meets
all weights in one matrix product, and the arrays of the steps are laid out once for all minibatches of a shape.

Shapes: S seeds, B windows, T = tau steps, H hidden units, C columns, H for each gate of the cell.
    read (S, B, H + 3): the hidden state h_{t−1}, the input x_t, and a one for each of torch's two biases
    weight W (S, H + 3, C): what these are multiplied by, a row for each; U (S, H, C) is its rows for the hidden state
    η (S, B, H): all of the gradient that reaches h_t
    δ (S, B, C): the gradient at what read W gives, so that ∂L/∂W = Σ_t readᵀ δ_t
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from stepahead.core.artifacts import Array

# the gradient that arrives, times the slope of tanh or σ, which follows from what they returned
tanh_backward = torch.ops.aten.tanh_backward.grad_input
sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input


class Unrolled:
    """The arrays of one cell for minibatches of one shape; `backward` reads what the last `forward` left in them."""

    GATES: int  # blocks of H columns
    # for each gate in torch's order, the block in which its weights for the hidden state stand, and those for the input
    HIDDEN: tuple[int, ...]
    INPUT: tuple[int, ...]

    def __init__(self, windows: Tensor, num_hiddens: int) -> None:
        self.size, (n_seeds, batch_size, tau) = num_hiddens, windows.shape
        self.read = windows.new_ones(tau + 1, n_seeds, batch_size, num_hiddens + 3)
        self.hidden = self.read[..., :num_hiddens]  # (T + 1, S, B, H)
        self.hidden[0] = 0
        self.inputs = self.read[:-1, ..., num_hiddens]  # (T, S, B)
        self.eta, self.delta, self.spare = self.empty(1), self.empty(self.GATES), self.empty(1)  # of the step at hand

    def empty(self, blocks: int, *steps: int) -> Tensor:
        """An array (*steps, S, B, blocks · H)."""
        return self.read.new_empty(*steps, *self.read.shape[1:3], blocks * self.size)

    def split(self, array: Tensor, *blocks: int) -> tuple[Tensor, ...]:
        """Views of an array (…, C), so many times H columns each."""
        return array.split_with_sizes([count * self.size for count in blocks], dim=-1)

    def forward(self, weight: Tensor) -> None:
        """From the inputs to the hidden states."""
        raise NotImplementedError

    def backward(self, weight: Tensor, gradient: Tensor) -> None:
        """From η at the last step, which is used up, to the weight's gradient, which is added to."""
        raise NotImplementedError


class UnrolledTanh(Unrolled):
    """h_t = tanh(read_t W); backwards δ_t = η_t ⊙ (1 − h_t²), η_{t−1} = δ_t Uᵀ."""

    GATES = 1
    HIDDEN = INPUT = (0,)

    def __init__(self, windows: Tensor, num_hiddens: int) -> None:
        super().__init__(windows, num_hiddens)
        self.steps = list(zip(self.read[:-1], self.read[:-1].mT, self.hidden[1:], strict=True))

    def forward(self, weight: Tensor) -> None:
        for read, _, h in self.steps:
            h.copy_(torch.bmm(read, weight, out=self.spare).tanh_())

    def backward(self, weight: Tensor, gradient: Tensor) -> None:
        back, eta, delta = weight[:, : self.size].mT.contiguous(), self.eta, self.delta
        for _, read, h in reversed(self.steps):
            tanh_backward(eta, h, grad_input=delta)
            gradient.baddbmm_(read, delta)
            torch.bmm(delta, back, out=eta)


class UnrolledGRU(Unrolled):
    """W gives r, z, c and a side by side; the candidate n adds c, from the hidden state, to a, from the input.

        r_t, z_t = σ(·),   n_t = tanh(a_t + r_t ⊙ c_t),   h_t = n_t + z_t ⊙ (h_{t−1} − n_t)

    Backwards:

        δa_t = η_t ⊙ (1 − n_t²) ⊙ (1 − z_t),   δc_t = δa_t ⊙ r_t
        δr_t = δa_t ⊙ c_t ⊙ r_t (1 − r_t),   δz_t = η_t ⊙ (h_{t−1} − n_t) ⊙ z_t (1 − z_t)
        η_{t−1} = η_t ⊙ z_t + [δr_t, δz_t, δc_t] Uᵀ
    """

    GATES = 4
    HIDDEN = (0, 1, 2)
    INPUT = (0, 1, 3)

    def __init__(self, windows: Tensor, num_hiddens: int) -> None:
        super().__init__(windows, num_hiddens)
        tau = windows.shape[-1]
        given, n = self.empty(4, tau), self.empty(1, tau)
        rz, c, a = self.split(given, 2, 1, 1)
        r, z = rz.chunk(2, dim=-1)
        before, h = self.hidden[:-1], self.hidden[1:]
        self.forwards = list(zip(self.read[:-1], given, rz, r, z, c, a, n, before, h, strict=True))
        self.backwards = list(zip(self.read[:-1].mT, rz, r, z, c, n, before, strict=True))[::-1]

    def forward(self, weight: Tensor) -> None:
        for read, given, rz, r, z, c, a, n, before, h in self.forwards:
            torch.bmm(read, weight, out=given)
            rz.sigmoid_()
            torch.addcmul(a, r, c, out=n).tanh_()
            torch.lerp(n, before, z, out=h)

    def backward(self, weight: Tensor, gradient: Tensor) -> None:
        back, eta, spare = weight[:, : self.size, : 3 * self.size].mT.contiguous(), self.eta, self.spare
        delta_rzc, delta_a = self.split(self.delta, 3, 1)
        delta_rz, delta_c = self.split(delta_rzc, 2, 1)
        delta_r, delta_z = delta_rz.chunk(2, dim=-1)
        for read, rz, r, z, c, n, before in self.backwards:
            tanh_backward(eta, n, grad_input=spare)
            torch.addcmul(spare, spare, z, value=-1, out=delta_a)
            torch.mul(delta_a, r, out=delta_c)
            torch.mul(delta_a, c, out=delta_r)
            torch.sub(before, n, out=delta_z).mul_(eta)
            sigmoid_backward(delta_rz, rz, grad_input=delta_rz)
            gradient.baddbmm_(read, self.delta)
            eta.mul_(z).baddbmm_(delta_rzc, back)
        _, c, a = self.split(gradient, 2, 1, 1)
        c[:, self.size : -1] = a[:, : self.size] = a[:, -1] = 0  # no input weights in c, no hidden ones in a


class UnrolledLSTM(Unrolled):
    """W gives i, f, o and g side by side, the gates of one kind together.

        i_t, f_t, o_t = σ(·),   g_t = tanh(·),   c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t,   h_t = o_t ⊙ tanh(c_t)

    Backwards, γ_t being all of the gradient that reaches c_t:

        γ_t = γ_{t+1} ⊙ f_{t+1} + η_t ⊙ o_t ⊙ (1 − tanh²(c_t))
        δi_t = γ_t ⊙ g_t ⊙ i_t (1 − i_t),   δf_t = γ_t ⊙ c_{t−1} ⊙ f_t (1 − f_t)
        δo_t = η_t ⊙ tanh(c_t) ⊙ o_t (1 − o_t),   δg_t = γ_t ⊙ i_t ⊙ (1 − g_t²),   η_{t−1} = δ_t Uᵀ
    """

    GATES = 4
    HIDDEN = INPUT = (0, 1, 3, 2)

    def __init__(self, windows: Tensor, num_hiddens: int) -> None:
        super().__init__(windows, num_hiddens)
        tau = windows.shape[-1]
        ifo, g, memory, tanh_c = self.empty(3, tau), self.empty(1, tau), self.empty(1, tau + 1), self.empty(1, tau)
        memory[0] = 0
        self.gamma = self.empty(1)
        i, f, o = ifo.chunk(3, dim=-1)
        before, c, h = memory[:-1], memory[1:], self.hidden[1:]
        self.forwards = list(zip(self.read[:-1], ifo, i, f, o, g, before, c, tanh_c, h, strict=True))
        self.backwards = list(zip(self.read[:-1].mT, ifo, i, f, o, g, before, tanh_c, strict=True))[::-1]

    def forward(self, weight: Tensor) -> None:
        given = self.delta  # free until the way back
        given_ifo, given_g = self.split(given, 3, 1)
        for read, ifo, i, f, o, g, before, c, tanh_c, h in self.forwards:
            torch.bmm(read, weight, out=given)
            torch.sigmoid(given_ifo, out=ifo)
            g.copy_(given_g).tanh_()  # on a part of every row tanh would take several times as long
            torch.mul(f, before, out=c).addcmul_(i, g)
            torch.mul(o, torch.tanh(c, out=tanh_c), out=h)

    def backward(self, weight: Tensor, gradient: Tensor) -> None:
        back, eta, gamma = weight[:, : self.size].mT.contiguous(), self.eta, self.gamma.zero_()
        delta_ifo, delta_g = self.split(self.delta, 3, 1)
        delta_i, delta_f, delta_o = delta_ifo.chunk(3, dim=-1)
        for read, ifo, i, f, o, g, before, tanh_c in self.backwards:
            gamma.addcmul_(tanh_backward(eta, tanh_c, grad_input=self.spare), o)
            torch.mul(gamma, g, out=delta_i)
            torch.mul(gamma, before, out=delta_f)
            torch.mul(eta, tanh_c, out=delta_o)
            sigmoid_backward(delta_ifo, ifo, grad_input=delta_ifo)
            tanh_backward(torch.mul(gamma, i, out=delta_g), g, grad_input=delta_g)
            gamma.mul_(f)
            gradient.baddbmm_(read, self.delta)
            torch.bmm(self.delta, back, out=eta)


CELLS: Mapping[str, type[Unrolled]] = {"rnn": UnrolledTanh, "gru": UnrolledGRU, "lstm": UnrolledLSTM}


class Network:
    """A cell and a linear readout of its last hidden state. The weights of S of them are packed into two: `recurrent`
    (S, H + 3, C), and `readout` (S, H + 1, 1), whose last row is the bias."""

    def __init__(self, cell: str, num_hiddens: int) -> None:
        self.cell, self.size = CELLS[cell], num_hiddens
        blocks = np.arange(self.cell.GATES * num_hiddens).reshape(self.cell.GATES, num_hiddens)
        self.hidden_columns = blocks[[*self.cell.HIDDEN]].ravel()
        self.input_columns = blocks[[*self.cell.INPUT]].ravel()
        self.unrolled: dict[torch.Size, Unrolled] = {}  # for two shapes: an epoch's last minibatch may be smaller

    def pack(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights of one network by torch's names, as in cells.py, the readout's as `output_…`."""
        size = self.size
        recurrent = weights["weight_hh"].new_zeros(size + 3, self.cell.GATES * size)
        recurrent[:size, self.hidden_columns] = weights["weight_hh"].mT
        recurrent[size, self.input_columns] = weights["weight_ih"][:, 0]
        recurrent[size + 1, self.input_columns] = weights["bias_ih"]
        recurrent[size + 2, self.hidden_columns] = weights["bias_hh"]
        readout = torch.cat([weights["output_weight"].mT, weights["output_bias"][:, None]])
        return {"recurrent": recurrent, "readout": readout}

    def unpack(self, packed: Mapping[str, Array]) -> dict[str, Array]:
        """The weights of S networks by torch's names."""
        size, columns, readout = self.size, packed["recurrent"].mT, packed["readout"].mT
        weights = {
            "weight_ih": columns[:, self.input_columns, size : size + 1],
            "weight_hh": columns[:, self.hidden_columns, :size],
            "bias_ih": columns[:, self.input_columns, size + 1],
            "bias_hh": columns[:, self.hidden_columns, size + 2],
            "output_weight": readout[:, :, :size],
            "output_bias": readout[:, :, size],
        }
        return {name: np.ascontiguousarray(weight) for name, weight in weights.items()}

    @torch.no_grad()
    def squared_error(self, weights: Mapping[str, Tensor], windows: Tensor, labels: Tensor) -> Tensor:
        """The mean squared errors (S,) at windows (S, B, tau) and labels (S, B). Their gradients are added to those of
        the packed weights."""
        if windows.shape not in self.unrolled:
            self.unrolled[windows.shape] = self.cell(windows, self.size)
        unrolled, recurrent, readout = self.unrolled[windows.shape], weights["recurrent"], weights["readout"]
        assert recurrent.grad is not None
        assert readout.grad is not None
        unrolled.inputs.copy_(windows.movedim(-1, 0))
        unrolled.forward(recurrent)
        last = unrolled.read[-1, ..., : self.size + 1]  # the hidden state, and a one, as no input follows
        errors = torch.baddbmm(labels[..., None], last, readout, beta=-1)  # (S, B, 1)
        delta = errors * (2 / labels.shape[1])
        readout.grad.baddbmm_(last.mT, delta)
        torch.mul(delta, readout[:, : self.size].mT, out=unrolled.eta)
        unrolled.backward(recurrent, recurrent.grad)
        return errors.square().mean((1, 2))
