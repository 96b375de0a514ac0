"""The book's section 8.5 or 8.6 as a plain script over d2l: a network on The Time Machine and its perplexities."""

import json
import random
import sys
from pathlib import Path
from typing import Any

import torch
from d2l import torch as d2l

from benchmarks.peer.models import build


def main(cell: str, num_hiddens: int, epochs: int, threads: int, folder: Path) -> None:
    torch.set_num_threads(threads)
    random.seed(0)  # draws the offsets
    torch.manual_seed(0)
    batches, vocab = d2l.load_data_time_machine(32, 35)
    net = build(cell, num_hiddens, len(vocab))
    perplexities = []
    train_epoch = d2l.train_epoch_ch8

    def noted(*arguments: Any) -> Any:
        done = train_epoch(*arguments)
        perplexities.append(done[0])
        return done

    d2l.train_epoch_ch8 = noted  # train_ch8 prints one decimal
    d2l.train_ch8(net, batches, vocab, 1, epochs, torch.device("cpu"))
    d2l.plt.savefig(folder / f"{cell}.png")
    (folder / f"{cell}.json").write_text(json.dumps(perplexities), encoding="utf-8")


if __name__ == "__main__":
    cell, num_hiddens, epochs, threads, folder = sys.argv[1:]
    main(cell, int(num_hiddens), int(epochs), int(threads), Path(folder))
