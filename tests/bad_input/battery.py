"""What every case of the battery asserts: one clear line, a non-zero exit, and nothing lost."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.project import Done, Project

RESULTS = ["dvc.lock", "data/series", "data/corpus", "data/tokens", "data/vocab", "models", "reports"]


def results(project: Project) -> dict[str, str]:
    """The content of every tracked result."""
    files = [f for name in RESULTS for f in sorted([project.folder / name, *(project.folder / name).rglob("*")])]
    return {str(f.relative_to(project.folder)): hashlib.sha1(f.read_bytes()).hexdigest() for f in files if f.is_file()}


def fails(done: Done, message: str) -> None:
    """The stage said what is wrong in one line that can be printed safely, and no more."""
    errors = [line for line in done.output.splitlines() if line.startswith("error: ")]
    assert done.code != 0
    assert len(errors) == 1, done.output
    assert message in errors[0]
    assert ";" in errors[0]  # what is wrong; the way out
    assert errors[0].isprintable()
    assert "Traceback" not in done.output


@contextmanager
def unchanged(project: Project) -> Iterator[None]:
    """Params are put back at the end; results and dvc.lock must then be what they were."""
    path = project.folder / "params.yaml"
    kept, before = path.read_bytes(), results(project)
    try:
        yield
    finally:
        path.write_bytes(kept)
    assert results(project) == before


def after(project: Project, changes: dict[str, Any], stage: str, *entry: str, **environment: str) -> Done:
    """Run a stage on changed params."""
    with unchanged(project):
        project.set(changes)
        return project.stage(stage, *entry, **environment)


@contextmanager
def replaced(path: Path, content: bytes) -> Iterator[None]:
    """A file with other content, and put back (or taken away) at the end."""
    kept = path.read_bytes() if path.exists() else None
    path.write_bytes(content)
    try:
        yield
    finally:
        if kept is None:
            path.unlink()
        else:
            path.write_bytes(kept)
