"""Dates as people and programs write them: ISO, 31.12.2021, 12/31/21 5:00 PM, Jan 1990, 1990-Q1, Unix time."""

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.sources.table import MISSING

SAMPLE = 100  # cells from which the kind of a column is told
NEAR = 0.15  # of a step: how far, in years with decimals, months may be from where they were if all were equally long

_WORDS = "date dates datum datetime time timestamp ts ds dt day year yr jahr month monat period quarter week epoch unix"
_LOCAL = "fecha año ano année annee anno tag zeit datetimeutc mois mes mese woche semaine semana trimestre quartal hour"
_NAMED = {*_WORDS.split(), *_LOCAL.split()}
_AFTER = {"utc", "gmt", "local", "ms", "sec", "s", "start", "end", "begin", "from", "to"}  # words that may follow
_NAMED_CJK = re.compile("[日时時年月]")
MONTHS = [month.lower() for month in calendar.month_abbr[1:]]
_MONTHS = {month.lower() for month in calendar.month_name[1:]} | {"sept"}
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+)?"
_DATE = "|".join(
    [
        r"\d{4}(?P<a>[-/.])\d{1,2}(?P=a)\d{1,2}",  # 2020-01-05, 2020/1/5
        r"\d{1,2}(?P<b>[-/.])\d{1,2}(?P=b)\d{2,4}",  # 31.12.2021, 1/5/20
        r"\d{4}[-/]\d{1,2}|\d{1,2}[-/]\d{4}",  # 2020-01, 1/2020
        r"\d{4}年\d{1,2}月(?:\d{1,2}[日号])?",
        r"\d{4}[- :]?[qmw]\d{1,2}(?:-\d)?|q[1-4][-/ ]?\d{4}|[1-4]q[-/ ]?\d{4}",  # 1990-Q1, 1990M01, 2020-W05
        r"\d{1,2}[-. /]*[a-z]{3,9}\.?[-, /]*\d{2,4}",  # 5 Jan 1990
        r"[a-z]{3,9}\.?[-, /]+(?:\d{1,2},?[-, /]+)?\d{2,4}|[a-z]{3}\d{2,4}",  # Jan 5, 1990, Jan-90
        r"\d{4}[-. /]*[a-z]{3,9}\.?(?:[-. /]*\d{1,2})?",  # 1990 Jan
        r"\d{8}(?=[t ]\d)",
    ]
)
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?:\s*(?P<half>[ap])\.?m\.?)?"
_COMPACT = r"t(?P<hour2>\d{2})(?:(?P<minute2>\d{2})(?P<second2>\d{2})?)?"
_ZONE = r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?"
_CELL = re.compile(rf"{_WEEKDAY}(?P<date>{_DATE})(?:(?:[t\s]\s*|,\s*){_CLOCK}|{_COMPACT})?{_ZONE}")
_ONLY_CLOCK = re.compile(_CLOCK)
_FORMATS = {  # of what `_tokens` makes of a date, with how exact it is
    **dict.fromkeys(["%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%Y%m%d"], "day"),
    **dict.fromkeys(["%d-%b-%Y", "%b-%d-%Y", "%Y-%b-%d", "%d-%b-%y", "%G-w-%V-%u"], "day"),
    **dict.fromkeys(["%Y-%m", "%m-%Y", "%b-%Y", "%Y-%b", "%b-%y"], "month"),
    "%Y-q-%m": "quarter",
}
_DIGITS = {  # by the number of digits
    4: {"%Y": "year"},
    6: {"%Y%m": "month", "%y%m%d": "day"},
    8: {"%Y%m%d": "day", "%d%m%Y": "day", "%m%d%Y": "day"},
    10: {"%Y%m%d%H": "second"},
    12: {"%Y%m%d%H%M": "second"},
    14: {"%Y%m%d%H%M%S": "second"},
}
_UNIX = {9: 1e6, 10: 1e6, 12: 1e3, 13: 1e3, 15: 1, 16: 1, 18: 1e-3, 19: 1e-3}  # microseconds
_LIKE = re.compile(
    r".*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[12]\d{3}-\d{2,4}"
    r"|[^\W\d]{3,10}[ .,'’/-]+(?:[12]\d{3}|\d{2})|[12]\d{3}[ .,/-]+[^\W\d]{3,10}"
)


@dataclass(frozen=True, eq=False)
class Dates:
    """The dates of a column: times (n,) datetime64[us], NaT where a cell is no date, in UTC where `zoned`."""

    times: Array
    resolution: str
    """How exact they are: year, quarter, month, day or second."""
    zoned: bool = False
    rough: bool = False
    """Whether they come from years with decimals, which are some hours off."""

    def labels(self, times: Array) -> list[str]:
        """These times in ISO's form, as exact as the dates are."""
        if self.resolution == "quarter":
            months = times.astype("M8[M]").astype(int)
            return [f"{1970 + month // 12}-Q{month % 12 // 3 + 1}" for month in months.tolist()]
        rest = times.astype("M8[us]").astype(int)
        clock = next(unit for unit, size in (("m", 60_000_000), ("s", 1_000_000), ("us", 1)) if not (rest % size).any())
        unit = {"year": "Y", "month": "M", "day": "D", "second": clock}[self.resolution]
        zone = "Z" if self.zoned else ""
        return [f"{label.replace('T', ' ')}{zone}" for label in times.astype(f"M8[{unit}]").astype(str).tolist()]


def is_named(name: str) -> bool:
    """Whether a column's name says that it holds dates: only then are plain digits a year, a day or Unix time."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    while words and words[-1] in _AFTER:
        words.pop()
    return bool(_NAMED.intersection(words[-1:]) or _NAMED_CJK.search(name))


def read_dates(cells: Sequence[str], digits: bool, day_first: bool | None, where: str) -> Dates | None:
    """The dates in a column, or None where most cells are none.

    Args:
        digits: whether plain digits may be dates.
        day_first: of 5/1/2020: whether the 5 is the day; None: as the column shows.
        where: the column, in messages.

    Raises:
        StepaheadError: all are dates in two ways; or years of two digits can lie in two centuries.
    """
    filled = [cell for cell in cells if cell.lower() not in MISSING]
    sample = filled[:SAMPLE]
    where = f"{where} holds {filled[0]}" if filled else where
    if digits and _mostly(re.fullmatch(r"\d+([.]\d+)?", cell) for cell in sample):
        return _from_digits(cells, sample, day_first, where)
    if not _mostly(_CELL.fullmatch(cell.lower()) for cell in sample):
        return None
    if (plain := _iso(cells, sample)) is not None:
        return plain
    found = [_CELL.fullmatch(cell.lower()) for cell in cells]
    names = [_tokens(match["date"]) if match else "" for match in found]
    known = [name for name in names if name]
    formats = {form: exact for form, exact in _FORMATS.items() if _mostly(~np.isnat(_parsed(known[:SAMPLE], form)))}
    best = _best(names, formats, day_first, where)
    if best is None:
        return None
    days, resolution = best
    timed = any(match["hour"] or match["hour2"] for match in found if match)
    zoned = any(match["zone"] for match in found if match)
    seconds = [_seconds(match, zoned) if match else np.nan for match in found] if timed or zoned else [0.0] * len(cells)
    return Dates(_plus(days, seconds), "second" if timed else resolution, zoned)


def _iso(cells: Sequence[str], sample: Sequence[str]) -> Dates | None:
    """Dates that all look like 2020-01-31, or like 2020-01-31 23:59:59: what most large files have, in little time."""
    import pandas as pd

    like = "".join("0" if letter.isdecimal() else letter for letter in sample[0])
    if not re.fullmatch("0000-00-00([T ]00:00(:00)?)?", like) or set(map(len, cells)) != {len(like)}:
        return None
    times = pd.to_datetime(pd.Series(cells, dtype=object), format="ISO8601", errors="coerce").to_numpy("datetime64[us]")
    return None if np.isnat(times).any() else Dates(times, "day" if len(like) == 10 else "second")


def are_times(cells: Sequence[str]) -> bool:
    """Whether most cells hold a time of day."""
    return _mostly(_ONLY_CLOCK.fullmatch(cell.lower()) for cell in cells if cell)


def look_like_dates(cells: Sequence[str], name: str) -> bool:
    """Whether most cells seem to be dates of some kind, understood or not."""
    filled = [cell for cell in cells if cell.lower() not in MISSING][:SAMPLE]
    words = [cell for cell in filled if not re.fullmatch(r"[-+]?[\d.,]+([eE][-+]?\d+)?%?", cell)]
    if is_named(name) and _mostly(bool(re.search(r"\d", cell)) and cell in words for cell in filled):
        return True
    names = {word for cell in filled for word in re.findall(r"[^\W\d_]+", cell.lower())}
    return len(names) != 1 and _mostly(_LIKE.fullmatch(cell) for cell in filled)  # one name in all is no month's


def _mostly(understood: Iterable[object]) -> bool:
    """Whether more than half were understood: the rest are mistakes to complain about, not another kind of column."""
    found = [bool(each) for each in understood]
    return sum(found) > len(found) / 2


@lru_cache(maxsize=10_000)  # many rows share a day
def _tokens(date: str) -> str:
    """The numbers and names of a date, with - between them: a month's name cut to three letters, a quarter by its
    first month, a week by its first day."""
    found = [each[:3] if each in _MONTHS else each for each in re.findall(r"\d+|[a-z]+", date)]
    text = "-".join(found)
    if quarter := re.fullmatch(r"(?:(\d{4})-q|q)-([1-4])(?:-(\d{4}))?|()([1-4])-q-(\d{4})", text):
        year, number = "".join(each or "" for each in quarter.group(1, 3, 6)), quarter[2] or quarter[5]
        return f"{year}-q-{3 * int(number) - 2}"
    text = re.sub(r"^(\d{4})-m-(\d+)$", r"\1-\2", text)
    return f"{text}-1" if re.fullmatch(r"\d{4}-w-\d+", text) else text


def _parsed(names: Sequence[str], form: str) -> Array:
    import pandas as pd

    times = pd.to_datetime(pd.Series(names, dtype=object), format=form, errors="coerce")
    found: Array = times.to_numpy("datetime64[us]")
    return found


def _best(
    names: Sequence[str], formats: Mapping[str, str], day_first: bool | None, where: str
) -> tuple[Array, str] | None:
    """The dates in the form that most cells have, (n,) datetime64[us], and how exact they are."""
    if day_first is not None:
        first, second = ("d", "m") if day_first else ("m", "d")
        swapped = re.compile(rf"%{second}-?%{first}-?%[yY]")
        formats = {form: exact for form, exact in formats.items() if not swapped.fullmatch(form)}
    read = {form: _parsed(names, form) for form in formats}
    counts = {form: int((~np.isnat(times)).sum()) for form, times in read.items()}
    most = max(counts.values(), default=0)
    if not most:
        return None
    ways = {read[form].tobytes(): form for form in reversed(read) if counts[form] == most}
    steady = [form for form in ways.values() if _is_steady(read[form])]
    chosen = [*ways.values()] if len(ways) == 1 else steady
    if len(chosen) != 1:
        words = {"d": "day", "m": "month", "b": "month", "y": "year", "Y": "year", "H": "hour"}
        said = [" ".join(words[letter] for letter in re.findall("[A-Za-z]", form)) for form in sorted(ways.values())]
        raise StepaheadError(
            f"{where}, which can be {' or '.join(said)}; say which number is the day with series.day_first=true or "
            "false, or write dates as 2024-01-31"
        )
    form = chosen[0]
    if "%y" in form and (unclear := [y for y in read[form].astype("M8[Y]").astype(int) + 1970 if 2040 <= y <= 2068]):
        raise StepaheadError(
            f"{where}, and in years of two digits such as {unclear[0] % 100}, which may be {unclear[0] - 100} or "
            f"{unclear[0]}; write them with four digits"
        )
    return read[form], formats[form]


def _is_steady(times: Array) -> bool:
    """Whether the times come in equal steps of days or of months, up or down."""
    known = times[~np.isnat(times)].astype("M8[D]")
    months = known.astype("M8[M]")
    days = (known - months).astype(int)
    for steps in (np.diff(known), np.diff(months) if (days == days[0]).all() else np.array([])):
        if len(steps) and (steps == steps[0]).all() and steps[0].astype(int) != 0:
            return True
    return False


def _from_digits(cells: Sequence[str], sample: Sequence[str], day_first: bool | None, where: str) -> Dates | None:
    if _mostly(re.fullmatch(r"[12]\d{3}[.](0[1-9]|1[0-2])", cell) for cell in sample):  # 2020.01
        return _calendar([cell.replace(".", "") for cell in cells], {"%Y%m": "month"}, day_first, where)
    if _mostly(re.fullmatch(r"[12]\d{3}[.]\d*[1-9]\d*", cell) for cell in sample):  # 1958.2083
        return _decimal_years(cells)
    whole = [re.sub(r"[.]0*$", "", cell) for cell in cells]
    if _counts(whole):
        return None
    lengths = [len(cell) for cell in whole if cell.isdecimal()]
    if not lengths:
        return None
    usual = max(set(lengths), key=lengths.count)
    found = _calendar(whole, _DIGITS.get(usual, {}), day_first, where)
    if found is None and usual in _UNIX:
        scale = _UNIX[usual]
        fits = [cell.isdecimal() and _UNIX.get(len(cell)) == scale for cell in whole]
        none = np.iinfo(np.int64).min  # which is NaT
        times = [int(int(cell) * scale) if fit else none for cell, fit in zip(whole, fits, strict=True)]
        found = Dates(np.array(times).astype("M8[us]"), "second", True)
    return found


def _counts(cells: Sequence[str]) -> bool:
    """Whether these are 1, 2, 3, … with more and more digits, as no dates have."""
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    return len({*map(len, cells)}) > 1 and numbers == list(range(numbers[0], numbers[0] + len(cells)))


def _calendar(cells: Sequence[str], formats: Mapping[str, str], day_first: bool | None, where: str) -> Dates | None:
    """Dates of digits alone, where they fall into years from 1000 to 2999, or for a whole day from 1600 to 2200."""
    known = [cell for cell in cells if cell.isdecimal()]
    if 2 * len(known) <= sum(cell.lower() not in MISSING for cell in cells):
        return None
    plausible = {}
    for form, exact in formats.items():
        years = _parsed(known, form).astype("M8[Y]").astype(int) + 1970
        low, high = (1000, 2999) if exact == "year" else (1600, 2200)
        if _mostly((low <= years) & (years <= high)):
            plausible[form] = exact
    best = _best(cells, plausible, day_first, where)
    return Dates(*best) if best else None


def _decimal_years(cells: Sequence[str]) -> Dates | None:
    """Years with decimals: quarters or months where they come in such steps, or else days.

    None where there is one decimal, and no such step: 2000.1, 2000.2, … may be quarters.
    """
    values = np.array([float(cell) if re.fullmatch(r"[12]\d{3}([.]\d+)?", cell) else np.nan for cell in cells])
    known = values[np.isfinite(values)]
    for parts, resolution in ((1, "year"), (4, "quarter"), (12, "month")):
        steps = np.diff(known * parts)
        if len(steps) and np.abs(steps - np.rint(steps)).max() < NEAR and np.abs(steps).min() > 0.5:
            first = known[0] * parts
            offset = first - np.floor(first + NEAR)
            whole = np.rint(np.nan_to_num(values) * parts - offset).astype(int) * (12 // parts) - 12 * 1970
            times = whole.astype("M8[M]").astype("M8[us]")
            times[np.isnan(values)] = np.datetime64("NaT")
            return Dates(times, resolution, rough=True)
    if all(re.fullmatch(r"\d*[.]?\d?", cell) for cell in cells):
        return None
    years = np.nan_to_num(np.floor(values)).astype(int)
    starts, ends = ((years - 1970 + i).astype("M8[Y]").astype("M8[D]") for i in range(2))
    days = (values - years) * (ends - starts).astype(int)
    return Dates(_plus(starts.astype("M8[us]"), np.floor(days + 0.02) * 86400), "day", rough=True)


def _plus(times: Array, seconds: Sequence[float] | Array) -> Array:
    """(n,) datetime64[us], NaT where either is missing."""
    unknown = np.isnan(seconds)
    moved: Array = times + np.round(np.nan_to_num(seconds) * 1e6).astype("m8[us]")
    moved[unknown] = np.datetime64("NaT")
    return moved


def _seconds(match: re.Match[str], zoned: bool) -> float:
    """What a cell's clock and zone add to its day."""
    zone = match["zone"]
    if zoned and not zone:
        return np.nan
    hour, minute, second = (match[name] or match[f"{name}2"] for name in ("hour", "minute", "second"))
    seconds = _time_of_day(hour, minute, second, match["half"])
    if zone and zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
        seconds -= (1 if zone[0] == "+" else -1) * (3600 * hours + 60 * minutes)
    return seconds


def _time_of_day(hour: str | None, minute: str | None, second: str | None, half: str | None) -> float:
    """Seconds since midnight, 24:00 included; NaN where there is no such time."""
    h, m, s = int(hour or 0), int(minute or 0), float((second or "0").replace(",", "."))
    if half:
        h = h % 12 + 12 * (half == "p") if 1 <= h <= 12 else 99
    if h > 24 or m > 59 or s >= 61 or (h == 24 and (m or s)):
        return np.nan
    return 3600 * h + 60 * m + s
