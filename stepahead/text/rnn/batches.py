"""Minibatches of a token sequence (d2l 9.3.4).

        ids   t r a v e l l e r s . . .       batch_size 2, num_steps 3, sequential, offset 1

    row 0     r a v | e l l | …               the rows run on from one minibatch to the next,
    row 1     t i m | e i s | …               so the hidden state carries over

`targets` are the inputs shifted by one token. A random offset at each epoch lets every token be a row's first; random
sampling draws the subsequences in shuffled order instead, so that no state carries over. Either way the tail that
fills no minibatch is dropped.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from stepahead.core.errors import StepaheadError

Batch = tuple[Tensor, Tensor]
"""inputs (batch_size, num_steps) and targets of the same shape, int64 and on the device of the ids they come from"""


def check_length(n_tokens: int, batch_size: int, num_steps: int) -> None:
    """Raise StepaheadError unless every offset leaves at least one minibatch."""
    needed = (batch_size + 1) * num_steps + 1
    if n_tokens < needed:
        raise StepaheadError(
            f"rnn.batch_size = {batch_size} and rnn.num_steps = {num_steps} need {needed} training tokens "
            f"(tokens.n_train), but there are {n_tokens}; lower either{_example(n_tokens)}, or raise tokens.n_train"
        )


def _example(n_tokens: int) -> str:
    return f" (rnn.batch_size=1 and rnn.num_steps={(n_tokens - 1) // 2} would do)" if n_tokens >= 3 else ""


def sequential_batches(ids: Tensor, batch_size: int, num_steps: int, generator: np.random.Generator) -> Iterator[Batch]:
    """One epoch of neighbouring minibatches: row i of the next one continues row i of this one."""
    offset = int(generator.integers(num_steps + 1))
    width = (len(ids) - offset - 1) // batch_size
    span = width * batch_size
    inputs = ids[offset : offset + span].reshape(batch_size, width)
    targets = ids[offset + 1 : offset + 1 + span].reshape(batch_size, width)
    for start in range(0, width - num_steps + 1, num_steps):
        steps = slice(start, start + num_steps)
        yield inputs[:, steps].long(), targets[:, steps].long()


def random_batches(ids: Tensor, batch_size: int, num_steps: int, generator: np.random.Generator) -> Iterator[Batch]:
    """One epoch of minibatches whose rows are non-overlapping subsequences in random order."""
    offset = int(generator.integers(num_steps))
    starts = generator.permutation((len(ids) - offset - 1) // num_steps) * num_steps + offset
    firsts, within = torch.from_numpy(starts)[:, None].to(ids.device), torch.arange(num_steps, device=ids.device)
    for row in range(0, len(firsts) - batch_size + 1, batch_size):
        steps = firsts[row : row + batch_size] + within  # (B, T)
        yield ids[steps].long(), ids[steps + 1].long()


SAMPLING = {"sequential": sequential_batches, "random": random_batches}
