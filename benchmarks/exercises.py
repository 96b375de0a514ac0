"""Run the command of every exercise in docs/exercises.yaml: `python -m benchmarks.exercises` (about ten minutes).

All in one clone of the last commit, each from the defaults; what came out goes to benchmarks/exercises.json, from which
the table in docs/book.md is filled. Without internet, set STEPAHEAD_MIRROR to a folder with the downloads. With
--missing only those run that have no result there yet; the others' results are kept, whatever has changed since. Each
result names its machine, load and date.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.core.artifacts import read_json, read_table, write_json
from stepahead.report.results import read_perplexities

RESULTS = ROOT / "benchmarks/exercises.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exercises")
    parser.add_argument("--missing", action="store_true", help="run only the commands that have no result yet")
    known = read_json(RESULTS)["rows"] if parser.parse_args().missing else {}
    commands = names_by_command(yaml.safe_load((ROOT / "docs/exercises.yaml").read_text(encoding="utf-8")))
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        run("dvc", "repro", cwd=project)
        wanted = sorted({name for found in commands.values() for name in found if name != "printed"})
        default = {name: value(project, name) for name in wanted}
        for command, found in commands.items():
            if command in known:
                rows[command] = known[command]
                continue
            run("git", "checkout", "--quiet", ".", cwd=project)
            run("dvc", "checkout", "--quiet", cwd=project)
            before = machine()
            cost = run("bash", "-c", command, cwd=project)
            rows[command] = {
                "machine": before,
                "seconds": round(cost.seconds),
                "found": {name: cost.output.strip() if name == "printed" else value(project, name) for name in found},
            }
            print(f"{command}\n  {rows[command]}", flush=True)
    write_json(RESULTS, {"default": default, "rows": rows})


def names_by_command(exercises: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What is to be read off after each command, which may answer several exercises."""
    names: dict[str, list[str]] = {}
    for each in exercises:
        if "command" in each:
            known = names.setdefault(each["command"], [])
            known += [name for name in each["found"] if name not in known]
    return names


def value(project: Path, name: str) -> Any:
    """What a name of docs/exercises.yaml stands for in the results of the last run; None where it is not among them."""
    kind, model, column = [*name.split(), "", ""][:3]
    if kind == "kstep":
        return read_json(project / "reports/metrics/kstep.json").get(model, {}).get(column)
    if kind == "perplexity":
        return read_perplexities(project / "reports/tables/perplexity.csv").get(model, {}).get(column)
    if kind == "vocabulary":
        return read_json(project / "data/vocab/summary.json")["size"]
    if kind == "generated":
        return read_json(project / "reports/generated.json")[model]["text"]
    if kind == "exponent":
        ngrams = read_json(project / "reports/frequencies/ngrams.json")
        return {(each["kind"], str(each["n"])): each["exponent"] for each in ngrams}[model, column]
    table = read_table(project / "reports/tables/gradient_flow.csv")
    rows = zip(table["cell"], table["weights"], table["k"], table["norm"], table["power"], strict=True)
    of = {(cell, k): (norm, power) for cell, weights, k, norm, power in rows if weights == "trained"}
    return float(of[model, column][kind == "power"]) if (model, column) in of else None


if __name__ == "__main__":
    main()
