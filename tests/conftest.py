"""What every test shares: one thread (the networks here are tiny), and a project folder to break on purpose."""

import os

os.environ["OMP_NUM_THREADS"] = "1"

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout under test."""
    return ROOT


@pytest.fixture(scope="session")
def mirror(root: Path) -> Path:
    """A folder with the real downloads, which developers have beside the checkout."""
    folder = root.parent / "shared" / "data"
    if not (folder / "timemachine.txt").exists():
        pytest.skip("needs the real Time Machine in ../shared/data, which users do not have")
    return folder
