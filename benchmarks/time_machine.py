"""Time the recipe for the full Time Machine: `python -m benchmarks.time_machine` (about ten minutes).

Runs what `make time-machine` runs, in a fresh clone of the last commit; the scores go to benchmarks/time_machine.json.
"""

import subprocess
import tempfile
from pathlib import Path

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.core.artifacts import write_json
from stepahead.report.results import read_perplexities


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        recipe = subprocess.check_output(["make", "--dry-run", "time-machine"], cwd=project, text=True)
        where, cost = machine(), run("bash", "-c", recipe[recipe.index("dvc exp run") :], cwd=project)
        rows = read_perplexities(project / "reports/tables/perplexity.csv")
    for model, row in sorted(rows.items(), key=lambda item: item[1]["test"]):
        print(f"{model}: validation {row['val']:.3f}, test {row['test']:.3f}")
    print(f"{cost.seconds:.0f} s, peak memory of a process {cost.memory:.0f} MB")
    measured = {"machine": where, "seconds": round(cost.seconds), "memory_mb": round(cost.memory), "rows": rows}
    write_json(ROOT / "benchmarks/time_machine.json", measured)


if __name__ == "__main__":
    main()
