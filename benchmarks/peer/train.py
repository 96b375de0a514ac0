"""d2l's own training, as a process that waits for work: `python -m benchmarks.peer.train`, run by benchmarks.d2l."""

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from d2l import torch as d2l
from torch import Tensor, nn

from benchmarks.peer.models import build
from benchmarks.worker import serve

BATCH_SIZE, NUM_STEPS, LR = 32, 35, 1
CPU = torch.device("cpu")


def start(threads: int) -> None:
    torch.set_num_threads(threads)


def initial(path: str, cell: str, num_hiddens: int, seed: int) -> None:
    """Write what a training starts from: the tokens, and fresh weights under stepahead's names."""
    batches, vocab = d2l.load_data_time_machine(BATCH_SIZE, NUM_STEPS)
    torch.manual_seed(seed)
    arrays = {name: weight.detach().numpy() for name, weight in _weights(build(cell, num_hiddens, len(vocab))).items()}
    arrays |= {"ids": np.array(batches.corpus, dtype=np.uint8), "vocab_size": np.array(len(vocab))}
    np.savez(path, allow_pickle=False, **arrays)


def train(path: str, cell: str, num_hiddens: int, seed: int, epochs: int) -> dict[str, Any]:
    """The running perplexity of every epoch, and the seconds that all took; `seed` draws the offsets."""
    batches, vocab = d2l.load_data_time_machine(BATCH_SIZE, NUM_STEPS)
    net = build(cell, num_hiddens, len(vocab))
    start_from = np.load(path)
    for name, weight in _weights(net).items():
        weight.data.copy_(torch.from_numpy(start_from[name]))
    rng = np.random.default_rng(seed)  # so that both sides begin each epoch at the same token
    d2l.random = SimpleNamespace(randint=lambda low, high: int(rng.integers(low, high + 1)))
    loss = nn.CrossEntropyLoss()
    updater: Any
    if isinstance(net, nn.Module):
        updater = torch.optim.SGD(net.parameters(), LR)
    else:

        def updater(batch_size: int) -> None:
            d2l.sgd(net.params, LR, batch_size)

    started = time.perf_counter()
    perplexities = [d2l.train_epoch_ch8(net, batches, loss, updater, CPU, False)[0] for _ in range(epochs)]
    return {"seconds": time.perf_counter() - started, "perplexities": perplexities}


def _weights(net: Any) -> dict[str, Tensor]:
    if not isinstance(net, nn.Module):
        return dict(zip(("W_xh", "W_hh", "b_h", "W_hq", "b_q"), net.params, strict=True))
    return {name.rpartition(".")[2]: weight for name, weight in net.named_parameters()}


if __name__ == "__main__":
    serve({"start": start, "initial": initial, "train": train})
