"""Time the pipeline as its user meets it: `python -m benchmarks.pipeline` (about four minutes on two cores).

In fresh clones of the last commit: everything from nothing, nothing to do, a changed param, and the same again; with
plain dvc, and two stages at a time. Of each: the seconds in which no stage runs, which are DVC's, and how long the
stages imported and computed.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.core.artifacts import write_json

TAUS = (16, 12, 8)  # one param, changed three times; the last is what the README shows
EXTRA = 8  # stages that do nothing, for what one costs
NOTHING_TO_DO = 5  # times
PARALLEL = ("python", "-m", "stepahead.parallel", "2")
# Python imports a module of this name at start-up. It notes when a stage began and ended, and how long it imported.
WATCH = """
import os
if "DVC_STAGE" in os.environ and "STEPAHEAD_TIMES" in os.environ:
    import atexit, builtins, json, time
    started, spent, deep, plain_import = time.time(), 0.0, False, builtins.__import__

    def timed_import(*arguments, **options):
        global spent, deep
        if deep:
            return plain_import(*arguments, **options)
        deep, before = True, time.perf_counter()
        try:
            return plain_import(*arguments, **options)
        finally:
            deep = False
            spent += time.perf_counter() - before

    def tell():
        with open(os.environ["STEPAHEAD_TIMES"], "a") as file:
            file.write(json.dumps([os.environ["DVC_STAGE"], started, time.time(), spent]) + "\\n")

    builtins.__import__ = timed_import
    atexit.register(tell)
"""


class Watch:
    """Runs commands and splits their time."""

    def __init__(self, folder: Path) -> None:
        self.times = folder / "times"
        (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python keeps what it has compiled
        os.environ |= {"PYTHONPATH": str(folder), "STEPAHEAD_TIMES": str(self.times)}
        self.imports: dict[str, float] = {}
        """seconds that each stage imported, the last time that it ran"""
        self.memory = 0.0
        """MB of the largest process"""

    def run(self, *command: str, cwd: Path) -> dict[str, float]:
        """Seconds in all, in which DVC alone was at work, and that the stages imported and computed."""
        self.times.unlink(missing_ok=True)
        cost = run(*command, cwd=cwd)
        self.memory = max(self.memory, cost.memory)
        lines = self.times.read_text(encoding="utf-8").splitlines() if self.times.exists() else []
        stages = [json.loads(line) for line in lines]
        self.imports |= {name: spent for name, _, _, spent in stages}
        importing = sum(spent for _, _, _, spent in stages)
        return {
            "s": cost.seconds,
            "dvc": cost.seconds - _covered((started, ended) for _, started, ended, _ in stages),
            "imports": importing,
            "computing": sum(ended - started for _, started, ended, _ in stages) - importing,
        }


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """How long at least one of the spans lasts."""
    total, reached = 0.0, 0.0
    for started, ended in sorted(spans):
        total += max(0.0, ended - max(started, reached))
        reached = max(reached, ended)
    return total


def median(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    """The run whose time is the median."""
    ordered = sorted(runs, key=lambda row: row["s"])
    return ordered[len(ordered) // 2]


def add_stages(project: Path) -> None:
    """Append stages that take no time of their own to dvc.yaml."""
    stage = {
        "matrix": {"n": list(range(EXTRA))},
        "cmd": "cp LICENSE extra/${item.n}",
        "deps": ["LICENSE"],
        "outs": ["extra/${item.n}"],
    }
    with (project / "dvc.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f"  {line}\n" for line in yaml.safe_dump({"extra": stage}).splitlines())
    (project / "extra").mkdir()


def main() -> None:
    rows: dict[str, dict[str, float]] = {}

    def note(name: str, row: dict[str, float]) -> None:
        rows[name] = {key: round(seconds, 2) for key, seconds in row.items()}
        print(f"{name:28}" + "".join(f"{key} {seconds:6.2f}   " for key, seconds in rows[name].items()), flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder, where = Path(temporary), machine()
        watch, projects = Watch(folder), {"": clone(folder / "one"), ", two at a time": clone(folder / "two")}
        print(", ".join(f"{key}: {value}" for key, value in where.items()))
        for label, project in projects.items():
            dvc = PARALLEL if label else ("dvc",)
            note(f"cold{label}", watch.run(*dvc, "repro", cwd=project))
            run(
                "git",
                "-c",
                "user.name=b",
                "-c",
                "user.email=b@example.org",
                "commit",
                "--allow-empty",
                "-qam",
                "results",
                cwd=project,
            )
            note(f"nothing{label}", median(watch.run(*dvc, "repro", cwd=project) for _ in range(NOTHING_TO_DO)))
            for name in ("tau", "again"):
                experiments = (watch.run(*dvc, "exp", "run", "-S", f"tau={tau}", cwd=project) for tau in TAUS)
                note(f"{name}{label}", median(experiments))
        project = projects[""]
        diff = json.loads(run("dvc", "metrics", "diff", "--json", cwd=project).output)["reports/metrics/kstep.json"]
        add_stages(project)
        extra = (watch.run("dvc", "repro", cwd=project)["s"] - rows["nothing"]["s"]) / EXTRA
        print(f"an extra stage: {extra:.2f} s; largest process: {watch.memory:.0f} MB")
    measured = {
        "machine": where,
        "rows": rows,
        "extra_stage_s": round(extra, 2),
        "peak_memory_mb": round(watch.memory),
        "imports_s": {name: round(spent, 2) for name, spent in sorted(watch.imports.items())},
        "tau_8_diff": {name: [row["old"], row["new"]] for name, row in diff.items() if name.endswith(".k64")},
    }
    write_json(ROOT / "benchmarks/pipeline.json", measured)


if __name__ == "__main__":
    main()
