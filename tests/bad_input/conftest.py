import shutil

import pytest

from tests.project import Project


@pytest.fixture(scope="package")
def broken(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy that every test breaks and mends again."""
    folder = tmp_path_factory.mktemp("broken") / "clone"
    shutil.copytree(finished.folder, folder, symlinks=True)
    return Project(folder)
