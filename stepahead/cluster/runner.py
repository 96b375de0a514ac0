"""Runs a worker's experiments by DVC, which it loads once and forks for each: that saves them a second of imports.

`python -m stepahead.cluster.runner CLONE` reads a line of JSON a job and answers with one. Two things of DVC are
replaced: its run cache, which copies all runs there are from the remote before an experiment and to it afterwards, and
the way it reads dvc.lock before it writes it.
"""

import gc
import importlib
import json
import os
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import dvc.commands.experiments.run
import dvc.repo.experiments.queue.workspace  # noqa: F401
from dvc import dvcfile
from dvc.cli import main as dvc_main
from dvc.exceptions import DvcException
from dvc.repo import Repo, reproduce
from dvc.stage import cache as stage_cache
from dvc.stage.serialize import to_single_stage_lockfile
from dvc_objects.fs import generic

from stepahead.cluster.git import reason
from stepahead.parallel import lock_file

OWN_CACHE = "md5-dos2unix"
"""by which DVC finds the folder that its run cache lies in"""
NOT_PUSHED = 2
"""exit status of an experiment whose results the remote does not take"""


class RunCache(stage_cache.StageCache):  # type: ignore[misc]
    """DVC's record of runs, which asks the remote for those of a stage when that is about to run."""

    remote: Any = None

    def pull(self, remote: str | None, odb: Any = None) -> list[Any]:
        """Note where they are; DVC calls it before an experiment with `--pull`."""
        self.remote = odb or self.repo.cloud.get_remote_odb(remote, "exp run --pull", hash_name=OWN_CACHE)
        return []

    def _load(self, stage: Any) -> Any:
        key = stage_cache._get_stage_hash(stage)
        if self.remote and not Path(self._get_cache_dir(key)).exists():
            copy_runs(self.remote, self.repo.cache.legacy, key)
        return super()._load(stage)


def copy_runs(source: Any, target: Any, key: str) -> None:
    """Copy the records of a stage's runs with some inputs from one `ObjectDB` to another."""
    folder = ("runs", key[:2], key)
    for path in source.fs.find(source.fs.join(source.path, *folder)):
        generic.copy(source.fs, path, target.fs, target.fs.join(target.path, *folder, source.fs.name(path)))


def run(arguments: list[str], shared: bool) -> tuple[int, list[Any]]:
    """Run an experiment, and push what it has got if `shared`.

    Returns:
        an exit status, and a hash (name, value, path) of each file that its stages have in DVC's cache.
    """
    ran = list[Any]()
    one_after_another = reproduce._reproduce

    def noted(*stages: Any, **options: Any) -> list[Any]:
        ran.extend(one_after_another(*stages, **options))
        return ran

    reproduce._reproduce = noted
    dvcfile.modify_yaml = lock_file
    stage_cache.StageCache = RunCache
    gc.disable()  # what DVC leaves behind in a few seconds fits into memory
    if status := dvc_main(["exp", "run", *arguments]):
        return status, []
    cached = {used for stage in ran for objects in stage.get_used_objs().values() for used in objects}
    try:
        if shared:
            push(ran)
    except Exception as error:  # whatever the remote's own library raises
        print(f"ERROR: {error}")
        return NOT_PUSHED, []
    return 0, [(each.name, each.value, each.obj_name) for each in cached]


def push(ran: list[Any]) -> None:
    """Bring the results of these stages to the remote, then the records of their runs.

    Those results too that git holds: a record is of no use without them, and stands in the way of another.

    Raises:
        DvcException: the remote does not take them.
    """
    with Repo() as repo:
        runs = repo.stage_cache
        stages = [runs._create_stage(to_single_stage_lockfile(stage), wdir=stage.wdir) for stage in ran]
        results = {used for stage in stages for objects in stage.get_used_objs().values() for used in objects}
        if failed := repo.cloud.push(results).failed:
            raise DvcException(f"{len(failed)} files could not be transferred")
        remote = repo.cloud.get_remote_odb(None, "push --run-cache", hash_name=OWN_CACHE)
        for stage in filter(stage_cache._can_hash, ran):
            copy_runs(repo.cache.legacy, remote, stage_cache._get_stage_hash(stage))


def main() -> None:
    """Do one job after another, until no more can come."""
    os.chdir(sys.argv[1])
    gc.freeze()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    for line in sys.stdin:
        job = json.loads(line)
        if job["shared"]:
            with suppress(ImportError):
                importlib.import_module("s3fs")
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as results:
            if not (child := os.fork()):
                status = 1
                try:
                    os.dup2(output.fileno(), sys.stdout.fileno())
                    os.dup2(output.fileno(), sys.stderr.fileno())
                    status, found = run(**job)
                    results.write(json.dumps(found).encode())
                    results.flush()
                except BaseException:
                    traceback.print_exc()
                finally:
                    sys.stdout.flush()
                    os._exit(status)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            output.seek(0)
            results.seek(0)
            error = reason(output.read().decode(errors="replace")) if status else ""
            if status == NOT_PUSHED:
                error = f"its results could not be pushed to the DVC remote: {error}"
            answer = {"error": error, "results": [] if error else json.loads(results.read())}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # a terminal interrupts all that it has started
        main()
