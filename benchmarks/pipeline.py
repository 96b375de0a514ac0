"""Time the pipeline as its user meets it: `python -m benchmarks.pipeline` (about ten minutes).

In a fresh clone of the last commit: everything from nothing, nothing to do, and one changed param.
"""

import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.core.artifacts import write_json

ROUNDS = 5
STARTED = {"torch": "train_rnn", "numpy": "train_linear"}  # a stage with torch, and one without


def start_up(stage: str, project: Path) -> float:
    """Seconds until `python -m stages.STAGE` has imported all it needs."""
    code = f"import sys; sys.argv[0] = '-m'; import stages.{stage}, os; os._exit(0)"
    return run("python", "-c", code, cwd=project).seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        where = machine()
        cold = run("dvc", "repro", cwd=project)
        print(f"cold dvc repro: {cold.seconds:.0f} s, peak memory of a process {cold.memory:.0f} MB", flush=True)
        run("git", "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qam", "results", cwd=project)
        nothing = statistics.median(run("dvc", "repro", cwd=project).seconds for _ in range(ROUNDS))
        print(f"dvc repro with nothing to do: {nothing:.2f} s (median of {ROUNDS})", flush=True)
        started = {name: statistics.median(start_up(name, project) for _ in range(ROUNDS)) for name in STARTED.values()}
        print(f"seconds until a stage is at work: {started}", flush=True)
        changed = run("dvc", "exp", "run", "-S", "tau=8", cwd=project).seconds
        print(f"dvc exp run -S tau=8: {changed:.1f} s", flush=True)
        diff = json.loads(run("dvc", "metrics", "diff", "--json", cwd=project).output)["reports/metrics/kstep.json"]
        run("dvc", "exp", "run", "-S", "tau=4", cwd=project)
        again = run("dvc", "exp", "run", "-S", "tau=8", cwd=project).seconds
        print(f"the same again, from the run cache: {again:.1f} s")
    measured = {
        "machine": where,
        "cold_repro_s": round(cold.seconds, 1),
        "peak_memory_mb": round(cold.memory),
        "nothing_to_do_s": round(nothing, 2),
        **{f"start_{kind}_s": round(started[name], 2) for kind, name in STARTED.items()},
        "tau_8_s": round(changed, 1),
        "tau_8_again_s": round(again, 1),
        "tau_8_diff": {name: [row["old"], row["new"]] for name, row in diff.items() if name.endswith("k64.mse")},
    }
    write_json(ROOT / "benchmarks/pipeline.json", measured)


if __name__ == "__main__":
    main()
