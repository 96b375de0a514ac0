"""Sweeps and panels as on several machines: `python -m benchmarks.cluster [trial] [workers] [panel]` (needs the extra).

The machines are network namespaces on this one, each with a disk of its own (tests/stepahead/cluster/hosts.py), with
two workers on them. Each part takes three to five minutes of two idle cores, and replaces its rows of
benchmarks/cluster.json, from which docs/scale.md is filled:

- trial: 40 small experiments over a folder and over S3, while a worker is killed, one comes late and one is off the
  network for ten seconds; then some of them again, from the remote. All must be what plain dvc gives.
- workers: a sweep of real stages by one worker and by two, in turns.
- panel: `score-many` of 10,000 and 100,000 series.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
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
TARGET, EXPERIMENTS, ROUNDS = "train_linear", 8, 5
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
        sweeps = {n: stack.enter_context(swept(folder / str(n), n)) for n in (1, 2)}
        times: dict[int, list[float]] = {1: [], 2: []}
        costs = []
        for number in range(ROUNDS):
            for n, sweep in sweeps.items():
                seconds, cpu, _ = sweep(number)
                times[n].append(seconds)
                costs.append(cpu / EXPERIMENTS)
    found |= {f"seconds_{n}": statistics.median(each) for n, each in times.items()}
    found["ratio"] = statistics.median(one / two for one, two in zip(*times.values(), strict=True))
    found["cpu_folder"] = statistics.median(costs)
    with swept(folder / "s3", 2, s3=True) as sweep:
        _, cpu, requests = sweep(0)
        found |= {"cpu_s3": cpu / EXPERIMENTS, "requests_s3": requests / EXPERIMENTS}
    project = clone(folder / "plain")
    plain = [run("dvc", "exp", "run", "-S", f"series.seed={seed}", TARGET, cwd=project).cpu for seed in range(1, 4)]
    found["cpu_plain"] = statistics.median(plain)
    return {name: round(value, 2) for name, value in found.items()}


@contextmanager
def swept(folder: Path, n: int, s3: bool = False) -> Iterator[Callable[[int], tuple[float, float, int]]]:
    """Workers that have the project's clone and data already.

    Yields what sweeps over seeds that are new in each round, and returns its seconds, the processor seconds of
    scheduler and workers, and the requests of S3.
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

        def sweep(first: int, seeds: int) -> tuple[float, float, int]:
            before, asked, started = used(hosts), hosts.told(server).count("HTTP/"), time.monotonic()
            done = sweep_on(hosts, project, "-S", f"series.seed=range({first},{first + seeds})", TARGET)
            assert done.returncode == 0, done.stderr
            return time.monotonic() - started, used(hosts) - before, hosts.told(server).count("HTTP/") - asked

        sweep(1, n + 1)  # so that each has had one
        yield lambda number: sweep(100 * (number + 1), EXPERIMENTS)


def used(hosts: Hosts) -> float:
    """Processor seconds of scheduler, workers and what they run, until now."""
    roots = [psutil.Process(process.pid) for process in (hosts.scheduler, *hosts.workers)]
    return sum(sum(each.cpu_times()[:4]) for root in roots for each in (root, *root.children(recursive=True)))


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
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            peaks = {"client": 0.0, "worker": 0.0}
            while process.poll() is None:
                time.sleep(0.5)
                note_peaks(psutil.Process(process.pid), peaks)
        assert process.returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
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
