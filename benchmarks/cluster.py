"""Sweeps and panels as on several machines: `python -m benchmarks.cluster [trial] [workers] [panel]` (needs the extra).

The machines are network namespaces on this one, each with a disk of its own (tests/stepahead/cluster/hosts.py), with
two workers on them. Each part takes two to seven minutes of two idle cores, and replaces its rows of
benchmarks/cluster.json, from which docs/scale.md is filled:

- trial: 40 small experiments over a folder and over S3, while a worker is killed, one comes late and one is off the
  network for ten seconds; then some of them again, from the remote. All must be what plain dvc gives.
- workers: a sweep of real stages by one worker and by two, in turns; of all rounds the quietest count.
- panel: `score-many` of 10,000 and 100,000 series.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.clone import ROOT, clone, machine, run
from benchmarks.scale import CONFIG, LENGTH, panel
from stepahead.core.artifacts import read_json, write_json
from stepahead.series.data.dataset import training_steps
from stepahead.series.scoring.kstep import held_out_origins
from tests.stepahead.cluster.hosts import Hosts
from tests.stepahead.cluster.tiny import Tiny, make_tiny
from tests.stepahead.cluster.trial import share_by_s3, sweep_on, trial

RESULT = ROOT / "benchmarks/cluster.json"
TAUS, SEEDS, AGAIN = range(1, 11), range(4), 8
TARGET, EXPERIMENTS = "train_linear", 24
ROUNDS, TRIES, QUIET = 3, 5, 0.08
"""rounds that count, at most so many in all, and the share of these cores that other processes may take in one"""
PANELS = (10_000, 100_000)


def main() -> None:
    parts: dict[str, Callable[[Path], Any]] = {"trial": trials, "workers": workers, "panel": panels}
    for name in sys.argv[1:] or parts:
        where = machine()
        with tempfile.TemporaryDirectory() as folder:
            part = {"machine": where, "rows": parts[name](Path(folder))}
        print(name, part["rows"], flush=True)
        write_json(RESULT, (read_json(RESULT) if RESULT.exists() else {}) | {name: part})


def trials(folder: Path) -> dict[str, Any]:
    """Over each kind of remote: experiments that landed, stages that ran, and files other than plain dvc's."""
    names = [f"tau-{tau}_seed-{seed}" for tau in TAUS for seed in SEEDS]
    sweep = (f"-Stau=range({TAUS.start},{TAUS.stop})", f"-Sseed=range(0,{len(SEEDS)})")
    local, found = dict[str, str](), dict[str, Any]()
    for kind in ("folder", "S3"):
        here = folder / kind
        here.mkdir()
        tiny = make_tiny(here / "project")
        with Hosts(here, tiny.environment) as hosts:
            if kind == "S3":
                share_by_s3(tiny, hosts)
            else:
                tiny.share(str(here / "store"))
            started = time.monotonic()
            trial(hosts, tiny, *sweep)
            seconds = time.monotonic() - started
            landed, computed = contents(tiny), len(tiny.computed())
            tiny.dvc("exp", "remove", *names[:AGAIN])
            sweep_on(hosts, tiny, *sweep)
            again = contents(tiny)
            found[kind] = {
                "landed": len(landed),
                "computed": computed,
                "removed": AGAIN,
                "computed_again": len(tiny.computed()) - computed,
                "seconds": round(seconds, 1),
            }
            if not local:
                clones = [Tiny(tiny.clone(here / half).folder) for half in ("even", "odd")]
                with ThreadPoolExecutor(len(clones)) as pool:
                    list(pool.map(Tiny.run_plainly, clones, (names[::2], names[1::2])))
                local = {name: files for clone in clones for name, files in contents(clone).items()}
        found[kind]["other_than_plain_dvc"] = sum(
            not landed.get(name) == again.get(name) == local[name] for name in names
        )
    return found


def contents(tiny: Tiny) -> dict[str, str]:
    """What each experiment's commit holds, by name; but .dvc/config, which names the remote."""
    listing = {name: tiny.git("ls-tree", "-r", tree).output.splitlines() for name, tree in tiny.experiments().items()}
    return {name: "\n".join(line for line in lines if ".dvc/config" not in line) for name, lines in listing.items()}


def workers(folder: Path) -> dict[str, float]:
    """Seconds of a sweep by one worker and by two, and what an experiment costs them and plain dvc."""
    found: dict[str, float] = {"experiments": EXPERIMENTS}
    with ExitStack() as stack:
        one, two = (stack.enter_context(swept(folder / str(n), n)) for n in (1, 2))
        rounds = list[tuple[Cost, Cost]]()
        while len(rounds) < TRIES and sum(others(each) <= QUIET for each in rounds) < ROUNDS:
            rounds.append((one(len(rounds)), two(len(rounds))))
            print([f"{cost.seconds:.1f} s, others {cost.others:.0%}" for cost in rounds[-1]], flush=True)
    rounds = sorted(rounds, key=others)[:ROUNDS]
    found["others"] = others(rounds[-1])
    for n, costs in enumerate(zip(*rounds, strict=True), 1):
        found[f"seconds_{n}"] = statistics.median(cost.seconds for cost in costs)
    found["ratio"] = statistics.median(alone.seconds / both.seconds for alone, both in rounds)
    found["cpu_folder"] = statistics.median(cost.cpu for each in rounds for cost in each) / EXPERIMENTS
    with swept(folder / "s3", 2, s3=True) as sweep:
        cost = sweep(0)
    found |= {"cpu_s3": cost.cpu / EXPERIMENTS, "requests_s3": cost.requests / EXPERIMENTS}
    project = clone(folder / "plain")
    plain = [run("dvc", "exp", "run", "-S", f"series.seed={seed}", TARGET, cwd=project).cpu for seed in range(1, 4)]
    found["cpu_plain"] = statistics.median(plain)
    return {name: round(value, 2) for name, value in found.items()}


@dataclass(frozen=True)
class Cost:
    """What a sweep took."""

    seconds: float
    cpu: float
    """processor seconds of scheduler and workers"""
    requests: int
    """of S3"""
    others: float
    """share of these cores that other processes took meanwhile"""


def others(sweeps: tuple[Cost, Cost]) -> float:
    return max(cost.others for cost in sweeps)


@contextmanager
def swept(folder: Path, n: int, s3: bool = False) -> Iterator[Callable[[int], Cost]]:
    """Workers that have the project's clone and data already.

    Yields what sweeps over seeds that are new in each round.
    """
    folder.mkdir()
    project = Tiny(clone(folder / "project"))
    project.git("config", "user.name", "benchmark")
    project.git("config", "user.email", "benchmark@example.org")
    with Hosts(folder, project.environment) as hosts:
        if s3:
            share_by_s3(project, hosts)
        else:
            project.share(str(folder / "store"))
        server = hosts.processes[-1]
        for _ in range(n):
            hosts.worker()

        def sweep(first: int, seeds: int) -> Cost:
            asked, before, client, busy = hosts.told(server).count("HTTP/"), used(hosts), children(), machine_busy()
            started = time.monotonic()
            done = sweep_on(hosts, project, "-S", f"series.seed=range({first},{first + seeds})", TARGET)
            seconds = time.monotonic() - started
            assert done.returncode == 0, done.stderr
            cpu, ours = used(hosts) - before, used(hosts) - before + children() - client
            taken = max(0.0, machine_busy() - busy - ours) / seconds / (os.cpu_count() or 1)
            return Cost(seconds, cpu, hosts.told(server).count("HTTP/") - asked, taken)

        sweep(1, n + 1)  # so that each has had one
        yield lambda number: sweep(100 * (number + 1), EXPERIMENTS)


def used(hosts: Hosts) -> float:
    """Processor seconds of scheduler, workers and what they run, until now."""
    roots = [psutil.Process(process.pid) for process in (hosts.scheduler, *hosts.workers)]
    return sum(sum(each.cpu_times()[:4]) for root in roots for each in (root, *root.children(recursive=True)))


def children() -> float:
    """Processor seconds of the commands that this process has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def machine_busy() -> float:
    """Processor seconds of everything on this machine."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def panels(folder: Path) -> dict[str, dict[str, float]]:
    """`score-many` on these cores: by the number of series, megabytes at most, and forecasts a processor second."""
    import pyarrow.parquet as pq  # loads NumPy, before which benchmarks.scale fixes what it computes by

    found = {}
    config = ("models.lvar=[]", f"models.linear=[{','.join(CONFIG.linear)}]", "series.season=1")
    horizons = f"kstep.horizons=[{','.join(map(str, CONFIG.horizons))}]"
    for n in PANELS:
        path = panel(folder / f"{n}.parquet", n)
        options = [word for each in (*config, horizons) for word in ("-S", each)]
        command = [sys.executable, "-m", "stepahead", "score-many", str(path), "--out", str(folder / "out"), *options]
        before, started = children(), time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            peaks = {"client": 0.0, "worker": 0.0}
            while process.poll() is None:
                time.sleep(0.5)
                note_peaks(psutil.Process(process.pid), peaks)
        assert process.returncode == 0
        cpu = children() - before
        rows = pq.read_metadata(folder / "out/scores.parquet").num_rows
        forecasts = (
            rows // len(CONFIG.horizons) * len(held_out_origins(training_steps(CONFIG.n_train, LENGTH), LENGTH, 8))
        )
        found[str(n)] = {
            "seconds": round(time.monotonic() - started, 1),
            "cpu": round(cpu, 1),
            "forecasts": forecasts,
            "forecasts_per_cpu_second": round(forecasts / cpu),
            **{f"{name}_mb": round(mb) for name, mb in peaks.items()},
        }
    return found


def note_peaks(client: psutil.Process, peaks: dict[str, float]) -> None:
    """The most that the client, and the largest of its workers, have held until now."""
    with suppress(psutil.Error):  # one of them has just ended
        for process in (client, *client.children(recursive=True)):
            who = "client" if process is client else "worker"
            held = process.memory_info().rss / 2**20
            peaks[who] = max(peaks[who], held)


if __name__ == "__main__":
    main()
