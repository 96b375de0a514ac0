"""Dynamic evaluation: a network that goes on learning from what it has just been scored on (Krause et al. 2018)."""

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy

from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.batches import sequential_batches
from stepahead.text.rnn.flat import FlatParameters
from stepahead.text.rnn.neural import Network
from stepahead.text.rnn.optim import sqrt_

STEPS = 20
"""tokens that are scored before the weights learn from them, as Krause et al. take of characters"""

ROWS, BATCHES = 16, 200
"""rows of STEPS training tokens in a minibatch, and the most minibatches, that gradients are measured on"""

DAMPING = 0.1
"""the least size that a gradient is divided by, as a share of the mean one"""


def dynamic_nll(
    network: Network, train: Ids, context: Ids, ids: Ids, lr: float, decay: float
) -> npt.NDArray[np.float64]:
    """Minus the log-probability (nats) of each token of `ids` (T,) after `context`, whose tokens are only read: (T,).

    The weights θ start as they were trained, θ₀. After each segment of STEPS tokens has been scored, with g the
    gradient of the segment's mean loss and s the mean of g² over segments of the training text,

        θ ← θ − lr g / (√s + ε) + min(decay √s / mean(√s), 1) ⊙ (θ₀ − θ),   ε = DAMPING · mean(√s).

    At the end the network's weights are θ₀ again.

    Raises:
        StepaheadError: the training text is too short to measure gradients on, or holds nothing to learn.
    """
    parameters = FlatParameters(network.parameters().values())
    size = _gradient_size(network, parameters, train)
    mean = size.mean()
    if not mean > 0:
        raise StepaheadError("evaluate.dynamic_lr: the network's gradients are all zero; use evaluate.dynamic_lr=0")
    trained, per_step, pull = parameters.values.clone(), size + DAMPING * mean, (decay * size / mean).clamp_(max=1)
    device, state = trained.device, network.initial_state(1)
    known = torch.from_numpy(context.astype(np.int64)).to(device)
    tokens = torch.cat([known[-1:], torch.from_numpy(ids.astype(np.int64)).to(device)])
    scored = []
    if len(known) == 0:  # the first token is predicted from the zero state, which says nothing to learn from
        with torch.no_grad():
            nothing = torch.zeros(network.architecture.readout_size, device=device)
            scored = [cross_entropy(network.readout(nothing)[None], tokens[:1], reduction="none")]
    elif len(known) > 1:
        with torch.no_grad():
            _, state = network.hidden(known[:-1, None], state)
    for start in range(0, len(tokens) - 1, STEPS):
        segment = tokens[start : start + STEPS + 1]
        hidden, state = network.hidden(segment[:-1, None], state)
        loss = cross_entropy(network.readout(hidden[:, 0]), segment[1:], reduction="none")
        scored.append(loss.detach())
        state = tuple(part.detach() for part in state)
        parameters.zero_grad()
        loss.mean().backward()  # type: ignore[no-untyped-call]
        parameters.values.addcdiv_(parameters.grad, per_step, value=-lr)
        parameters.values.addcmul_(trained - parameters.values, pull)
    parameters.values.copy_(trained)
    nll: npt.NDArray[np.float64] = torch.cat(scored).double().cpu().numpy()
    return nll


def _gradient_size(network: Network, parameters: FlatParameters, train: Ids) -> torch.Tensor:
    """The root of the mean squared gradient over minibatches of the training text: (P,)."""
    rng = np.random.default_rng(0)  # of where the rows begin
    if len(train) < (ROWS + 1) * STEPS + 1:
        raise StepaheadError(
            f"evaluate.dynamic_lr needs {(ROWS + 1) * STEPS + 1} training tokens (tokens.n_train) to measure gradients "
            f"on, but there are {len(train)}; use evaluate.dynamic_lr=0"
        )
    total, state, n = torch.zeros_like(parameters.values), network.initial_state(ROWS), 0
    tokens = torch.from_numpy(train).to(total.device)
    for inputs, targets in sequential_batches(tokens, ROWS, STEPS, rng):
        hidden, state = network.hidden(inputs.mT, state)
        state = tuple(part.detach() for part in state)
        parameters.zero_grad()
        cross_entropy(network.readout(hidden.flatten(0, 1)), targets.mT.flatten()).backward()  # type: ignore[no-untyped-call]
        total.addcmul_(parameters.grad, parameters.grad)
        n += 1
        if n == BATCHES:
            break
    return sqrt_(total / n)
