"""Time the pipeline as its user meets it: `python -m benchmarks.pipeline` (about ten minutes).

In a fresh clone of the last commit: everything from nothing, nothing to do, and one changed param.
"""

import statistics
import tempfile
from pathlib import Path

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.artifacts import write_json

ROUNDS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        where = machine()
        cold = run("dvc", "repro", cwd=project)
        print(f"cold dvc repro: {cold.seconds:.0f} s, peak memory of a process {cold.memory:.0f} MB", flush=True)
        run("git", "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qam", "results", cwd=project)
        nothing = statistics.median(run("dvc", "repro", cwd=project).seconds for _ in range(ROUNDS))
        print(f"dvc repro with nothing to do: {nothing:.2f} s (median of {ROUNDS})", flush=True)
        changed = run("dvc", "exp", "run", "-S", "tau=8", cwd=project).seconds
        print(f"dvc exp run -S tau=8: {changed:.1f} s", flush=True)
        run("dvc", "exp", "run", "-S", "tau=4", cwd=project)
        again = run("dvc", "exp", "run", "-S", "tau=8", cwd=project).seconds
        print(f"the same again, from the run cache: {again:.1f} s")
    measured = {
        "machine": where,
        "cold_repro_s": round(cold.seconds, 1),
        "peak_memory_mb": round(cold.memory),
        "nothing_to_do_s": round(nothing, 2),
        "tau_8_s": round(changed, 1),
        "tau_8_again_s": round(again, 1),
    }
    write_json(ROOT / "benchmarks/pipeline.json", measured)


if __name__ == "__main__":
    main()
