"""Training a recurrent network by truncated back-propagation through time (d2l 9.5.6)."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from stepahead.errors import StepaheadError
from stepahead.nn.flat import FlatParameters
from stepahead.nn.optim import SGD, Adam
from stepahead.text.batches import SAMPLING, check_length
from stepahead.text.neural import Network
from stepahead.text.language_model import Ids

OPTIMIZERS = {"sgd": SGD, "adam": Adam}


def train(
    network: Network,
    ids: Ids,
    *,
    batch_size: int,
    num_steps: int,
    sampling: str,
    optimizer: str,
    lr: float,
    epochs: int,
    clip_norm: float | None,
    generator: np.random.Generator,
) -> Iterator[float]:
    """Update the network's weights in place, yielding the book's running perplexity after each epoch.

    That figure is exp of the mean loss over the epoch's minibatches, each taken before its own update: the weights
    move while it is measured. With sequential sampling the state carries over to the next minibatch, detached, so
    gradients reach back `num_steps` tokens; with random sampling every minibatch starts from the zero state.

    Raises:
        StepaheadError: too few tokens for one minibatch, or a loss that stops being finite.
    """
    check_length(len(ids), batch_size, num_steps)
    parameters = FlatParameters(network.parameters().values())
    update = OPTIMIZERS[optimizer](parameters, lr)
    device = parameters.values.device
    for epoch in range(1, epochs + 1):
        state = network.initial_state(batch_size)
        losses = []
        for inputs, targets in SAMPLING[sampling](ids, batch_size, num_steps, generator):
            if sampling == "random":
                state = network.initial_state(batch_size)
            hidden, last = network.hidden(torch.from_numpy(inputs.T).to(device), state)  # (T, B, H)
            logits = network.readout(hidden.flatten(0, 1))  # (T·B, V)
            loss = cross_entropy(logits, torch.from_numpy(targets.T.flatten()).to(device))
            parameters.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if clip_norm is not None:
                parameters.clip_norm_(clip_norm)
            update.step()
            state = tuple(part.detach() for part in last)
            losses.append(loss.detach())
        perplexity = float(torch.stack(losses).double().mean().exp())
        if not math.isfinite(perplexity):
            raise StepaheadError(
                f"rnn.lr = {lr:g}: the training loss is no longer finite after epoch {epoch}; "
                f"lower rnn.lr or rnn.clip_norm (now {clip_norm})"
            )
        yield perplexity
