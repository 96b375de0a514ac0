"""Which columns of a table say when each row was: one of dates, dates and times apart, or year and month apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stepahead.core.errors import StepaheadError
from stepahead.sources.dates import Dates, are_times, is_named, look_like_dates, read_dates
from stepahead.sources.table import MISSING, Table

_PARTS = {
    "year": "year yr yyyy jahr año ano année annee anno 年 年份",
    "month": "month mon mm mo monat mes mois mese 月 月份",
    "quarter": "quarter qtr q quartal trimestre 季度",
    "day": "day dd dy dom tag día dia jour giorno 日",
    "yearday": "doy day_of_year yearday yday jday",
    "hour": "hour hr hh h stunde std hora heure ora hour_ending 时 小时",
    "minute": "minute minutes minuto",
}
_NAMES = {word: part for part, words in _PARTS.items() for word in words.split()}
_EXACT = ("second", "day", "month", "quarter", "year")
# What stands under such a name is a date, understood or not.
_SURELY_DATES = {"date", "datum", "datetime", "timestamp", "日期"}
COUNTED = 1000  # numbers that are all larger, under a name of dates, do not count steps from a start


@dataclass(frozen=True, eq=False)
class Timeline:
    """When each row was, and where that stands."""

    dates: Dates
    columns: tuple[int, ...]
    title: str
    """The names of these columns, for messages."""

    def cell(self, table: Table, row: int) -> str:
        """What stands there."""
        return " ".join(table.rows[row][i] for i in self.columns)

    @property
    def trend(self) -> int:
        """1 where the rows go on in time, −1 where they go back, 0 where neither or some share a time."""
        known = self.dates.times[~np.isnat(self.dates.times)]
        apart = np.diff(known).astype(int)
        return 0 if not len(apart) else int((apart > 0).all()) - int((apart < 0).all())


def find_timeline(
    table: Table, value: int | None, wanted: int | None, known: set[str], day_first: bool | None
) -> tuple[Timeline | None, set[int]]:
    """The columns that date the rows, and all columns that hold dates or parts of them.

    Of several, it is the first whose rows go on in time, or else go back; of several that do neither, the most exact.

    Args:
        value: the column that is wanted for its values, which is none of dates.
        wanted: the column of dates to take; None: as the table shows.
        known: names under which there are dates for sure.

    Raises:
        StepaheadError: there seem to be dates, and none are understood; or they can be read in two ways.
    """
    columns = [i for i in range(len(table.header)) if i != value]
    unclear: list[StepaheadError] = []
    found = []
    for i in columns:
        try:
            dates = _read(table, i, known, day_first)
        except StepaheadError as error:
            unclear.append(error)
            continue
        if dates:
            found.append(Timeline(dates, (i,), f"column {table.header[i]}"))
    clocks = [i for i in columns if are_times(table.cells(i))]
    parts = _parts(table, columns)
    used = {i for each in found for i in each.columns} | {*clocks, *parts.values()}
    for i in [i for i in columns if i == wanted or table.header[i] in known]:
        if i not in used:
            raise unclear[0] if unclear else _not_understood(table, i, day_first)
        found = [each for each in found if i in each.columns]
        break
    else:
        found += _from_parts(table, parts, day_first)
    found = [_with_time(table, each, [*clocks, *_times(table, columns, each)], parts) for each in found]
    found.sort(key=lambda each: (each.dates.rough, _EXACT.index(each.dates.resolution)))
    trends = [each.trend for each in found]
    if 1 in trends and -1 in trends:
        rising, falling = (found[trends.index(trend)].title for trend in (1, -1))
        raise StepaheadError(
            f"{table.file}: {rising} goes on in time and {falling} goes back; name the one that dates the rows with "
            "series.date"
        )
    if not found:
        if unclear:
            raise unclear[0]
        for i in columns:
            if i not in used and _seems_dated(table, i):
                raise _not_understood(table, i, day_first)
        return None, used
    chosen = next(each for trend in (1, -1, 0) for each in found if each.trend == trend)
    return chosen, used | {*chosen.columns}


def _read(table: Table, i: int, known: set[str], day_first: bool | None) -> Dates | None:
    name = table.header[i]
    index = i == 0 and not table.parts[i]
    unix = name.lower() == "t" and min(map(len, table.cells(i))) > 8
    digits = index or unix or name in known or is_named(name)
    return read_dates(table.cells(i), digits, day_first, f"{table.file}: column {name}")


def _parts(table: Table, columns: Sequence[int]) -> dict[str, int]:
    """The columns that hold a year, and those that hold a month, a day and so on beside it."""
    parts = {_NAMES[name]: i for i in reversed(columns) if (name := _lower(table.header[i])) in _NAMES}
    for i in columns if "year" in parts else ():  # M01 or Q01 under "period"
        letters = {cell[:1].lower() for cell in table.cells(i)}
        if _lower(table.header[i]) == "period" and letters in ({"m"}, {"q"}):
            parts.setdefault("month" if letters == {"m"} else "quarter", i)
    limits = {"year": 3000, "month": 12, "quarter": 4, "day": 31, "yearday": 366, "hour": 24, "minute": 59}
    return {part: i for part, i in parts.items() if all(_fits(cell, limits[part]) for cell in table.cells(i))}


def _lower(name: str) -> str:
    return name.lower().replace(" ", "_")


def is_part(name: str) -> bool:
    """Whether a column's name says that it holds dates, or a part of them."""
    return is_named(name) or _lower(name) in _NAMES


def _fits(cell: str, limit: int) -> bool:
    if cell.lower() in MISSING:
        return True
    number = re.fullmatch(r"[qQmM]?(\d{1,4})([.]0*)?", cell)
    return int(number[1]) <= limit if number else limit == 12 and bool(re.fullmatch(r"[A-Za-z]{3,9}\.?", cell))


def _from_parts(table: Table, parts: dict[str, int], day_first: bool | None) -> Iterator[Timeline]:
    def cells(part: str) -> list[str]:
        return [re.sub(r"^[QqMm](?=\d)|[.]0*$", "", cell) for cell in table.cells(parts[part])]

    if "year" not in parts:
        return
    forms = {("month", "day"): "{}-{}-{}", ("month",): "{}-{}", ("quarter",): "{}-Q{}", ("yearday",): "{}-1-1"}
    wanted = next((each for each in forms if all(part in parts for part in each)), None)
    if wanted is None:
        return
    columns = tuple(parts[part] for part in ("year", *wanted))
    texts = [forms[wanted].format(*each) for each in zip(*map(cells, ("year", *wanted)), strict=True)]
    dates = read_dates(texts, False, day_first, table.file)
    if dates is None:
        return
    times = dates.times
    if wanted == ("yearday",):
        days = [int(cell) - 1 if cell.isdecimal() else 0 for cell in cells("yearday")]
        times = times + np.array(days) * np.timedelta64(1, "D")
    yield Timeline(Dates(times, dates.resolution), columns, _title(table, columns))


def _times(table: Table, columns: Sequence[int], dated: Timeline) -> Iterator[int]:
    """Columns of times without colons, 0930 or 093000, beside dates that do not tell the rows apart."""
    for i in columns if not dated.trend else ():
        cells = table.cells(i) if i not in dated.columns and is_named(table.header[i]) else [""]
        if all(re.fullmatch(r"[0-2]\d[0-5]\d([0-5]\d)?", cell) for cell in cells):
            yield i


def _with_time(table: Table, dated: Timeline, clocks: Sequence[int], parts: dict[str, int]) -> Timeline:
    """The dates with the times of day that stand in a column of their own, if there is one."""
    if dated.dates.resolution != "day" or not (clocks or "hour" in parts):
        return dated
    i = clocks[0] if clocks else parts["hour"]
    days = dated.dates.labels(dated.dates.times)
    times = [re.sub(r"^(\d\d)(\d\d)(\d\d)?$", r"\1:\2:\3", cell).rstrip(":") for cell in table.cells(i)]
    minutes = table.cells(parts["minute"]) if "minute" in parts else ["0"] * len(days)
    times = [
        f"{int(float(time))}:{minute.partition('.')[0]:0>2}" if re.fullmatch(r"\d+([.]0*)?", time) else time
        for time, minute in zip(times, minutes, strict=True)
    ]
    texts = [f"{day} {time}".strip() for day, time in zip(days, times, strict=True)]
    dates = read_dates(texts, False, None, table.file)
    columns = (*dated.columns, i, *([parts["minute"]] if "minute" in parts else []))
    return Timeline(dates, columns, _title(table, columns)) if dates else dated


def _title(table: Table, columns: Sequence[int]) -> str:
    return f"columns {', '.join(table.header[i] for i in columns)}"


def _seems_dated(table: Table, i: int) -> bool:
    name, cells = table.header[i], [cell for cell in table.cells(i) if cell.lower() not in MISSING]
    numbered = is_named(name) and all(re.fullmatch(r"\d+([.]\d*)?([eE][+]?\d+)?", cell) for cell in cells)
    late = numbered and min(map(float, cells), default=0) > COUNTED
    return late or bool(cells and name.lower() in _SURELY_DATES) or look_like_dates(cells, name)


def _not_understood(table: Table, i: int, day_first: bool | None) -> StepaheadError:
    given = "" if day_first is None else f" with series.day_first={str(day_first).lower()}"
    line, cell = next((each for each in zip(table.lines, table.cells(i), strict=True) if each[1]), (table.lines[0], ""))
    return StepaheadError(
        f"{table.file} line {line}: column {table.header[i]} holds {cell!r}, which seems to be a date and is not "
        f"understood{given}; write dates as 2024-01-31 or 2024-01-31 23:59, or delete the column if it holds none"
    )
