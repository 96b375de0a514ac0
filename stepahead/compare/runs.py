"""What DVC keeps of each run: the params and results of the workspace, of commits and of experiments.

Files are read where DVC and git hold them, and nothing is checked out: git's at the revision, the others in DVC's cache
under the hash that the revision's dvc.lock gives them. (Loading DVC's index of a revision instead takes half a second.)
"""

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from stepahead.core.artifacts import Array, parse_tensors
from stepahead.core.errors import StepaheadError
from stepahead.core.params import leaves

WORKSPACE, HEAD = "workspace", "HEAD"
MD5 = r"[0-9a-f]{32}"
LOST = "lost from DVC's cache, never written, or written by another version"
UNREADABLE = (
    *(OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError),
    *(yaml.YAMLError, csv.Error),
)
"""What reading a file raises that is missing, damaged, or another version's."""
Table = dict[str, list[Any]]
Place = tuple[str, str]
"""A model, and the column of its score: `k = 4`, `test`."""
Read = Callable[[str], bytes]
"""The content of a file of a revision, by its path in the project; raises one of UNREADABLE."""


@dataclass(frozen=True)
class Losses:
    """What models lost at each point that they were scored on."""

    data: tuple[Any, ...]
    """Equal where the points are the same."""
    rows: dict[Place, Array]
    overlap: dict[str, float]
    """How many successive losses of a column share what came."""


@dataclass(frozen=True)
class Run:
    """A revision's params.yaml, and its results, each empty where the revision has none."""

    name: str
    params: dict[str, Any]
    kstep: dict[str, Any]
    perplexity: dict[str, Any]
    errors: Table
    histories: dict[str, Table]
    seeds: dict[Place, list[float]] = field(default_factory=dict)
    """The error from each weight seed."""
    losses: dict[str, Losses] = field(default_factory=dict)
    """By part, kstep and perplexity."""

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
            found = ["without results that this version reads, and left out"]
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
    of_head = dict(sorted(every.get(repo.scm.get_rev(), []), key=lambda found: (_is_random(found[0]), found)))
    return of_head, {name: rev for found in every.values() for name, rev in found} | of_head


def _is_random(name: str) -> bool:
    """Whether a name looks like those that DVC gives, such as bulgy-ends; of two equal runs the other name stays."""
    return re.fullmatch("[a-z]{5}-[a-z]{4}", name) is not None


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
        repo.scm.resolve_commit(rev)
    except (RevError, AttributeError):  # the second: it names a file or a folder, which has not what a commit has
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
            hashes.update({out["path"]: out["md5"] for out in outs if re.fullmatch(MD5, out["md5"])})
        return Path(repo.cache.local.oid_to_path(hashes[path])).read_bytes()

    return read


def _read_run(name: str, read: Read) -> tuple[Run, list[str]]:
    """The run, and remarks on what of it cannot be read or is out of date."""
    unread: dict[str, None] = {}

    def parsed(path: str, parse: Callable[[bytes], Any], called: str = "") -> Any:
        try:
            return parse(read(path))
        except UNREADABLE:
            unread[called or path] = None
            return {}

    params = parsed("params.yaml", _mapping(_yaml))
    kstep, perplexity = (parsed(f"reports/metrics/{part}.json", _scores) for part in ("kstep", "perplexity"))
    models = params.get("models")
    cells = [cell for cell in models.get("rnn") or [] if cell in perplexity] if isinstance(models, dict) else []
    losses = {
        part: parsed(f"reports/losses/{part}.safetensors", parse)
        for part, scores, parse in (("kstep", kstep, _kstep_losses), ("perplexity", perplexity, _token_losses))
        if scores
    }
    run = Run(
        name,
        params,
        kstep,
        perplexity,
        errors=parsed("reports/tables/kstep.csv", _table) if kstep else {},
        histories={cell: parsed(f"reports/training/{cell}.csv", _table, "reports/training") for cell in cells},
        seeds=parsed("reports/tables/kstep_seeds.csv", _seeds) if kstep else {},
        losses={part: each for part, each in losses.items() if each},
    )
    remarks = [f"without {', '.join(unread)} ({LOST})"] if unread else []
    stale = _never_run(run.params, read)
    return run, [*remarks, *([f"no stage has run with this {', '.join(stale)}; dvc repro does"] if stale else [])]


def _never_run(params: dict[str, Any], read: Read) -> list[str]:
    """The params whose value is not what any stage that reads them last ran with, as dvc.lock says."""
    try:
        ran: dict[str, list[Any]] = {}
        for stage in _stages(read):
            for key, value in stage.get("params", {}).get("params.yaml", {}).items():
                ran.setdefault(key, []).append(value)
    except UNREADABLE:
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


def _scores(content: bytes) -> dict[str, Any]:
    """Metrics: model -> column -> number, and the floor, a number."""
    found = _mapping(json.loads)(content)
    rows = [row for name, row in found.items() if name != "floor"]
    numbers = [found.get("floor", 0), *(value for row in rows if isinstance(row, dict) for value in row.values())]
    if not all(isinstance(row, dict) for row in rows) or not all(isinstance(each, int | float) for each in numbers):
        raise ValueError("not model -> column -> number")
    if not all(map(math.isfinite, numbers)):
        raise ValueError("not a finite number")
    return found


def _seeds(content: bytes) -> dict[Place, list[float]]:
    table = _table(content)
    found: dict[Place, list[float]] = {}
    for model, k, mse in zip(table["model"], table["k"], table["mse"], strict=True):
        found.setdefault((model, f"k = {k:.0f}"), []).append(mse)
    return found


def _kstep_losses(content: bytes) -> Losses:
    tensors, about = parse_tensors(content)
    columns = {f"k = {k}": k / about["block"] for k in about["horizons"]}
    rows = {(model, column): row for model, each in tensors.items() for column, row in zip(columns, each, strict=True)}
    return Losses((about["scored_on"], about["points"]), rows, columns)


def _token_losses(content: bytes) -> Losses:
    tensors, about = parse_tensors(content)
    rows = {(model, "test"): row for model, row in tensors.items()}
    return Losses((about["scored_on"], about["points"]), rows, {"test": 1})


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
