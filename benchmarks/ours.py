"""stepahead's training, as a process that waits for work: `python -m benchmarks.ours`, run by benchmarks.d2l."""

import dataclasses
import time
from typing import Any

import numpy as np
import torch

from benchmarks.worker import serve
from stepahead.text.rnn import runtime, training
from stepahead.text.rnn.architecture import Architecture
from stepahead.text.rnn.neural import load_network

BOOK = training.Settings(
    batch_size=32, num_steps=35, sampling="sequential", optimizer="sgd", lr=1, epochs=500, clip="norm", clip_bound=1
)
CPU = torch.device("cpu")
GATES = {"scratch": 1, "rnn": 1, "gru": 3, "lstm": 4}


def start(threads: int) -> None:
    runtime.prepare("cpu", threads)


def train(path: str, cell: str, num_hiddens: int, seed: int, epochs: int) -> dict[str, Any]:
    """The running perplexity of every epoch, and the seconds that all took, from the tokens and weights in `path`."""
    with np.load(path) as start_from:
        weights = dict(start_from)
    ids, vocab_size = weights.pop("ids"), int(weights.pop("vocab_size"))
    shape = Architecture(cell, vocab_size, num_hiddens)
    network = load_network(weights, dataclasses.asdict(shape), CPU)
    settings = dataclasses.replace(BOOK, epochs=epochs)
    rng = np.random.default_rng(seed)
    started = time.perf_counter()
    history = list(training.train(network, ids, ids[:0], settings, rng, torch.Generator()))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "perplexities": [epoch.perplexity for epoch in history]}


def gemm(cell: str, num_hiddens: int, vocab_size: int, seconds: float) -> float:
    """GFLOP/s of the matrix products of a training minibatch, at their shapes and one after the other, and no more."""
    products = [
        (count, np.ones((rows, inner), "f"), np.ones((inner, columns), "f"), np.empty((rows, columns), "f"))
        for count, rows, inner, columns in training_products(cell, num_hiddens, vocab_size)
    ]
    flops = sum(2 * count * a.size * b.shape[1] for count, a, b, _ in products)
    started, minibatches = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - started) < seconds or minibatches == 0:
        for count, a, b, out in products:
            for _ in range(count):
                np.matmul(a, b, out=out)
        minibatches += 1
    return flops * minibatches / elapsed / 1e9


def training_products(cell: str, num_hiddens: int, vocab_size: int) -> list[tuple[int, int, int, int]]:
    """(how many, rows, inner size, columns) of the products that a minibatch cannot do without.

    Each of the weights W_hh (H, G·H) and W_hq (H, V) is in three: forward, back to the hidden states, and its own
    gradient. Those with W_hh go step by step but for the gradient. A one-hot input takes none.
    """
    T, B, H, V = BOOK.num_steps, BOOK.batch_size, num_hiddens, vocab_size
    G = GATES[cell]
    recurrent = [(T, B, H, G * H), (T, B, G * H, H), (1, H, T * B, G * H)]
    readout = [(1, T * B, H, V), (1, T * B, V, H), (1, H, T * B, V)]
    return recurrent + readout


if __name__ == "__main__":
    serve({"start": start, "train": train, "gemm": gemm})
