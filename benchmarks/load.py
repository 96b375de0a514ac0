"""How a training fares on a busy machine: `python -m benchmarks.load` (about four minutes).

The stage train_rnn runs in a clone of the last commit, alone and beside six busy loops, in turns, all on two cores.
Seven processes on two cores take 3.5 times as long where each gets its fair share; threads that keep a core busy while
they wait for another made it more than 100 times. Goes to benchmarks/load.json.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clone import ROOT, clone, machine, run, set_params
from stepahead.core.artifacts import write_json

LOOPS, CORES, ROUNDS, EPOCHS = 6, 2, 3, 20
TRAININGS = [("rnn", 1), ("lstm", 1), ("lstm", 2)]  # cell, threads
BOUND = 8


def main() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])  # of this process, and so of all it starts
    where = machine()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        run("dvc", "repro", "build_vocab", cwd=project)
        for cell, threads in TRAININGS:
            set_params(project / "params.yaml", {"threads": threads, "rnn.epochs": EPOCHS, "rnn.n_seeds": 1})
            name = f"{cell}, threads {threads}"
            rows[name] = compare(project, cell)
            print(f"{name}: {rows[name]}", flush=True)
    measured = {"machine": where, "busy_loops": LOOPS, "cores": CORES, "epochs": EPOCHS, "rows": rows}
    write_json(ROOT / "benchmarks/load.json", measured)
    slow = [name for name, row in rows.items() if row["ratio"] > BOUND]
    if slow:
        sys.exit(f"more than {BOUND} times as slow on a busy machine: {'; '.join(slow)}")


def compare(project: Path, cell: str) -> dict[str, float]:
    """Seconds alone and beside the loops, start-up included, and their ratio: medians over the rounds."""
    alone, loaded = [], []
    for _ in range(ROUNDS):
        alone.append(train(project, cell))
        with busy_loops():
            loaded.append(train(project, cell))
    ratio = statistics.median(busy / idle for busy, idle in zip(loaded, alone, strict=True))
    found = {"alone_s": statistics.median(alone), "loaded_s": statistics.median(loaded), "ratio": ratio}
    return {name: round(value, 2) for name, value in found.items()}


def train(project: Path, cell: str) -> float:
    return run("env", f"DVC_STAGE=train_rnn@{cell}", "python", "-m", "stages.train_rnn", cwd=project).seconds


@contextlib.contextmanager
def busy_loops() -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(LOOPS)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    main()
