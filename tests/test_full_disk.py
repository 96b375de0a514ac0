"""A disk that is full, or a folder that cannot be written: one line, and the results that were there stay."""

import os
import shutil

import pytest

from tests.project import Project


def test_a_stage_on_a_full_disk_keeps_the_results_it_had(project: Project) -> None:
    """The limit on a file's size stands for the disk: a write stops in the middle of the table."""
    table = project.folder / "data/series/series.csv"
    before = {path.name: path.read_bytes() for path in table.parent.iterdir()}
    project.set({"series.seed": 1})
    done = project.run("bash", "-c", "ulimit -f 2; python -m stages.generate_series")
    assert done.code == 1
    assert (
        done.output
        == "error: data/series/series.csv cannot be written (File too large); free the disk or fix its rights\n"
    )
    assert {path.name: path.read_bytes() for path in table.parent.iterdir()} == before


def test_a_file_where_a_folder_must_be(project: Project) -> None:
    shutil.rmtree(project.folder / "data/series")
    (project.folder / "data/series").write_text("in the way", encoding="utf-8")
    done = project.stage("generate_series")
    assert done.code == 1
    assert done.output.startswith("error: data/series/series.csv cannot be written (")
    assert done.output.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only folder")
def test_a_read_only_folder(project: Project) -> None:
    folder = project.folder / "data/series"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    folder.chmod(0o555)
    try:
        done = project.stage("generate_series")
    finally:
        folder.chmod(0o755)
    assert done.code == 1
    assert "data/series/series.csv cannot be written (Permission denied)" in done.output
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
