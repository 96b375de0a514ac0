"""A damaged file between two stages: whoever reads it refuses it by its name. Covers whatever stands in dvc.yaml."""

from contextlib import ExitStack
from typing import Any

import pytest
import yaml

from tests.bad_input.battery import fails, replaced, unchanged
from tests.project import ROOT, Project

PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def made_by_a_stage(dep: str) -> bool:
    return dep.startswith(("data/", "models/", "reports/")) and not dep.startswith(
        ("data/local", "data/bundled", "data/catalog")
    )


CASES = [
    pytest.param(name, dep, id=f"{name}-{dep}")
    for name, stage in PIPELINE.items()
    for dep in stage["deps"]
    if made_by_a_stage(dep)
]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2].rstrip(b"\n")


def garbled(content: bytes) -> bytes:
    return b"\xff\xfe\x00" + content[: len(content) // 2]


@pytest.mark.parametrize(("stage", "dep"), CASES)
@pytest.mark.parametrize("damage", [cut, garbled])
def test_a_damaged_file_is_refused_by_name(stage: str, dep: str, damage: Any, broken: Project) -> None:
    if dep.endswith(".txt") and damage is cut:
        pytest.skip("half a text is a text; DVC sees by its checksum that it is not the one it made")
    entry = next(name for name in broken.lock() if name.partition("@")[0] == stage)
    path = broken.folder / dep
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    assert files
    with unchanged(broken), ExitStack() as mended:
        for file in files:
            mended.enter_context(replaced(file, damage(file.read_bytes())))
        done = broken.stage(stage, entry.partition("@")[2])
    fails(done, dep)
