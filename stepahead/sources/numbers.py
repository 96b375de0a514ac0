"""Numbers as people and programs write them: 1.5, 1,5, 1.234,5, $1,234.50, 5.02%, 10.03M, −3, (3), 1e-5."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.sources.table import MISSING

DECIMALS = {"point": ".", "comma": ","}
TOO_LARGE = 1e50  # the square of its square soon overflows
FAR = 10  # standard deviations of the others

_SIGN = "[-+−–]?"
_UNIT = r"[A-Z]{0,2}[$€£¥₹₩₽₺₫]|USD|EUR|GBP|JPY|CNY|RMB|CHF|元"
_NUMBER = re.compile(
    rf"(?P<minus>[(])?(?P<sign>{_SIGN})\s*(?P<before>{_UNIT})?\s*(?P<inner>{_SIGN})"
    r"(?P<body>[0-9][0-9.,'’\s]*|[.,][0-9]+)(?P<exponent>[eE][-+−]?[0-9]+)?"
    rf"\s*(?P<scale>[kKMBT])?\s*(?P<after>%|{_UNIT})?(?(minus)[)])"
)
_EITHER = re.compile(r"-?[1-9][0-9]{0,2}[.][0-9]{3}")
_EXPONENT = {"": 0, "k": 3, "K": 3, "M": 6, "B": 9, "T": 12}
_MARK = re.compile(  # what programs write for no value
    r"-?(99+([.]9+|[.]0+|[.]25)?|1[eE][+]?(20|3[0-9])|8888+|7777+|3276[78]|214748364[78]|9[.]969\d*[eE][+]?36)([.]0+)?"
)


def _grammar(decimal: str, thousands: str) -> re.Pattern[str]:
    """Digits plain or in groups of three (the first ones of two, in India), then decimals."""
    between = (thousands, "['’]", r"\s")
    grouped = "|".join(rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}" for mark in between)
    return re.compile(rf"(?:[0-9]+|{grouped})(?:{decimal}[0-9]*)?|{decimal}[0-9]+")


_BODY = {"point": _grammar("[.]", ","), "comma": _grammar(",", "[.]")}


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of cells as numbers."""

    values: Array
    """(n,), NaN where there is no value or the cell is not understood, infinite where it is too large."""
    missing: Array
    """(n,) where a mark for no value stands."""
    unit: str = ""
    """The currency or % that the cells bear."""
    like: str = ""
    """What to say of a cell that does not bear what all others do."""
    decimal: str | None = None
    """The key of `DECIMALS` that the cells need, where they tell."""
    unsure: int | None = None
    """Where they do not and it matters: the first cell that is two numbers, one with a point and one with a comma."""

    @property
    def bad(self) -> Array:
        """(n,) where the cell is no number."""
        return np.isnan(self.values) & ~self.missing

    @property
    def mostly(self) -> bool:
        """Whether more cells are numbers than are not: the others are mistakes, not another kind of column."""
        return bool(np.isfinite(self.values).sum() > self.bad.sum())


def read_numbers(cells: Sequence[str], decimal: str | None, delimiter: str = ",") -> Numbers:
    """The cells as numbers.

    Args:
        decimal: a key of `DECIMALS`; None: as the column shows. A cell such as 1,234 shows nothing, nor does 1.234 in a
            file with semicolons, whose writer may use decimal commas.
        delimiter: of the file.
    """
    missing = np.array([cell.lower() in MISSING for cell in cells])
    if decimal != "comma" and delimiter != ";":
        plain = _plain(cells)
        if not (np.isnan(plain) & ~missing).any():
            told = any("." in cell and not _EITHER.fullmatch(cell) for cell in cells)
            return Numbers(_bounded(plain), missing, decimal="point" if told else None)
    found = [_NUMBER.fullmatch(cell) if not gone else None for cell, gone in zip(cells, missing, strict=True)]
    bodies = {i: m["body"].strip() for i, m in enumerate(found) if m}
    shown, unsure = (decimal, None) if decimal else _decide(bodies, delimiter)
    chosen = shown or "point"
    units = [m["before"] or m["after"] or "" if m else "" for m in found]
    unit = max(dict.fromkeys(filter(None, units)), key=units.count, default="")
    scale = next((m["scale"] for m in found if m and m["scale"]), "")
    values = np.array([_value(m, chosen) if m else np.nan for m in found])
    # 5 beside 5% may be 5 or 500 %, and 5 beside 5M too, while a currency may stand in the first row alone
    allowed = {unit} if unit == "%" else {unit, ""}
    fits = [m and each in allowed and bool(scale) == bool(m["scale"]) for m, each in zip(found, units, strict=True)]
    values[~np.array(fits, bool) & (values != 0)] = np.nan
    like = f" like the others, in {unit or scale}" if unit or scale else ""
    return Numbers(_bounded(values), missing, unit, like, shown, unsure)


def _bounded(values: Array) -> Array:
    return np.where(np.abs(values) >= TOO_LARGE, np.copysign(np.inf, values), values)


def _plain(cells: Sequence[str]) -> Array:
    import pandas as pd

    values: Array = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(float)
    return values


def _decide(bodies: Mapping[int, str], delimiter: str) -> tuple[str | None, int | None]:
    """The mark that more of the cells need which allow only one; or a cell, where none does and it matters."""
    point, comma = ({i for i, body in bodies.items() if _BODY[mark].fullmatch(body)} for mark in DECIMALS)
    if point != comma:
        return ("comma" if len(comma - point) > len(point - comma) else "point"), None
    unsure = [i for i in sorted(point) if "," in bodies[i] or ("." in bodies[i] and delimiter == ";")]
    return None, unsure[0] if unsure else None


def _value(match: re.Match[str], decimal: str) -> float:
    body = match["body"].strip()
    if not _BODY[decimal].fullmatch(body):
        return np.nan
    digits = re.sub(r"['’\s,]" if decimal == "point" else r"['’\s.]", "", body).replace(",", ".")
    exponent = int((match["exponent"] or "e0")[1:].replace("−", "-")) + _EXPONENT[match["scale"] or ""]
    negative = [match["minus"] or "", match["sign"], match["inner"]]
    sign = -1 if any(each in "(-−–" for each in negative if each) else 1
    return sign * float(f"{digits}e{exponent}")


def outliers(values: Array) -> list[str]:
    """What to say where the least or the largest value comes three times or more, far away from all others."""
    told = []
    for value in (np.nanmin(values), np.nanmax(values)):
        others = values[np.isfinite(values) & (values != value)]
        count = int((values == value).sum())
        if count > 2 and others.size and np.abs(others - value).min() > FAR * others.std() > 0:
            told.append(f"{value:g} comes {count} times, far from all other values: does it stand for no value?")
    return told


def marks(cells: Sequence[str], values: Array) -> Array:
    """Where a number such as −99.99 or 9999 stands for no value (n,): it looks like such a mark, and lies far from all
    others: beyond them by more than ten standard deviations, or by more than their largest step."""
    looks = np.array([bool(_MARK.fullmatch(cell.replace("−", "-"))) for cell in cells]) & np.isfinite(values)
    others = values[np.isfinite(values) & ~looks]
    if not looks.any() or len(others) < 3:
        return np.zeros(len(values), bool)
    away = np.maximum(others.min() - values, values - others.max())
    far: Array = (away > FAR * others.std()) | (away > np.abs(np.diff(others)).max())
    return far & looks
