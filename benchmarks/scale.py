"""What goes over the network, and what it costs: `python -m benchmarks.scale` (about three minutes; needs the extra).

Per experiment of a sweep, per update of a shared training, per series of a panel, per task of the scheduler; and the
memory of counting n-grams. Times are of the processor, so a busy machine hardly changes them. Goes to
benchmarks/scale.json; docs/scale.md says what follows.
"""

import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stepahead.core import numerics

numerics.pin()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from distributed import Client, LocalCluster  # noqa: E402

from benchmarks.clone import ROOT, clone, machine, run  # noqa: E402
from stepahead.cluster import many, worker  # noqa: E402
from stepahead.cluster.engine import environment  # noqa: E402
from stepahead.cluster.panel import read_panel  # noqa: E402
from stepahead.core.artifacts import Array, write_array, write_json  # noqa: E402
from stepahead.text.rnn import runtime  # noqa: E402
from stepahead.text.rnn.architecture import Architecture  # noqa: E402
from stepahead.text.rnn.neural import build_network  # noqa: E402
from stepahead.text.rnn.training import Learner, Settings  # noqa: E402

SERIES, LENGTH = 10_000, 100
CONFIG = many.Config(4, "drop", ("ols", "yule_walker"), (), 2, 300, (1, 4, 8), 0, 0.604, 1, ())
N_CHARACTERS, ORDER = 100_000_000, 6
TASKS, REFS = 5_000, 10_000
# In a process that loads nothing else: seconds, megabytes at most, different n-grams of the highest order; then the
# perplexity of another text, where one is named.
COUNT = """
import sys, time
from pathlib import Path
from stepahead.core import numerics
numerics.pin()
from stepahead.core.artifacts import read_array_chunks
from stepahead.text.ngram.ngram import CHUNK, NGram
n, order, started = int(sys.argv[2]), int(sys.argv[3]), time.process_time()
model = NGram(order, 27)
model.fit_chunks(read_array_chunks(Path(sys.argv[1]), range(n), CHUNK))
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
print(time.process_time() - started, peak, len(model.weights[f"keys_{order}"]))
for path in sys.argv[4:]:
    import numpy as np
    print(np.exp(model.nll(np.load(path)).mean()))
"""


def main() -> None:
    runtime.prepare("cpu", threads=1)
    with tempfile.TemporaryDirectory() as folder:
        rows: dict[str, Any] = {"experiment": experiment(Path(folder))}
        rows["shards"] = {f"{h}, {b}": shards(h, b) for h in (256, 512) for b in (32, 256)}
        rows["series"] = series(Path(folder))
        rows["ngram"] = counting(Path(folder))
        rows["task"] = {"cpu_ms": 1000 * task()}
    print(rows)
    write_json(ROOT / "benchmarks/scale.json", {"machine": machine(), "rows": rows})


def cpu(work: Callable[..., Any], *arguments: Any, who: int = resource.RUSAGE_SELF) -> float:
    """Seconds of processor time that it takes, of this process or of its children."""
    before = resource.getrusage(who)
    work(*arguments)
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def experiment(folder: Path) -> dict[str, float]:
    """What moves for an experiment of a sweep that runs two quick stages, over a folder as the remote."""
    project = clone(folder / "project")
    run("dvc", "remote", "add", "--default", "store", str(folder / "store"), cwd=project)
    run("git", "-c", "user.name=b", "-c", "user.email=b", "commit", "--all", "--quiet", "--message=remote", cwd=project)
    bundle = subprocess.check_output(["git", "bundle", "create", "--quiet", "-", "HEAD"], cwd=project)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=project, text=True).strip()
    there, found, children = worker.Clone(folder / "worker"), dict[str, float](), resource.RUSAGE_CHILDREN
    for tau in (8, 9):  # the first brings what all need
        one = worker.Experiment(f"tau-{tau}", (f"tau={tau}",), ("train_linear",), head)
        there.prepare(bundle, one, ("b", "b"), None)
        options = ["--name", one.name, "--set-param", one.overrides[0], "--pull", "train_linear"]
        before = stored(folder / "store")
        there.run(options, shared=True)
        after = stored(folder / "store")
        found["pushed_files"], found["pushed_bytes"] = after[0] - before[0], after[1] - before[1]
    commit = there.git("bundle", "create", "--quiet", "-", one.ref, f"^{head}")
    found["head_bytes"], found["commit_bytes"] = len(bundle), len(commit)
    (folder / "commit").write_bytes(commit)
    fetch = ("git", "fetch", "--quiet", str(folder / "commit"), f"{one.ref}:{one.ref}")
    for refs in (0, REFS):  # that are there already
        names = "".join(f"create {one.ref}-{i} {head}\n" for i in range(refs))
        subprocess.run(["git", "update-ref", "--stdin"], cwd=project, input=names.encode(), check=True)
        found[f"land_{refs}_cpu"] = cpu(lambda: subprocess.run(fetch, cwd=project, check=True), who=children)
        subprocess.run(["git", "update-ref", "-d", one.ref], cwd=project, check=True)
    return found


def stored(folder: Path) -> tuple[int, int]:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def shards(num_hiddens: int, batch_size: int) -> dict[str, float]:
    """An update of an LSTM in one process: milliseconds of processor by the number of shards; a gradient's bytes."""
    ids = np.random.default_rng(0).integers(0, 28, 35 * batch_size * 5 + 100).astype(np.uint8)
    found: dict[str, float] = {}
    for n in (1, 2, 4):
        generator = torch.Generator().manual_seed(0)
        network = build_network(Architecture("lstm", 28, num_hiddens), generator, torch.device("cpu"))
        settings = Settings(batch_size, 35, "sequential", "sgd", 1.0, 3, "norm", 1.0, shards=n)
        learner = Learner(network, ids, settings, np.random.default_rng(0), generator)
        learner.epoch(ids[:0])
        before = learner.updates
        seconds = min(cpu(learner.epoch, ids[:0]) for _ in range(2))
        found[f"ms_{n}"] = 1000 * seconds / ((learner.updates - before) / 2)
    found["gradient_bytes"] = 4 * learner.parameters.values.numel()
    return found


def panel(path: Path, n: int) -> Path:
    values = np.cumsum(np.random.default_rng(0).normal(size=(n, LENGTH)), axis=1)
    names = [f"s{i:06}" for i in range(n)]
    frame = {"unique_id": np.repeat(names, LENGTH), "ds": np.tile(np.arange(LENGTH), n), "y": values.ravel()}
    pd.DataFrame(frame).to_parquet(path)
    return path


def series(folder: Path) -> dict[str, float]:
    """What scoring a series takes, and the bytes that go to a worker and come back."""
    path, here, forecasts, sent, returned = panel(folder / "panel.parquet", SERIES), environment(many.CODE), 0, 0, 0
    started = time.process_time()
    for part in read_panel(path):
        scores = many.score_part(part, CONFIG, here)
        forecasts += scores.windows
        sent, returned = sent + len(pickle.dumps(part)), returned + len(pickle.dumps(scores))
    seconds = time.process_time() - started
    found = {"n": SERIES, "per_second": forecasts / seconds, "ms": 1000 * seconds / SERIES}
    return found | {"sent_bytes": sent / SERIES, "returned_bytes": returned / SERIES}


def counting(folder: Path) -> dict[str, float]:
    """n-grams of a long text."""
    write_array(folder / "ids.npy", np.uint8, letters(N_CHARACTERS, seed=0))
    command = [sys.executable, "-c", COUNT, str(folder / "ids.npy"), str(N_CHARACTERS), str(ORDER)]
    seconds, megabytes, grams = map(float, subprocess.check_output(command, cwd=ROOT).split())
    return {"characters": N_CHARACTERS, "order": ORDER, "cpu": seconds, "mb": megabytes, "grams": grams}


def letters(n: int, seed: int) -> Iterator[Array]:
    """A long text as ids: the bundled story again and again, one letter in a hundred replaced."""
    text = (ROOT / "data/bundled/the_tide_clock.txt").read_text("utf-8").lower()
    story = np.array([ord(c) - 96 if "a" <= c <= "z" else 0 for c in text], dtype=np.uint8)
    rng = np.random.default_rng(seed)
    for start in range(0, n, len(story)):
        copy = story[: n - start].copy()
        replaced = rng.random(len(copy)) < 0.01
        copy[replaced] = rng.integers(0, 27, replaced.sum())
        yield copy


def task() -> float:
    """Seconds of processor that scheduler, client and a worker spend on a task that does nothing."""
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
        nothing = [client.submit(abs, i, pure=False) for i in range(100)]
        client.gather(nothing)
        return cpu(lambda: client.gather([client.submit(abs, i, pure=False) for i in range(TASKS)])) / TASKS


if __name__ == "__main__":
    main()
