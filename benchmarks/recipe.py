"""Time a recipe for a whole text: `python -m benchmarks.recipe time-machine` (or tiny-shakespeare; about ten minutes).

Runs what make's target of that name runs, in a fresh clone of the last commit; the scores go to a file of that name in
benchmarks/. The settings in presets/ were chosen on the training and the validation span.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.core.artifacts import write_json
from stepahead.report.results import read_perplexities

RECIPES = ("time-machine", "tiny-shakespeare")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a recipe for a whole text.")
    parser.add_argument("recipe", choices=RECIPES)
    name = parser.parse_args().recipe
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        commands = subprocess.check_output(["make", "--dry-run", name], cwd=project, text=True)
        where, cost = machine(), run("bash", "-c", commands[commands.index("dvc exp run") :], cwd=project)
        rows = read_perplexities(project / "reports/tables/perplexity.csv")
    for model, row in sorted(rows.items(), key=lambda item: item[1]["val"]):
        print(f"{model}: validation {row['val']:.3f}" + (f", test {row['test']:.3f}" if row["test"] else ""))
    print(f"{cost.seconds:.0f} s, {cost.cpu:.0f} s of CPU, peak memory of a process {cost.memory:.0f} MB")
    took = {"seconds": round(cost.seconds), "cpu_s": round(cost.cpu), "memory_mb": round(cost.memory)}
    write_json(ROOT / f"benchmarks/{name.replace('-', '_')}.json", {"machine": where, **took, "rows": rows})


if __name__ == "__main__":
    main()
