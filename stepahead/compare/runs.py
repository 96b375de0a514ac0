"""What DVC keeps of each run: the params and results of the workspace, of commits and of experiments.

Files are read where DVC and git hold them, and nothing is checked out: git's at the revision, the others in DVC's cache
under the hash that the revision's dvc.lock gives them. (Loading DVC's index of a revision instead takes half a second.)
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from stepahead.core.errors import StepaheadError
from stepahead.core.params import leaves

WORKSPACE, HEAD = "workspace", "HEAD"
Table = dict[str, list[Any]]
Read = Callable[[str], bytes]
"""The content of a file of a revision, by its path in the project; raises OSError, KeyError or ValueError."""


@dataclass(frozen=True)
class Run:
    """A revision's params.yaml, and its results, each empty where the revision has none."""

    name: str
    params: dict[str, Any]
    kstep: dict[str, Any]
    perplexity: dict[str, Any]
    errors: Table
    histories: dict[str, Table]

    @property
    def content(self) -> tuple[Any, ...]:
        return self.params, self.kstep, self.perplexity, self.errors, self.histories


def read_runs(names: Sequence[str]) -> tuple[list[Run], list[str]]:
    """The runs of these names, the one to compare with first, and a note for each thing that is not there.

    No name: HEAD, all experiments of HEAD, and the workspace. One name: that and the workspace, as `dvc metrics diff`
    takes it. Where no name is given, a run that equals one before it is left out, with a note.

    Raises:
        StepaheadError: a name is no experiment and no revision, or fewer than two runs are left.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        repo = Repo()
        experiments = _experiments(repo)
    except DvcException as error:
        raise StepaheadError(f"this folder is no DVC project ({error}); run it at the project's root") from None
    notes: list[str] = []
    wanted = [*names, WORKSPACE] if len(names) == 1 else list(names)
    if not names:
        wanted = [HEAD, *experiments[0], WORKSPACE]
        notes += _unfinished(repo)
    runs: list[Run] = []
    remarks: dict[str, list[str]] = {}
    for name in dict.fromkeys(wanted):
        run, found = _read_run(name, _reader(repo, name, experiments))
        twin = next((other.name for other in runs if other.content == run.content), None)
        if twin and not names:
            found = [f"the same as {twin}, and left out"]
        elif run.kstep or run.perplexity:
            runs.append(run)
        else:
            found = ["without results, and left out"]
        for remark in found:
            remarks.setdefault(remark, []).append(name)
    notes += [f"{', '.join(those)}: {remark}" for remark, those in remarks.items()]
    if len(runs) < 2:
        raise StepaheadError(
            "; ".join([*notes, "there is nothing to compare: dvc exp run -S tau=8 makes an experiment"])
        )
    return runs, notes


def _experiments(repo: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The experiments of HEAD, and those of all commits, as name -> revision."""
    every = repo.experiments.ls(all_commits=True)
    of_head = dict(sorted(every.get(repo.scm.get_rev(), [])))
    return of_head, {name: rev for found in every.values() for name, rev in found} | of_head


def _unfinished(repo: Any) -> Iterator[str]:
    """What DVC's queue holds of HEAD's experiments and has no results of."""
    if not (Path(repo.tmp_dir) / "exps/celery").exists():
        return  # looking there loads another package
    queue, head = repo.experiments.celery_queue, repo.scm.get_rev()
    found = [
        *((entry, "is running, and left out") for entry in queue.iter_active()),
        *((entry, "is queued, and left out; dvc queue start runs it") for entry in queue.iter_queued()),
        *((done.entry, "failed, and is left out; dvc queue logs {} says why") for done in queue.iter_failed()),
    ]
    for entry, state in found:
        if entry.baseline_rev == head:
            name = entry.name or entry.stash_rev[:7]
            yield f"{name}: {state.format(name)}"


def _reader(repo: Any, name: str, experiments: tuple[dict[str, str], dict[str, str]]) -> Read:
    from dvc.scm import RevError, resolve_rev

    root = Path(repo.root_dir)
    if name == WORKSPACE:
        return lambda path: (root / path).read_bytes()
    try:
        rev = experiments[1].get(name) or resolve_rev(repo.scm, name)
    except RevError:
        known = ", ".join([WORKSPACE, HEAD, *experiments[1]])
        raise StepaheadError(f"{name!r} is no experiment and no revision; there are {known}") from None
    in_git, of_project = repo.scm.get_fs(rev), root.relative_to(repo.scm.root_dir)
    hashes: dict[str, str] = {}

    def read(path: str) -> bytes:
        place = (of_project / path).as_posix()
        if in_git.exists(place):
            content: bytes = in_git.read_bytes(place)
            return content
        if not hashes:
            outs = [out for stage in _stages(read) for out in stage.get("outs", [])]
            hashes.update({out["path"]: out["md5"] for out in outs})
        return Path(repo.cache.local.oid_to_path(hashes[path])).read_bytes()

    return read


def _read_run(name: str, read: Read) -> tuple[Run, list[str]]:
    """The run, and remarks on what of it cannot be read or is out of date."""
    unread: dict[str, None] = {}

    def parsed(path: str, parse: Callable[[bytes], Any], called: str = "") -> Any:
        try:
            return parse(read(path))
        except (OSError, KeyError, ValueError, yaml.YAMLError):
            unread[called or path] = None
            return {}

    perplexity = parsed("reports/metrics/perplexity.json", _mapping(json.loads))
    cells = [model for model, row in perplexity.items() if row.get("book") is not None]
    run = Run(
        name,
        params=parsed("params.yaml", _mapping(_yaml)),
        kstep=parsed("reports/metrics/kstep.json", _mapping(json.loads)),
        perplexity=perplexity,
        errors=parsed("reports/tables/kstep.csv", _table),
        histories={cell: parsed(f"reports/training/{cell}.csv", _table, "reports/training") for cell in cells},
    )
    remarks = [f"without {', '.join(unread)} (lost from DVC's cache, or never written)"] if unread else []
    stale = _never_run(run.params, read)
    return run, [*remarks, *([f"no stage has run with this {', '.join(stale)}; dvc repro does"] if stale else [])]


def _never_run(params: dict[str, Any], read: Read) -> list[str]:
    """The params whose value is not what any stage that reads them last ran with, as dvc.lock says."""
    try:
        ran: dict[str, list[Any]] = {}
        for stage in _stages(read):
            for key, value in stage.get("params", {}).get("params.yaml", {}).items():
                ran.setdefault(key, []).append(value)
    except (OSError, KeyError, ValueError, yaml.YAMLError):
        return []
    return [key for key, value in leaves(params) if key in ran and value not in ran[key]]


def _stages(read: Read) -> list[dict[str, Any]]:
    """The entries of dvc.lock."""
    return list(_mapping(_yaml)(read("dvc.lock"))["stages"].values())


@lru_cache(maxsize=4)
def _yaml(content: bytes) -> Any:
    return yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # in C: ten times as fast


def _mapping(parse: Callable[[bytes], Any]) -> Callable[[bytes], dict[str, Any]]:
    def checked(content: bytes) -> dict[str, Any]:
        found = parse(content)
        if not isinstance(found, dict):
            raise ValueError("not a mapping")
        return found

    return checked


def _table(content: bytes) -> Table:
    """A CSV with a header, in columns; what is a number becomes one, and an empty cell None."""
    header, *rows = csv.reader(content.decode("utf-8").splitlines())
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: [_value(cell) for cell in column] for name, column in zip(header, columns, strict=True)}


def _value(cell: str) -> float | str | None:
    try:
        return float(cell)
    except ValueError:
        return cell or None
