"""What can be used by name: the entries of data/catalog.yaml, and a user's own files in data/local/."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from stepahead.core.errors import StepaheadError

Kind = Literal["text", "series"]


@dataclass(frozen=True)
class Source:
    """One entry of the catalogue; data/catalog.yaml says what each key means."""

    name: str
    kind: Kind
    title: str
    file: str
    addresses: tuple[str, ...]
    sha256: str | None
    """None for a live series: whoever fetches it records the one it had."""
    licence: str
    date_columns: tuple[str, ...] = ()
    value_column: str = ""
    unit: str = ""


# What each value, or each one in a list, must look like; a text has the keys of the first dict only.
_RULES = {
    "kind": "text|series",
    "title": ".+",
    "file": r"[A-Za-z0-9_][\w.-]*",  # no path
    "addresses": r"(https?|file|package)://\S+",
    "sha256": "[0-9a-f]{64}",
    "licence": ".+",
}
_TABLE_RULES = {"date_columns": "[^,]+", "value_column": "[^,]+", "unit": ".+"}
_LISTS = ("addresses", "date_columns")


def read_catalog(path: Path) -> dict[str, Source]:
    """The entries of the catalogue by name.

    Raises:
        StepaheadError: it cannot be read, or an entry lacks a key, has one too many or a value that is not allowed.
    """
    way_out = f"mend it, or bring the last commit's back with git checkout {path}"
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise StepaheadError(f"{path} cannot be read ({' '.join(str(error).split())}); {way_out}") from None
    if not isinstance(entries, dict):
        raise StepaheadError(f"{path} must hold entries by name; {way_out}")
    catalog = {}
    for name, entry in entries.items():
        try:
            catalog[str(name)] = _source(str(name), entry)
        except ValueError as error:
            raise StepaheadError(f"{path}: {name}: {error}; {way_out}") from None
    return catalog


def _source(name: str, entry: Any) -> Source:
    live = isinstance(entry, dict) and entry.get("kind") == "series"
    rules = _RULES | _TABLE_RULES if live else _RULES
    if not isinstance(entry, dict) or set(entry) != set(rules):
        raise ValueError(f"its keys must be {', '.join(rules)}")
    for key, rule in rules.items():
        values = entry[key] if key in _LISTS else [entry[key]]
        may_be_null = live and key == "sha256" and entry[key] is None
        fits = isinstance(values, list) and values and all(isinstance(v, str) and re.fullmatch(rule, v) for v in values)
        if not fits and not may_be_null:
            raise ValueError(f"{key} must {'be a list, each entry to' if key in _LISTS else ''} match {rule}")
    return Source(name, **entry | {key: tuple(entry[key]) for key in _LISTS if key in entry})


def find(
    catalog: Mapping[str, Source], name: str, kind: Kind, param: str, local: Path, others: Iterable[str] = ()
) -> Source:
    """The catalogue's entry of that name and kind.

    Raises:
        StepaheadError: there is none; it lists all that `param` takes: `others`, the entries and the files in `local`.
    """
    source = catalog.get(name)
    if source is not None and source.kind == kind:
        return source
    entries = [entry.name for entry in catalog.values() if entry.kind == kind]
    found = sorted(path.name for path in local.iterdir()) if local.is_dir() else []
    files = [file for file in found if _is_plain(file) and file != "README.md"]
    allowed = ", ".join([*others, *entries, *files[:20], *["…"][: len(files) > 20]])
    what = f"a {source.kind}, not a {kind}" if source else "not known"
    tracked = f" (for --queue or --temp also: git add {local / name})" if "." in name and _is_plain(name) else ""
    raise StepaheadError(f"{param} = {name!r} is {what}; use one of {allowed}, or put your file into {local}/{tracked}")


def local_file(name: str, local: Path, param: str, folders: bool = False) -> Path | None:
    """The user's file of that name in the folder `local`, or with `folders` a folder; None if there is none.

    Raises:
        StepaheadError: the name or a symbolic link leads out of the folder, or it is no ordinary file.
    """
    path, way_out = local / name, f"put your file into {local}/ and give its plain name"
    if not _is_plain(name):
        raise StepaheadError(f"{param} = {name!r} is not a plain file name; {way_out}")
    try:
        if not path.exists():
            return None
        if not path.resolve().is_relative_to(local.resolve()):
            raise StepaheadError(f"{param} = {name!r} is a link that leads out of {local}/; {way_out}")
        if not path.is_file() and not (folders and path.is_dir()):
            raise StepaheadError(f"{param} = {name!r} is not an ordinary file; {way_out}")
    except OSError as error:
        raise StepaheadError(f"{param} = {name!r} cannot be read ({error.strerror}); {way_out}") from None
    return path


def _is_plain(name: str) -> bool:
    return name.isprintable() and not name.startswith(".") and "/" not in name and "\\" not in name
