"""The tiny project, and machines to sweep it on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stepahead.cluster.hosts import Hosts
from tests.stepahead.cluster.tiny import Tiny, make_tiny


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    pytest.importorskip("distributed", reason="needs the extra: pip install --editable '.[cluster]'")
    return make_tiny(tmp_path_factory.mktemp("tiny") / "project")


@pytest.fixture
def tiny(made: Tiny, tmp_path: Path) -> Tiny:
    return Tiny(made.duplicate(tmp_path / "project").folder)


@pytest.fixture
def hosts(tiny: Tiny, tmp_path: Path) -> Iterator[Hosts]:
    """Machines with a network and disks of their own, where the system permits, and a scheduler on the first."""
    with Hosts(tmp_path, tiny.environment) as hosts:
        yield hosts
