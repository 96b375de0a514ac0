"""The book's chapter from start to end, with its own code and here: `python -m benchmarks.whole_job`.

About ten minutes. The work: the sine, the MLP with tau 4 and its k-step figures; The Time Machine, 10,000 tokens; the
from-scratch network with 512 hidden units and the concise one with 256, 500 epochs each; the perplexities and their
figures.

d2l's code runs as three plain scripts, one for each of the book's sections. Here it is two `dvc repro` in a fresh
clone, because the two networks differ in rnn.num_hiddens: the first ends with the scores and continuations of the one
network, the second with every figure. The models that the book has not are left out, but their stages and checks run.
Start-up of every process and DVC's own time count on either side. Results, with the seconds of every stage, go to
benchmarks/whole_job.json.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.clone import ROOT, clone, machine, preset, set_params
from benchmarks.peer import environment
from stepahead.core.artifacts import read_json, write_json

NETWORKS = [("scratch", 512), ("rnn", 256)]
BEYOND = ("diagnose", "train_linear", "train_lvar", "train_ngram", "probe")
"""Stages that begin with these do what the book's chapter has not, and run because figures and scores need them."""
TARGETS = {"scratch": ["evaluate_perplexity", "generate_text"], "rnn": ["plot_series", "plot_text"]}
LEAST = {
    "n_seeds": 1,
    "rnn.n_seeds": 1,
    **{f"models.{family}": [] for family in ("linear", "direct", "recurrent", "lvar", "ngram")},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=500, help="of each network; fewer only to try the benchmark")
    parser.add_argument("--threads", type=int, default=2, help="of either side")
    chosen = parser.parse_args()
    python, where = environment.prepare(), machine() | {"threads": str(chosen.threads)}
    with tempfile.TemporaryDirectory() as folder:
        peer = by_d2l(python, chosen.epochs, chosen.threads, Path(folder))
        ours = by_stepahead(chosen.epochs, chosen.threads, Path(folder))
    seconds = {side: sum(step["seconds"] for step in done["steps"]) for side, done in (("d2l", peer), ("ours", ours))}
    share = seconds["ours"] / seconds["d2l"]
    took = [(name, each) for step in ours["steps"] for name, each in step["stages"].items()]
    beyond = sum(each for name, each in took if name.startswith(BEYOND))
    print(
        f"d2l {seconds['d2l']:.0f} s, stepahead {seconds['ours']:.0f} s: {share:.2f} of d2l's time; "
        f"{beyond:.0f} s of it went to stages that the book has not"
    )
    for cell, num_hiddens in NETWORKS:
        print(
            f"{cell} {num_hiddens}: perplexity d2l {peer['perplexity'][cell]:.3f}, here {ours['perplexity'][cell]:.3f}"
        )
    measured = {
        "machine": where,
        "epochs": chosen.epochs,
        "seconds": seconds,
        "share": share,
        "beyond_the_book_s": beyond,
        "d2l": peer,
        "ours": ours,
    }
    write_json(ROOT / "benchmarks/whole_job.json", measured)


def by_d2l(python: Path, epochs: int, threads: int, folder: Path) -> dict[str, Any]:
    scripts = [["benchmarks.peer.series", str(folder)]]
    for cell, num_hiddens in NETWORKS:
        scripts.append(["benchmarks.peer.text", cell, *map(str, (num_hiddens, epochs, threads)), str(folder)])
    steps = []
    for script in scripts:
        seconds, _ = timed([str(python), "-m", *script], environment.WORK, environment.variables())
        steps.append({"command": f"python -m {' '.join(script[:-1])}", "seconds": seconds})
        print(f"{steps[-1]['command']}: {seconds:.1f} s", flush=True)
    return {"steps": steps, "perplexity": {cell: read_json(folder / f"{cell}.json")[-1] for cell, _ in NETWORKS}}


def by_stepahead(epochs: int, threads: int, folder: Path) -> dict[str, Any]:
    project = clone(folder / "stepahead")
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "STEPAHEAD_MIRROR": str(environment.DATA),  # the file is on this machine for either side
        "PYTHONUNBUFFERED": "1",  # so that a line comes when it is printed
    }
    steps, perplexity = [], {}
    for cell, num_hiddens in NETWORKS:
        network = {"threads": threads, "models.rnn": [cell], "rnn.num_hiddens": num_hiddens, "rnn.epochs": epochs}
        settings = LEAST | preset("book") | network
        set_params(project / "params.yaml", settings)
        command = ["dvc", "repro", *TARGETS[cell]]
        seconds, lines = timed(command, project, env)
        perplexity[cell] = read_json(project / "reports/metrics/perplexity.json")[cell]["train"]
        step: dict[str, Any] = {
            "command": " ".join(command),
            "params": settings,
            "seconds": seconds,
            "stages": stages(lines, seconds),
        }
        steps.append(step)
        ran = ", ".join(f"{name} {took:.1f}" for name, took in step["stages"].items())
        print(f"{step['command']}, {cell} {num_hiddens}: {seconds:.1f} s: {ran}", flush=True)
    return {"steps": steps, "perplexity": perplexity}


def stages(lines: list[tuple[float, str]], end: float) -> dict[str, float]:
    """Seconds of each stage that ran, from the times at which DVC's lines came: to the next one's start or the end."""
    started = [(at, found[1]) for at, line in lines if (found := re.match("Running stage '([^']+)'", line))]
    ends = [at for at, _ in started[1:]] + [end]
    return {name: after - at for (at, name), after in zip(started, ends, strict=True)}


def timed(command: list[str], cwd: Path, env: dict[str, str]) -> tuple[float, list[tuple[float, str]]]:
    """Wall-clock seconds of a command, and each line it printed with its second; stops with them if it fails."""
    started, lines = time.monotonic(), []
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            lines.append((time.monotonic() - started, line))
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{''.join(line for _, line in lines)}")
    return time.monotonic() - started, lines


if __name__ == "__main__":
    main()
