"""A worker's clone runs DVC as a person would, and asks the remote for no more than it needs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stepahead.cluster.tiny import Tiny

Run = Callable[[str, int], None]


@pytest.fixture
def run(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """By the worker of a name, the experiment of a tau."""
    from stepahead.cluster.git import git_output
    from stepahead.cluster.worker import Clone, Experiment

    for key, value in tiny.environment.items():
        monkeypatch.setenv(key, value)
    tiny.share(str(tmp_path / "store"))
    head = tiny.git("rev-parse", "HEAD").output.strip()
    bundle = git_output("bundle", "create", "--quiet", "-", "HEAD", cwd=tiny.folder)
    clones = {name: Clone(tmp_path / name) for name in ("first", "second")}

    def run(name: str, tau: int) -> None:
        clone, experiment = clones[name], Experiment(f"tau-{tau}", (f"tau={tau}",), (), head)
        clone.prepare(bundle, experiment, ("test", "test@example.org"), None)
        results = clone.run(["--name", experiment.name, "--set-param", f"tau={tau}", "--pull"], shared=True)
        assert [path for _, _, path in results] == ["result.txt"]
        assert (clone.folder / "result.txt").read_text().startswith(f"{tau} 0\n")

    yield run
    for clone in clones.values():
        if clone.runner:
            with clone.runner:
                pass  # at the end of its input it ends


def records(cache: Path) -> set[str]:
    """DVC's of the runs that a cache or a remote knows."""
    return {path.name for path in (cache / "runs").rglob("*") if path.is_file()}


@pytest.mark.slow
def test_only_what_a_stage_needs_comes_from_the_remote_and_only_what_it_made_goes_there(
    run: Run, tiny: Tiny, tmp_path: Path
) -> None:
    run("first", 2)
    first = records(tmp_path / "store")
    run("second", 3)
    both = records(tmp_path / "store")
    assert len(first) == 1
    assert len(both) == 2
    assert records(tmp_path / "second/.dvc/cache") == both - first
    run("first", 3)
    assert tiny.computed() == ["2 0", "3 0"]
    assert records(tmp_path / "first/.dvc/cache") == both


@pytest.mark.slow
def test_what_could_not_be_pushed_is_pushed_the_next_time_without_another_run(
    run: Run, tiny: Tiny, tmp_path: Path
) -> None:
    from stepahead.core.errors import StepaheadError

    (tmp_path / "store").touch()
    with pytest.raises(StepaheadError, match=r"its results could not be pushed to the DVC remote: .*Not a directory"):
        run("first", 2)
    (tmp_path / "store").unlink()
    run("first", 2)
    run("second", 2)
    assert tiny.computed() == ["2 0"]
