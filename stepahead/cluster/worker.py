"""What a worker does for a sweep: one experiment in a clone of its own, its results pushed, its commit handed back.

It needs no git server: HEAD comes as a git bundle, and the experiment's commit goes back as one.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from distributed import get_worker

from stepahead.cluster.engine import StrangerError, difference, environment
from stepahead.cluster.git import git_output
from stepahead.core.errors import StepaheadError

CODE = ("cluster", "core", "parallel.py")
"""what a sweep's worker runs of this library; the stages run HEAD's"""


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


@dataclass(frozen=True)
class Landing:
    """What a worker hands back."""

    commit: bytes
    """of the experiment, as a git bundle"""
    results: list[tuple[str, str, str]]
    """of each file that its stages have in DVC's cache: the hash's name, the hash, and the output it belongs to"""


def run_experiment(
    head: bytes, experiment: Experiment, author: Sequence[str], cache: str | None, here: Mapping[str, str]
) -> Landing:
    """Run an experiment; where the remote is between worker and client, its results are there when it lands.

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
    folder = Path(get_worker().local_directory) / f"clone-{threading.get_ident()}"
    clone = _clones.setdefault(folder, Clone(folder))
    clone.prepare(head, experiment, author, cache)
    overrides = [word for override in experiment.overrides for word in ("--set-param", override)]
    options = ["--name", experiment.name, "--message", experiment.message, *overrides]
    if cache is None:
        options.append("--pull")
    results = clone.run([*options, *experiment.targets], shared=cache is None)
    return Landing(clone.git("bundle", "create", "--quiet", "-", experiment.ref, f"^{experiment.head}"), results)


@dataclass
class Clone:
    """A worker thread's clone of the project, in the folder that Dask clears away with the worker."""

    folder: Path
    runner: "subprocess.Popen[str] | None" = field(default=None, init=False)

    def prepare(self, head: bytes, experiment: Experiment, author: Sequence[str], cache: str | None) -> None:
        """Put the experiment's starting point in place, and nothing else: a leftover file would change a result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / ".git").exists():
            self.git("init", "--quiet")
        for key, value in zip(("user.name", "user.email"), author, strict=True):
            self.git("config", key, value)
        try:
            self.git("cat-file", "-e", f"{experiment.head}^{{commit}}")
        except StepaheadError:  # the first of this sweep
            bundle = self.folder / ".git/head.bundle"
            bundle.write_bytes(head)
            self.git("bundle", "unbundle", str(bundle))
        self.git("checkout", "--quiet", "--force", "--detach", experiment.head)
        self.git("clean", "-ffdxq", "--exclude=/.dvc/cache")
        self.git("update-ref", "-d", experiment.ref)
        if cache is not None:
            (self.folder / ".dvc/config.local").write_text(f"[cache]\n    dir = {cache}\n", encoding="utf-8")

    def git(self, *arguments: str) -> bytes:
        return git_output(*arguments, cwd=self.folder)

    def run(self, arguments: list[str], shared: bool) -> list[tuple[str, str, str]]:
        """Do `dvc exp run`, and push if `shared`; return the hashes of the results.

        Raises:
            StepaheadError: either fails.
        """
        if self.runner is None or self.runner.poll() is not None:
            self.runner = self._start()
        assert self.runner.stdin
        assert self.runner.stdout
        with suppress(BrokenPipeError):  # it has ended, and does not answer
            print(json.dumps({"arguments": arguments, "shared": shared}), file=self.runner.stdin, flush=True)
        answer = self.runner.stdout.readline() or json.dumps({"error": "its process was killed", "results": []})
        error, results = json.loads(answer).values()
        if error:
            raise StepaheadError(error)
        return [tuple(each) for each in results]

    def _start(self) -> "subprocess.Popen[str]":
        python = Path(sys.executable)
        environment = os.environ | {
            "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "DVC_SITE_CACHE_DIR": str(self.folder / ".dvc/tmp/site"),
            # as many run side by side as the worker has threads, so that is what each may use
            "PYTHON_CPU_COUNT": "1",
        }
        return subprocess.Popen(
            [python, "-m", "stepahead.cluster.runner", self.folder],
            cwd=Path(__file__).parents[2],  # or it would find the clone's stepahead
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


_clones: dict[Path, Clone] = {}
