"""params.yaml as frozen, validated config classes.

Each stage script defines its own config class, a dataclass whose fields are made by `param`. `load` fills it from
params.yaml and refuses a key that the stage's entry in dvc.yaml does not declare: DVC decides from that entry what
to run again, so an undeclared param would leave stale results behind without a word.
"""

import dataclasses
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from stepahead.core.errors import StepaheadError

Config = TypeVar("Config")
Rule = Callable[[Any], Any]
"""Takes a raw value, returns it in its proper type, or raises ValueError saying what is allowed."""


def param(key: str, rule: Rule) -> Any:
    """A config field read from the dotted `key` of params.yaml and checked by `rule`."""
    return dataclasses.field(metadata={"key": key, "rule": rule})


LARGEST = 10**9  # of a whole number: beyond it sizes overflow and runs never end


def integer(low: int, high: int = LARGEST) -> Rule:
    """A whole number from `low` to `high`; takes 8.0 and '08', which DVC's -S can write for 8."""
    allowed = f"a whole number, {low} or more, up to 1e9" if high == LARGEST else f"a whole number from {low} to {high}"

    def rule(value: Any) -> int:
        found = _as_float(value, allowed)
        if found != int(found) or not low <= found <= high:
            raise ValueError(allowed)
        return int(found)

    return rule


def number(*, low: float | None = None, above: float | None = None, high: float | None = None) -> Rule:
    """A finite number within the bounds (`above` excludes its own); takes '1e-05', which DVC's -S writes for 1e-5."""
    bounds = [
        *([f"{low:g} or more"] if low is not None else []),
        *([f"above {above:g}"] if above is not None else []),
        *([f"at most {high:g}"] if high is not None else []),
    ]
    allowed = " ".join(["a number", ", ".join(bounds)]).strip()

    def rule(value: Any) -> float:
        found = _as_float(value, allowed)
        too_low = (low is not None and found < low) or (above is not None and found <= above)
        if too_low or (high is not None and found > high):
            raise ValueError(allowed)
        return found

    return rule


def _as_float(value: Any, allowed: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(allowed)
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise ValueError(allowed) from None
    if not math.isfinite(found):
        raise ValueError(allowed)
    return found


def choice(*allowed: str) -> Rule:
    """One of the given words."""

    def rule(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return value

    return rule


def text(value: Any) -> str:
    """A non-empty string."""
    if not isinstance(value, str) or not value:
        raise ValueError("a non-empty text (in quotes, if it looks like a number)")
    return value


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def optional(rule: Rule) -> Rule:
    """null, or what `rule` takes."""

    def or_none(value: Any) -> Any:
        try:
            return None if value is None else rule(value)
        except ValueError as error:
            raise ValueError(f"null or {error}") from None

    return or_none


def list_of(rule: Rule, empty: bool = False) -> Rule:
    """A list (as a tuple) of distinct values, each of which `rule` takes; with `empty`, it may have none."""

    def each(value: Any) -> tuple[Any, ...]:
        try:
            items = tuple(rule(item) for item in value) if isinstance(value, list) else None
        except ValueError as error:
            raise ValueError(f"a list, each entry {error}") from None
        if items is None or not (items or empty) or len(set(items)) < len(items):
            raise ValueError(f"a list {'' if empty else 'of at least one entry, '}without repeats, such as [a, b]")
        return items

    return each


def table_of(rule: Rule) -> Rule:
    """A list of equally long lists (as tuples) of values, each of which `rule` takes."""

    def each(value: Any) -> tuple[tuple[Any, ...], ...]:
        lists = isinstance(value, list) and all(isinstance(row, list) for row in value)
        if not lists or not value or any(len(row) != len(value[0]) or not row for row in value):
            raise ValueError("a list of equally long rows, such as [[0.9, 0.1], [0.5, 0.5]]")
        try:
            return tuple(tuple(rule(item) for item in row) for row in value)
        except ValueError as error:
            raise ValueError(f"a list of rows, each value {error}") from None

    return each


def load(config_class: type[Config], root: Path = Path()) -> Config:
    """Fill `config_class` from params.yaml under `root`.

    The running stage is the one DVC names in DVC_STAGE, or else the module that `python -m stages.NAME` started.

    Raises:
        StepaheadError: a key is missing, unknown or not declared by the stage, or a value is not allowed.
    """
    try:
        values = dict(leaves(read_yaml(root / "params.yaml")))
    except RecursionError:
        raise StepaheadError("params.yaml holds itself, or brackets too deep; take its aliases (*name) out") from None
    pipeline = read_yaml(root / "dvc.yaml")
    stage = running_stage()
    fields = {f.name: f.metadata for f in dataclasses.fields(config_class)}  # type: ignore[arg-type]
    keys = {metadata["key"] for metadata in fields.values()}
    declared = declared_params(pipeline["stages"].get(stage, {}))
    for key in sorted(keys):
        if not _covers(declared, key):
            raise StepaheadError(
                f"stage {stage} reads the param {key}, which its entry in dvc.yaml does not declare; "
                f"add the line '- {key}' to params: of {stage} in dvc.yaml"
            )
    _check_keys(values, declared, keys, pipeline)
    return config_class(**{name: _checked(values, **metadata) for name, metadata in fields.items()})


def running_stage() -> str:
    """The name of the stage this process runs, without its matrix entry."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    name = os.environ.get("DVC_STAGE") or (spec.name.rpartition(".")[2] if spec else "")
    return name.partition("@")[0]


def declared_params(stage: dict[str, Any]) -> list[str]:
    """The dotted params.yaml keys in a stage's entry of dvc.yaml."""
    return [entry for entry in stage.get("params", []) if isinstance(entry, str)]


def declared_deps(root: Path = Path()) -> list[Path]:
    """The files in the running stage's entry of dvc.yaml, those in its folders included, as DVC sees them."""
    deps = [root / dep for dep in read_yaml(root / "dvc.yaml")["stages"].get(running_stage(), {}).get("deps", [])]
    inside = [path for dep in deps for path in sorted(dep.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    return [*(dep for dep in deps if not dep.is_dir()), *(path for path in inside if not path.name.startswith("."))]


def _checked(values: dict[str, Any], key: str, rule: Rule) -> Any:
    if key not in values:
        raise StepaheadError(f"params.yaml: {key} is missing; every key must stand there: git diff params.yaml")
    try:
        return rule(values[key])
    except ValueError as allowed:
        found = "null" if values[key] is None else repr(values[key])
        raise StepaheadError(
            f"params.yaml: {key} = {found}, but it must be {allowed}; edit params.yaml, or use -S {key}=…"
        ) from None


def _covers(declared: Iterable[str], key: str) -> bool:
    """Whether a dotted key or a section that holds it is among those declared."""
    return any(key == each or key.startswith(f"{each}.") for each in declared)


def _check_keys(values: dict[str, Any], declared: Sequence[str], read: set[str], pipeline: dict[str, Any]) -> None:
    """Refuse keys that no stage declares, and in a section declared whole here, those that are not read."""
    stages = pipeline["stages"].values()
    matrices = re.findall(r"\$\{([\w.]+)\}", str([stage.get("matrix") for stage in stages]))
    known = {key for stage in stages for key in declared_params(stage)} | set(matrices)
    for key in sorted(values):
        if _covers(known, key) and (key in read or not _covers(declared, key)):
            continue
        import difflib

        near = difflib.get_close_matches(key, known | read, n=1)
        hint = f"did you mean {near[0]}?" if near else "delete it, or declare it where a stage reads it."
        raise StepaheadError(f"params.yaml: {key} is no param that any stage in dvc.yaml reads; {hint}")


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a tree of params, each with its dotted key."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys and values in a YAML file.

    Raises:
        StepaheadError: it is missing, or holds something else.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, UnicodeDecodeError) as error:
        raise StepaheadError(f"{path.name} cannot be read ({error}); run from the project's folder") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2020-13-01
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", error)
        raise StepaheadError(f"{path.name}{where} is not valid YAML ({problem}); mend it") from None
    if not isinstance(tree, dict):
        raise StepaheadError(f"{path.name} must hold keys and values; git checkout {path.name} brings it back")
    return tree
