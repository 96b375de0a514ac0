"""What each cell costs in training and in use: `python -m benchmarks.cells` (9.2, exercise 3).

Microseconds a token, with 256 units, batches of 32 rows of 35 steps, one thread; medians of rounds in turns, so that a
machine that drifts slows all cells alike.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from stepahead.core import numerics

numerics.pin()

import numpy as np  # noqa: E402
import torch  # noqa: E402

from stepahead.text.rnn import runtime  # noqa: E402
from stepahead.text.rnn.architecture import CELLS, Architecture  # noqa: E402
from stepahead.text.rnn.neural import NeuralLM, build_network  # noqa: E402
from stepahead.text.rnn.training import Learner, Settings  # noqa: E402

VOCAB, HIDDEN, TOKENS, READ, ROUNDS = 28, 256, 12_000, 500, 5


def main() -> None:
    device = runtime.prepare("cpu", 1)
    ids = np.random.default_rng(0).integers(0, VOCAB, TOKENS).astype(np.uint8)
    settings = Settings(32, 35, "sequential", "sgd", 1.0, 1, "norm", 1.0)
    training, use = ({cell: list[float]() for cell in CELLS} for _ in range(2))
    networks = {
        cell: build_network(Architecture(cell, VOCAB, HIDDEN), torch.Generator().manual_seed(0), device)
        for cell in CELLS
    }
    for _ in range(ROUNDS):
        for cell, network in networks.items():
            learner = Learner(network, ids, settings, np.random.default_rng(0), torch.Generator().manual_seed(0))
            training[cell].append(seconds(partial(learner.epoch, ids[:0])) / TOKENS)
            use[cell].append(seconds(partial(read, NeuralLM(network, device), ids[:READ])) / READ)
    for cell in CELLS:
        costs = [1e6 * median(of[cell]) for of in (training, use)]
        print(f"{cell}: {costs[0]:.0f} µs a token in training, {costs[1]:.0f} in use")


def read(model: NeuralLM, ids: np.ndarray) -> None:
    """One token after the other, as generation does."""
    state = model.start()
    for token in ids[:, None]:
        state = model.advance(state, token)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
