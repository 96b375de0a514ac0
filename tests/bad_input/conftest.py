from pathlib import Path

import pytest
import yaml

from tests.project import Project

HERE = Path(__file__).parent
HEAVY = ("torch", "statsmodels")  # a second's import each


def heavy_stages() -> set[str]:
    """Stages whose script, or a library folder among its deps, imports a heavy package at the top."""
    root = HERE.parent.parent
    stages = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    starts = tuple(f"{verb} {package}" for verb in ("import", "from") for package in HEAVY)

    def heavy(dep: str) -> bool:
        files = (root / dep).rglob("*.py") if dep.startswith("stepahead/") else [root / dep]
        lines = (line for file in files if file.suffix == ".py" for line in file.read_text("utf-8").splitlines())
        return any(line.startswith(starts) for line in lines)

    return {name for name, stage in stages.items() if any(heavy(dep) for dep in stage["deps"])}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cases that run a heavy stage are slow."""
    heavy = heavy_stages()
    for item in items:
        if HERE in item.path.parents and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            stage = str(item.callspec.params.get("stage", "")).partition(" ")[0]
            if stage in heavy and "broken" in item.fixturenames:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def broken(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy that every test breaks and mends again."""
    return finished.duplicate(tmp_path_factory.mktemp("broken") / "clone")
