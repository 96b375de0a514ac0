"""A file between two stages that can be parsed but holds something else: whoever reads it refuses it by its name.

Covers whatever stands in dvc.yaml, and all that a watched run of the stage has read.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from stages import write_page
from tests.bad_input.battery import fails, unchanged
from tests.bad_input.test_artifacts import PIPELINE, made_by_a_stage
from tests.project import Done, Project

STAGES = [
    name
    for name, stage in PIPELINE.items()
    if any(made_by_a_stage(dep) and not dep.endswith((".txt", ".js")) for dep in stage["deps"])
]
# Imports what the stage imports, then forks for each file with its wrong content and runs the stage on it.
FORKED = """
import importlib, json, os, runpy, sys
from pathlib import Path
from stepahead.core import numerics, stage as runner

numerics.pin()
stage, modules, cases = json.loads(Path(sys.argv[1]).read_text())
sys.argv[1:] = sys.argv[2:]
for module in modules:
    importlib.import_module(module)
for case in cases:
    path = Path(case["path"])
    kept, (ours, theirs) = path.read_bytes(), os.pipe()
    path.write_bytes(case["content"].encode("latin-1"))
    child = os.fork()
    if not child:
        os.dup2(theirs, 1)
        os.dup2(theirs, 2)
        runner.begin()
        runpy.run_module(f"stages.{stage}", run_name="__main__", alter_sys=True)
        sys.exit()
    os.close(theirs)
    case["output"] = open(ours, errors="replace").read()
    case["code"] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    path.write_bytes(kept)
print(json.dumps(cases))
"""


@pytest.mark.parametrize("stage", STAGES)
def test_a_file_of_another_shape_is_refused_by_name(
    stage: str, finished: Project, broken: Project, tmp_path: Path
) -> None:
    entry = next(name for name in broken.lock() if name.partition("@")[0] == stage)
    modules = [name for name in watched(entry, finished)["modules"] if name.startswith("stepahead.")]
    files = [broken.folder / name for name in made_and_read(entry, finished) if Path(name).suffix in FORMATS]
    cases = [
        {"path": str(path.relative_to(broken.folder)), "content": content.decode("latin-1")}
        for path, content in each_at_least_once(files, of_weights=stage != "plot")  # which asks where they are from
    ]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps([stage, modules, cases]), encoding="utf-8")
    with unchanged(broken):
        matrix = filter(None, [entry.partition("@")[2]])
        ran = broken.run(sys.executable, "-c", FORKED, str(plan), *matrix, DVC_STAGE=entry)
        assert ran.code == 0, ran.output
    for case in json.loads(ran.output):
        # an error that nobody foresaw shows its traceback; the line after it names the file all the same
        told = case["output"][case["output"].rfind("\nerror: ") + 1 :]
        fails(Done(case["code"], told), case["path"])


def made_and_read(entry: str, finished: Project) -> list[str]:
    """The files from other stages that the watched run of a stage has read."""
    seen = watched(entry, finished)["read"]
    made = {out["path"] for name, stage in finished.lock().items() if name != entry for out in stage.get("outs", [])}
    return sorted(made & set(seen) - hashed_only(entry, made))


def hashed_only(entry: str, made: set[str]) -> set[str]:
    """Files in a folder that is a dep as a whole, of which the stage reads some; of multistep it asks only which models
    it has, and any name may be one."""
    if entry != "write_page":
        return set()
    tables = {name for name in made if name.startswith("reports/tables/")}
    return tables - {f"reports/tables/{name}.csv" for name in {*write_page.READ, "perplexity"} - {"multistep"}}


def each_at_least_once(files: list[Path], of_weights: bool) -> Iterator[tuple[Path, bytes]]:
    """Files with wrong content: of those of one format in one folder each, in each way."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in files:
        groups.setdefault((path.parent, path.suffix), []).append(path)
    for group in groups.values():
        ways = [list(FORMATS[path.suffix](path.read_bytes(), of_weights)) for path in group]
        for i in range(max(len(group), *map(len, ways))):
            of_file = ways[i % len(group)]
            yield group[i % len(group)], of_file[i % len(of_file)]


def wrong_json(content: bytes, _: bool) -> Iterator[bytes]:
    yield b"null"
    yield b"[]"
    tree = json.loads(content)
    if numbers_as_text(tree) != tree:
        yield json.dumps(numbers_as_text(tree)).encode()


def numbers_as_text(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: numbers_as_text(value) for key, value in tree.items()}
    return str(tree) if isinstance(tree, int | float) else tree


def wrong_csv(content: bytes, _: bool) -> Iterator[bytes]:
    header, *rows = csv.reader(io.StringIO(content.decode()))
    for other in ([[f"{name}?" for name in header], *rows], [header, *rows[:-1], ["x"] * len(header)]):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(other)
        yield text.getvalue().encode()


def wrong_npy(content: bytes, _: bool) -> Iterator[bytes]:
    ids = np.load(io.BytesIO(content))
    for other in (ids.astype(np.float64), ids[:, None], np.full_like(ids, 255)):
        file = io.BytesIO()
        np.save(file, other)
        yield file.getvalue()


def wrong_safetensors(content: bytes, of_weights: bool) -> Iterator[bytes]:
    tensors = load(content)
    yield save(tensors, metadata={"about": "{}"})
    if of_weights:
        about = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        yield save({}, metadata=about)
        yield save({name: array[None] for name, array in tensors.items()}, metadata=about)


FORMATS = {".json": wrong_json, ".csv": wrong_csv, ".npy": wrong_npy, ".safetensors": wrong_safetensors}


def watched(entry: str, finished: Project) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(
        (Path(finished.environment["STEPAHEAD_WATCH"]) / f"{entry}.json").read_text(encoding="utf-8")
    )
    return found
