"""params.yaml as frozen, validated config classes.

Each stage script defines its own config class, a dataclass whose fields are made by `param`. `load` fills it from
params.yaml and refuses a key that the stage's entry in dvc.yaml does not declare: DVC decides from that entry what
to run again, so an undeclared param would leave stale results behind without a word.
"""

import dataclasses
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from stepahead.core.errors import StepaheadError
from stepahead.core.pipeline import ENTRY, Stage, declared, declared_params, files, read_stages
from stepahead.core.pipeline import read_yaml as read_yaml

Config = TypeVar("Config")
Rule = Callable[[Any], Any]
"""Takes a raw value, returns it in its proper type, or raises ValueError saying what is allowed."""


def param(key: str, rule: Rule) -> Any:
    """A config field read from the dotted `key` of params.yaml and checked by `rule`."""
    return dataclasses.field(metadata={"key": key, "rule": rule})


LONGEST_SHOWN = 200  # characters of a value in a message
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
    if isinstance(value, str) and not re.fullmatch(r"[-+.0-9eE]+", value):  # Python itself takes 1_0 and ٨
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


def label(value: Any) -> str:
    """A non-empty string, or a whole number as the name that it is: a column may be called 1, or 2020."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


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


def auto_or(rule: Rule) -> Rule:
    """auto, or what `rule` takes."""

    def or_auto(value: Any) -> Any:
        try:
            return value if value == "auto" else rule(value)
        except ValueError as error:
            raise ValueError(f"auto or {error}") from None

    return or_auto


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

    Raises:
        StepaheadError: a key is missing, unknown or not declared by the stage, or a value is not allowed.
    """
    tree = read_yaml(root / "params.yaml")
    _check_names(tree)
    values = dict(leaves(tree))
    stages = read_stages(root)
    stage = declared(stages)
    keys = {field.metadata["key"] for field in dataclasses.fields(config_class)}  # type: ignore[arg-type]
    for key in sorted(keys):
        if not covers(stage.params, key):
            raise StepaheadError(
                f"stage {stage.name} reads the param {key}, which its entry in dvc.yaml does not declare; "
                f"add {key} to params: of {stage.name} in dvc.yaml"
            )
    _check_keys(values, stage, keys, stages)
    _check_entries(values, stages)
    return _filled(config_class, values)


def load_of_command(config_class: type[Config], root: Path = Path()) -> Config:
    """As `load`, for a command: it is no stage, and declares nothing.

    Raises:
        StepaheadError: a key is missing, or a value is not allowed.
    """
    return _filled(config_class, dict(leaves(read_yaml(root / "params.yaml"))))


def _filled(config_class: type[Config], values: dict[str, Any]) -> Config:
    fields = dataclasses.fields(config_class)  # type: ignore[arg-type]
    return config_class(**{field.name: _checked(values, **field.metadata) for field in fields})


def declared_deps() -> list[Path]:
    """The files that the running stage depends on, those in its folders included, as DVC sees them."""
    return [Path(name) for name, _ in files(declared(read_stages()).deps)]


def _checked(values: dict[str, Any], key: str, rule: Rule) -> Any:
    if key not in values:
        raise StepaheadError(f"params.yaml: {key} is missing; every key must stand there: git diff params.yaml")
    try:
        return rule(values[key])
    except ValueError as allowed:
        found = _shown(values[key])
        raise StepaheadError(
            f"params.yaml: {key} = {found}, but it must be {allowed}; edit params.yaml, or use -S {key}=…"
        ) from None


def _shown(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def covers(declared: Iterable[str], key: str) -> bool:
    """Whether a dotted key or a section that holds it is among those declared."""
    return any(key == each or key.startswith(f"{each}.") for each in declared)


def _check_names(tree: Mapping[Any, Any], section: str = "") -> None:
    """Refuse a name with a dot, which is one name to a person, and to DVC a key in a section; and one DVC overlooks."""
    for name, value in tree.items():
        if name in ("size", "nfiles"):  # in dvc.lock it says so of files, and DVC's cache of runs leaves it out
            raise StepaheadError(
                f"params.yaml: DVC takes runs that differ only in a param called {name} for the same; "
                "give it a longer name, such as hidden_size"
            )
        if not isinstance(name, str) or "." in name:
            where = f"in {section}" if section else "at the top"
            raise StepaheadError(
                f"params.yaml: {where} stands {_shown(name)}, but a name is a text without dots; "
                "write a key of a section under the section's name"
            )
        if isinstance(value, Mapping):
            _check_names(value, f"{section}.{name}".strip("."))


def _check_keys(values: dict[str, Any], stage: Stage, read: set[str], stages: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse keys that no stage declares, and in a section declared whole here, those that are not read."""
    known = {key for each in stages.values() for key in declared_params(each)} | set(_matrices(stages))
    for key in sorted(values):
        if covers(known, key) and (key in read or not covers(stage.params, key)):
            continue
        import difflib

        who = f"{stage.name}, which declares its section," if covers(stage.params, key) else "any stage in dvc.yaml"
        near = difflib.get_close_matches(key, known | read, n=1)
        hint = f"did you mean {near[0]}?" if near else "delete it, or declare it where a stage reads it"
        raise StepaheadError(f"params.yaml: {key} is no param that {who} reads; {hint}")


def _check_entries(values: dict[str, Any], stages: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse an entry of a matrix that is no plain word, in each stage: DVC makes names and paths of it."""
    for key in _matrices(stages):
        entries = values.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if not ENTRY.fullmatch(str(entry)):
                raise StepaheadError(
                    f"params.yaml: {key} has the entry {_shown(entry)}, but an entry must be letters, digits and _; "
                    f"edit params.yaml, or use -S {key}=…"
                )


def _matrices(stages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The keys of params.yaml that list the entries of a matrix."""
    return re.findall(r"\$\{([\w.]+)\}", str([stage.get("matrix") for stage in stages.values()]))


def leaves(tree: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a tree of params, each with its dotted key."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
