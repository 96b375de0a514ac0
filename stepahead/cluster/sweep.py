"""A sweep: one experiment for each combination of params, run by many workers, landing here one by one."""

import logging
import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from distributed import Client, as_completed

from stepahead.cluster.engine import StrangerError, environment
from stepahead.cluster.git import git, git_output
from stepahead.cluster.overrides import PARAMS, combinations, overridden
from stepahead.cluster.worker import CODE, Experiment, run_experiment
from stepahead.core import stage
from stepahead.core.errors import StepaheadError

MAX_NAME = 100


def project(remote: bool) -> Any:
    """This folder as a `dvc.repo.Repo`; `remote` says that workers need its DVC remote.

    Raises:
        StepaheadError: it is none, it has uncommitted changes, or its committed settings name no remote.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        repo = Repo()
    except DvcException as error:
        raise StepaheadError(f"this folder is no DVC project ({error}); run it at the project's root") from None
    if changed := [line[3:] for line in git("status", "--porcelain").splitlines()]:
        raise StepaheadError(
            f"not committed: {', '.join(changed[:3])}{', …' if changed[3:] else ''}; workers see only what is, so "
            "git add and git commit it first"
        )
    if remote and "remote" not in repo.config.load_one("repo").get("core", {}):
        raise StepaheadError(
            "workers on other machines share results through a DVC remote, and .dvc/config names none; run dvc remote "
            "add --default store ADDRESS, and commit .dvc/config"
        )
    return repo


def expand(repo: Any, overrides: Sequence[str], targets: Sequence[str], prefix: str) -> list[Experiment]:
    """The experiments of HEAD that the overrides stand for in DVC's grammar: `tau=2,4`, `seed=range(0,4)`.

    They are named after what varies: tau-2_seed-0.

    Args:
        repo: a `dvc.repo.Repo`.
        prefix: of the names; may be empty.

    Raises:
        StepaheadError: DVC cannot read an override, or one has no effect.
    """
    head = git("rev-parse", "HEAD").strip()
    each = combinations(overrides)
    with overridden(each[0]):
        read = _params_read(repo, targets)
    needed = f" that {' '.join(targets)} needs" if targets else ""
    for key in [override.partition("=")[0] for override in each[0]]:
        if not any(f"{key}.".startswith(f"{other}.") or f"{other}.".startswith(f"{key}.") for other in read):
            raise StepaheadError(f"{key} has no effect: no stage{needed} reads it; drop it, or name other targets")
    names = ["-".join(filter(None, [prefix, name])) for name in _names(each)]
    return [Experiment(name, found, tuple(targets), head) for name, found in zip(names, each, strict=True)]


def _params_read(repo: Any, targets: Sequence[str]) -> set[str]:
    """The dotted keys, or whole sections, that the targets and the stages before them read."""
    from dvc.dependency import ParamsDependency
    from dvc.exceptions import DvcException

    try:
        wanted = [repo.stage.collect(target, with_deps=True) for target in targets] or [repo.index.stages]
    except DvcException as error:
        raise StepaheadError(str(error).splitlines()[0]) from None
    deps = [dep for stages in wanted for stage in stages for dep in stage.deps]
    whole = any(dep.def_path == PARAMS and not isinstance(dep, ParamsDependency) for dep in deps)
    keys = {key for dep in deps if isinstance(dep, ParamsDependency) for key in dep.params}
    return keys | set(yaml.safe_load(Path(PARAMS).read_text(encoding="utf-8"))) if whole else keys


def _names(each: Sequence[Sequence[str]]) -> list[str]:
    """A name for each, of the overrides that are not the same in all; numbers where that would be too long."""
    varying = [i for i, column in enumerate(zip(*each, strict=True)) if len(set(column)) > 1]
    names = [
        "_".join(re.sub(r"[^\w.-]+", "-", combination[i], flags=re.ASCII) for i in varying or range(len(combination)))
        for combination in each
    ]
    names = [name.strip("-.") for name in names]
    if len(set(names)) < len(names) or max(map(len, names)) > MAX_NAME:
        return [f"sweep-{i}" for i in range(1, len(names) + 1)]
    return names


def in_place(experiment: Experiment) -> bool:
    """Whether it is there, from an earlier start of the same sweep or from another start beside this one.

    Raises:
        StepaheadError: another experiment has its name.
    """
    found = git("log", "-1", "--format=%B", experiment.ref, "--", check=False).strip()
    if found and found != experiment.message:
        raise StepaheadError(
            f"there is another experiment {experiment.name}; give this sweep a name of its own (--name), or remove "
            f"that one: dvc exp remove {experiment.name}"
        )
    return bool(found)


def run(client: Client, repo: Any, experiments: Sequence[Experiment], shared: bool) -> Iterator[tuple[Experiment, str]]:
    """Run them on the client's workers, put each in place as it comes in, and say why of one that failed.

    Args:
        shared: the workers are on this machine and work in its DVC cache; otherwise the remote is between them.

    Raises:
        StepaheadError: the scheduler is gone, or the results cannot be fetched.
    """
    author = git("log", "-1", "--format=%an%n%ae").splitlines()
    # a task, not scattered data: if the worker that holds it dies, the scheduler makes it again
    head = client.submit(bytes, git_output("bundle", "create", "--quiet", "-", "HEAD"))
    cache, here = repo.cache.local_cache_dir if shared else None, environment(CODE)

    def submit(experiment: Experiment) -> Any:
        return client.submit(run_experiment, head, experiment, author, cache, here, pure=False)

    tasks = {submit(experiment): experiment for experiment in experiments}
    results, ended = set[tuple[str, str, str]](), as_completed(list(tasks))
    try:
        for future in ended:
            experiment = tasks.pop(future)
            if future.cancelled():
                raise StepaheadError("the Dask scheduler is gone; start it, and the same command goes on from here")
            if isinstance(error := future.exception(), StrangerError):
                address, other = error.args
                stage.say(f"the worker at {address} has {other}, and is left out; install the same there")
                client.retire_workers([address])
                again = submit(experiment)
                tasks[again] = experiment
                ended.add(again)
                continue
            why = _why(error) if error else _land(experiment, future.result().commit)
            if not why:
                results |= set(future.result().results)
            yield experiment, why
    finally:
        if not shared:
            _fetch(repo, results)


def _why(error: BaseException | None) -> str:
    if isinstance(error, StepaheadError):
        return str(error)
    return f"its worker failed ({type(error).__name__}: {error})"


def _land(experiment: Experiment, bundle: bytes) -> str:
    """Put a commit in place under its name; returns why it cannot be."""
    with tempfile.NamedTemporaryFile(suffix=".bundle") as file:
        file.write(bundle)
        file.flush()
        try:
            if not in_place(experiment):
                git("fetch", file.name, f"{experiment.ref}:{experiment.ref}")
        except StepaheadError as error:
            return str(error)
    return ""


def _fetch(repo: Any, results: Collection[tuple[str, str, str]]) -> None:
    """Bring the results of experiments here, which `dvc exp apply` does not do by itself.

    Raises:
        StepaheadError: not all can be had.
    """
    from dvc.exceptions import DvcException
    from dvc_data.hashfile.hash_info import HashInfo

    logging.getLogger("dvc").setLevel(logging.CRITICAL)  # it warns of a missing file by its checksum
    wanted = {HashInfo(*result) for result in results}
    try:
        repo.cloud.pull(wanted)
    except DvcException as error:
        raise StepaheadError(
            f"the experiments are in place, but not all their results ({error}); dvc pull fetches them after dvc exp "
            "apply"
        ) from None
    if lacking := [path for _, value, path in results if not repo.cache.local.exists(value)]:
        raise StepaheadError(
            f"the experiments are in place, but this machine does not find their {min(lacking)} in the DVC remote; "
            "name one in .dvc/config that it shares with the workers"
        )
