"""How much of a gradient reaches the past: why long memory is hard to learn (d2l 9.7, Pascanu et al. 2013)."""

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy

from stepahead.core.artifacts import Ids
from stepahead.text.rnn.neural import Network

MAX_LAG = 64
MAX_WINDOWS = 128
MAX_JACOBIANS = 4


def windows(ids: Ids) -> npt.NDArray[np.int64]:
    """Pieces of a text (T,), spread evenly over it, to look at gradients in: (N, 2 lags + 1), with as many lags up to
    MAX_LAG as fit."""
    lags = min(MAX_LAG, (len(ids) - 1) // 2)
    starts = np.unique(np.linspace(0, len(ids) - 2 * lags - 1, MAX_WINDOWS).astype(np.int64))
    pieces: npt.NDArray[np.int64] = ids[starts[:, None] + np.arange(2 * lags + 1)].astype(np.int64)
    return pieces


def gradient_norms(network: Network, pieces: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """‖∂ loss_t / ∂ h_{t−k}‖ for k = 1 … lags, its mean over the pieces (N, 2 lags + 1): (lags,).

    loss_t is the cross-entropy of a piece's last token, h the hidden states of all layers; an LSTM's memory at t − k is
    held fixed. The first half of a piece only brings the state to where it is in the middle of a text.
    """
    tokens, state = _second_halves(network, pieces)
    past = []
    for token in tokens[:-1]:
        past.append(state[0])  # (L, N, H) or (N, H)
        read, state = network.hidden(token[None], state)
    loss = cross_entropy(network.readout(read[0]), tokens[-1], reduction="sum")
    gradients = torch.autograd.grad(loss, past)
    norms = [gradient.movedim(-2, 0).flatten(1).norm(dim=1).double().mean() for gradient in gradients]
    by_lag: npt.NDArray[np.float64] = torch.stack(norms).flip(0).cpu().numpy()
    return by_lag


def spectral_radius(network: Network, pieces: npt.NDArray[np.int64]) -> float:
    """The largest |eigenvalue| of ∂h_{t+1} / ∂h_t, its mean over the middles of a few of the pieces (N, 2 lags + 1).

    Were the Jacobian the same matrix at every step, a gradient would shrink or grow by this factor a step (d2l 9.7.2).
    """
    tokens, (hidden, *memory) = _second_halves(network, pieces[:: max(len(pieces) // MAX_JACOBIANS, 1)])
    _, after = network.hidden(tokens[:1], (hidden, *memory))
    units = after[0].movedim(-2, 0).flatten(1)  # (N, L·H)
    rows = [torch.autograd.grad(unit.sum(), hidden, retain_graph=True)[0] for unit in units.T]
    jacobians = torch.stack([row.movedim(-2, 0).flatten(1) for row in rows], dim=1)  # (N, L·H, L·H)
    eigenvalues = np.linalg.eigvals(jacobians.double().cpu().numpy())
    return float(np.abs(eigenvalues).max(axis=1).mean())


def _second_halves(network: Network, pieces: npt.NDArray[np.int64]) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
    """The tokens from the middle of each piece on (lags + 1, N), and the state there, to differentiate by."""
    lags = pieces.shape[1] // 2
    tokens = torch.from_numpy(pieces.T.copy())  # (2 lags + 1, N)
    state = network.initial_state(tokens.shape[1])
    tokens = tokens.to(state[0].device)
    with torch.no_grad():
        _, state = network.hidden(tokens[:lags], state)
    return tokens[lags:], tuple(part.detach().requires_grad_() for part in state)
