"""What a worker does for a sweep: one experiment in a clone of its own, its results pushed, its commit handed back.

It needs no git server: HEAD comes as a git bundle, and the experiment's commit goes back as one.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from distributed import get_worker

from stepahead.cluster.engine import StrangerError, difference, environment
from stepahead.core.errors import StepaheadError

CODE = ("cluster", "core")
"""the folders of this library that a sweep's worker runs; the stages run HEAD's"""
PUSH = """
import sys
from dvc.cli import main
from dvc.repo import Repo
with Repo() as repo:
    repo.cloud.push({out.hash_info for out in repo.index.outs if not out.use_cache and out.hash_info})
sys.exit(main(["push"]) or main(["push", "--run-cache"]))
"""
"""The results first, also those that git holds: in DVC's run cache the record of a run is of no use without them, and
stands in the way of another. All in one process, which saves a second."""


@dataclass(frozen=True)
class Experiment:
    """A run of the pipeline with other params, by the name that `dvc exp show` gives it."""

    name: str
    overrides: tuple[str, ...]
    targets: tuple[str, ...]
    head: str
    """The commit it starts from."""

    @property
    def ref(self) -> str:
        """Where DVC keeps it."""
        return f"refs/exps/{self.head[:2]}/{self.head[2:]}/{self.name}"

    @property
    def message(self) -> str:
        """Of its commit: what was asked for, by which a sweep knows its own."""
        return " ".join(["sweep:", *self.targets, *self.overrides])


def run_experiment(
    head: bytes, experiment: Experiment, author: Sequence[str], cache: str | None, here: Mapping[str, str]
) -> bytes:
    """Run an experiment and return its commit as a git bundle.

    Args:
        head: the project's HEAD as a git bundle.
        author: name and address, of the experiment's commit.
        cache: DVC's cache to work in, on the client's own machine; None: the remote holds what is shared.
        here: the client's environment, which a worker that joins late must have too.

    Raises:
        StrangerError: this worker's environment is another one.
        StepaheadError: the experiment failed, or its results could not be pushed; then nothing of it is handed back.
    """
    if other := difference(here, environment(CODE)):
        raise StrangerError(get_worker().address, other)
    clone = Clone(Path(get_worker().local_directory) / f"clone-{threading.get_ident()}")
    clone.prepare(head, experiment, author, cache)
    overrides = [word for override in experiment.overrides for word in ("--set-param", override)]
    options = ["--name", experiment.name, "--message", experiment.message, *overrides]
    if cache is None:
        options.append("--pull")
    clone.python("-m", "dvc", "exp", "run", *options, *experiment.targets)
    if cache is None:
        try:
            clone.python("-c", PUSH)
        except StepaheadError as error:
            raise StepaheadError(f"its results could not be pushed to the DVC remote: {error}") from None
    return clone.git("bundle", "create", "--quiet", "-", experiment.ref, f"^{experiment.head}")


@dataclass(frozen=True)
class Clone:
    """A worker thread's clone of the project, in the folder that Dask clears away with the worker."""

    folder: Path

    def prepare(self, head: bytes, experiment: Experiment, author: Sequence[str], cache: str | None) -> None:
        """Put the experiment's starting point in place, and nothing else: a leftover file would change a result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / ".git").exists():
            self.git("init", "--quiet")
        for key, value in zip(("user.name", "user.email"), author, strict=True):
            self.git("config", key, value)
        bundle = self.folder / ".git/head.bundle"
        bundle.write_bytes(head)
        self.git("bundle", "unbundle", str(bundle))
        self.git("checkout", "--quiet", "--force", "--detach", experiment.head)
        self.git("clean", "-ffdxq", "--exclude=/.dvc/cache")
        self.git("update-ref", "-d", experiment.ref)
        if cache is not None:
            (self.folder / ".dvc/config.local").write_text(f"[cache]\n    dir = {cache}\n", encoding="utf-8")

    def git(self, *arguments: str) -> bytes:
        return self._run("git", *arguments)

    def python(self, *arguments: str) -> bytes:
        return self._run(sys.executable, *arguments)

    def _run(self, *command: str) -> bytes:
        python = Path(sys.executable).parent
        environment = os.environ | {
            "PATH": f"{python}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "DVC_SITE_CACHE_DIR": str(self.folder / ".dvc/tmp/site"),
        }
        done = subprocess.run(
            command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode:
            raise StepaheadError(reason((done.stdout + done.stderr).decode(errors="replace")))
        return done.stdout


def reason(output: str) -> str:
    """The line of a failed command's output that says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith(("error: ", "fatal: "))]
    chosen = next(iter(told), lines[-1] if lines else "it ended without a word")
    return chosen.partition(": ")[2] if told else chosen
