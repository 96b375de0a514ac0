"""Training speed beside the book's own code: `python -m benchmarks.d2l` (a few minutes).

d2l 0.17.6 and stepahead train the book's models on the same tokens from the same weights, a few epochs each, in turns
(A B A B …), while the other waits. Every round also checks that the perplexities agree, and measures the rate at which
this machine does a minibatch's matrix products and nothing else. Results go to benchmarks/results.json.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clone import ROOT, machine
from benchmarks.compare import TOLERANCE, against, disagreement, fallen, summary
from benchmarks.ours import BOOK, training_products
from benchmarks.peer import environment
from benchmarks.worker import Worker
from stepahead.core import numerics
from stepahead.core.artifacts import write_json

RESULTS = Path("benchmarks/results.json")
MODELS = [("scratch", 512), ("rnn", 256), ("rnn", 512), ("gru", 256), ("lstm", 256)]
ROUNDS, EPOCHS, THREADS, SEED = 7, 5, 1, 0
GEMM_SECONDS = 0.2


def main() -> None:
    python = environment.prepare()
    ours = Worker([sys.executable, "-m", "benchmarks.ours"], ROOT, os.environ | numerics.settings())
    peer = Worker([str(python), "-m", "benchmarks.peer.train"], environment.WORK, environment.variables())
    where = machine() | {"threads": str(THREADS)}
    print(", ".join(f"{key}: {value}" for key, value in where.items()))
    for worker in (ours, peer):
        worker("start", threads=THREADS)
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for cell, num_hiddens in MODELS:
            name = f"{cell} {num_hiddens}"
            path = Path(folder) / f"{name}.npz"
            peer("initial", path=str(path), cell=cell, num_hiddens=num_hiddens, seed=SEED)
            rows[name] = race(ours, peer, path, cell, num_hiddens)
            print(told(name, rows[name]), flush=True)
    ours.close()
    peer.close()
    compare(rows)
    about: dict[str, Any] = {"rounds": ROUNDS, "epochs": EPOCHS, "peer": environment.D2L, "machine": where}
    write_json(ROOT / RESULTS, {**about, "rows": rows})


def race(ours: Worker, peer: Worker, path: Path, cell: str, num_hiddens: int) -> dict[str, float]:
    """One model's row; stops the benchmark where the two do not compute the same."""
    with np.load(path) as start_from:
        n_tokens, vocab_size = len(start_from["ids"]), int(start_from["vocab_size"])
    work = tokens_of(n_tokens, SEED, EPOCHS)
    task = {"path": str(path), "cell": cell, "num_hiddens": num_hiddens, "seed": SEED, "epochs": EPOCHS}
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    rates, differences = [], []
    for i in range(ROUNDS + 1):
        perplexities = []
        for side, worker in (("ours", ours), ("peer", peer)):
            done = worker("train", **task)
            perplexities.append(done["perplexities"])
            if i:  # the first round warms both up
                seconds[side].append(done["seconds"])
        differences.append(disagreement(*perplexities))
        if not differences[-1] <= TOLERANCE:
            sys.exit(f"{cell} {num_hiddens}: the perplexities differ by {differences[-1]:.1e}: {perplexities}")
        rates.append(ours("gemm", cell=cell, num_hiddens=num_hiddens, vocab_size=vocab_size, seconds=GEMM_SECONDS))
    row = summary(seconds["ours"], seconds["peer"], work)
    gemm = statistics.median(rates[1:])
    flops = flops_per_token(cell, num_hiddens, vocab_size)
    shares = {f"{side}_share": row[f"{side}_per_s"] * flops / 1e9 / gemm for side in ("ours", "peer")}
    gflops = {"gflop_per_s": row["ours_per_s"] * flops / 1e9, "gemm_gflop_per_s": gemm}
    return {**row, **gflops, **shares, "disagreement": max(differences)}


def tokens_of(n_tokens: int, seed: int, epochs: int) -> int:
    """How many tokens the sequential batches of these epochs train on: every epoch drops a tail of its own."""
    import torch

    from stepahead.text.rnn.batches import sequential_batches

    rng, ids = np.random.default_rng(seed), torch.zeros(n_tokens, dtype=torch.uint8)
    batches = (sequential_batches(ids, BOOK.batch_size, BOOK.num_steps, rng) for _ in range(epochs))
    return sum(inputs.numel() for epoch in batches for inputs, _ in epoch)


def flops_per_token(cell: str, num_hiddens: int, vocab_size: int) -> float:
    """Of the matrix products that training cannot do without."""
    products = training_products(cell, num_hiddens, vocab_size)
    per_minibatch = sum(2 * count * m * k * n for count, m, k, n in products)
    return per_minibatch / (BOOK.batch_size * BOOK.num_steps)


def told(name: str, row: dict[str, float]) -> str:
    return (
        f"{name:12}{row['ours_per_s']:9,.0f} tokens/s, d2l {row['peer_per_s']:9,.0f}: {row['ratio']:.2f} times as fast "
        f"({row['ratio_low']:.2f}–{row['ratio_high']:.2f}); {row['gflop_per_s']:.1f} GFLOP/s, "
        f"{row['ours_share']:.0%} of what products alone reach (d2l {row['peer_share']:.0%}); "
        f"perplexities agree to {row['disagreement']:.0e}"
    )


def compare(rows: dict[str, Any]) -> None:
    """Say how the ratios stand to those of the last commit."""
    shown = subprocess.run(["git", "show", f"HEAD:{RESULTS}"], cwd=ROOT, capture_output=True, text=True, check=False)
    if shown.returncode:
        return
    changes = against(rows, json.loads(shown.stdout)["rows"])
    for name, change in changes.items():
        print(f"{name:12} the ratio is {change:.2f} times the committed one")
    for name in fallen(changes):
        print(f"SLOWER: {name} has lost {1 - changes[name]:.0%} of its lead over d2l since the last commit")


if __name__ == "__main__":
    main()
