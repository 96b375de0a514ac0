"""Which rows of a table are the series, and in what order: no totals, one series of a stack, oldest first."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.sources.dates import are_times
from stepahead.sources.numbers import Numbers
from stepahead.sources.spacing import without_summer_time
from stepahead.sources.table import Problems, Table, listed
from stepahead.sources.timeline import Timeline, is_part

ORDERS = ("oldest_first", "newest_first", "by_date")
SUMMED = 8  # rows from which it is no chance that the last one is the sum of all others
MOST_NAMES = 3  # rows of each name, at the least, for a column of words to be one of names
FEW = 0.05  # of the rows may share a time before the table is a stack of series: an hour that comes twice, a mistake

_IDS = {"unique_id", "series_id", "item_id"}  # names that only the series of a stack would be given
_NAMES = {*_IDS, "id", "name", "series", "ticker", "symbol", "item", "product", "store", "station", "country", "city"}
_TOTAL = re.compile("(grand |sub)?total.*|sum|summe|gesamt.*|somme|average|mean|mittelwert|合计|总计|平均.*", re.I)


@dataclass(frozen=True, eq=False)
class Clock:
    """When the rows of a series were, in their order: on a clock that goes on evenly, and as they are shown, which
    differs by the hour of summer time."""

    times: Array
    shown: Array


def without_totals(
    table: Table, timeline: Timeline | None, value: int, numbers: Numbers, notes: list[str]
) -> list[int]:
    """The rows without empty ones, and without totals and remarks at the end, which are noted.

    Raises:
        StepaheadError: nothing dates the rows, and the last value is the sum of all others.
    """
    dates = timeline.dates.times if timeline else None
    rows = [i for i, row in enumerate(table.rows) if dates is None or any(row)]
    while len(rows) > 1 and (dates is None or np.isnat(dates[rows[-1]])):
        *before, last = rows
        cells, number = table.rows[last], numbers.values[last]
        undated = timeline is not None and not any(re.search(r"\d", cells[i]) for i in timeline.columns)
        total = any(map(_TOTAL.fullmatch, cells)) or (undated and _is_sum(numbers.values[before], number))
        remark = timeline is not None and numbers.missing[last]
        if not total and not remark:
            break
        text = next((cell for cell in cells if cell), "")
        notes.append(f"line {table.lines[last]} ({text[:30]}), a {'total' if total else 'remark'}, left out")
        rows = before
    if dates is None and _is_sum(numbers.values[rows[:-1]], numbers.values[rows[-1]]):
        raise StepaheadError(
            f"{table.file} line {table.lines[rows[-1]]}: {table.rows[rows[-1]][value]} is the sum of all values above "
            "it; delete the line"
        )
    return rows


def _is_sum(values: Array, last: float) -> bool:
    return bool(np.isclose(values[np.isfinite(values)].sum(), last, rtol=1e-6, atol=0)) and len(values) >= SUMMED


def blocks(table: Table, other: Iterable[int]) -> list[str]:
    """What to say where a column of words has each of its names in one block of rows, as a stack of series would.

    Raises:
        StepaheadError: and the column's name says that it names series.
    """
    told = []
    for i in range(len(table.header)):
        names = [name for name, _ in groupby(table.cells(i))]
        words = not any(re.search(r"\d", name) for name in names)
        if i not in other and words and 1 < len(names) == len(set(names)) <= len(table.rows) / MOST_NAMES:
            if table.header[i].lower() in _NAMES:
                raise _stacked(table, i, names)
            what = f"column {table.header[i]} has {listed(names)}, each in one block of rows, taken as one series"
            told.append(f"{what}; series.id={names[0]} takes one")
    return told


def _stacked(table: Table, i: int, names: Sequence[str]) -> StepaheadError:
    return StepaheadError(
        f"{table.file} holds {len(names)} series, one below the other (column {table.header[i]}: {listed(names)}); "
        f"choose one with series.id={names[0]}"
    )


def stacked_by(table: Table, times: Sequence[object], columns: Iterable[int]) -> list[int]:
    """The columns, of these, that name the series of a stack: each has few names, and tells rows of one time apart."""
    counts = Counter(time for time in times if time not in (None, ""))
    shared = sum(count for count in counts.values() if count > 1)
    most = max(counts.values(), default=1) if shared > FEW * len(times) else 1
    found = []
    for i in columns:
        cells = table.cells(i)
        names = set(cells)
        if table.header[i].lower() in _IDS and len(names) > 1:
            return [i]
        # numbers that name are as many as the rows of one time; the values of a second column would be more
        right = len(names) == most or not all(cell[-1:].isdecimal() for cell in names)
        if (
            most > 1
            and right
            and 1 < len(names) <= len(cells) / 2
            and len(set(zip(cells, times, strict=True))) == len(cells)
        ):
            if is_part(table.header[i]) or are_times([cells[0][:5]]):
                raise StepaheadError(
                    f"{table.file} line {table.lines[0]}: column {table.header[i]} holds {cells[0]!r}, which seems to "
                    "be part of a date and is not understood; write date and time in one column, as 2024-01-31 23:59"
                )
            found.append(i)
    return found


def one_series(
    table: Table, timeline: Timeline | None, stacks: Sequence[int], rows: list[int], wanted: str | None
) -> list[int]:
    """The rows of the series of that name in a stack of series, or all rows of a table that is none.

    Args:
        stacks: the columns that name the series, as `stacked_by` finds them.

    Raises:
        StepaheadError: it is a stack and no name is given; no row has the name; or rows of one time stay many.
    """
    named = {i: list(dict.fromkeys(table.rows[row][i] for row in rows)) for i in stacks}
    if wanted is not None:
        columns = [i for i in range(len(table.header)) if timeline is None or i not in timeline.columns]
        matches = {i: tuple(row for row in rows if table.rows[row][i] == wanted) for i in columns}
        chosen = {matches[i] for i in (stacks or columns) if matches[i]} or set(filter(None, matches.values()))
        if not chosen:
            names = listed(name for each in named.values() for name in each)
            way_out = f"choose from {names}" if names else "no column seems to hold names of series"
            raise StepaheadError(f"{table.file}: no row has series.id = {wanted!r}; {way_out}")
        if len(chosen) > 1:
            titles = listed(table.header[i] for i, each in matches.items() if each)
            raise StepaheadError(
                f"{table.file}: series.id = {wanted!r} stands in several columns ({titles}); delete all but one of them"
            )
        rows = list(chosen.pop())
    elif stacks:
        raise _stacked(table, stacks[0], named[stacks[0]])
    _check_apart(table, timeline, rows, "" if wanted else "choose one of several series with series.id, ")
    return rows


def _check_apart(table: Table, timeline: Timeline | None, rows: list[int], way_out: str) -> None:
    """Refuse dates that do not tell most rows apart."""
    if timeline is None:
        return
    known = [row for row in rows if not np.isnat(timeline.dates.times[row])]
    times = timeline.dates.times[known]
    _, first, counts = np.unique(times, return_index=True, return_counts=True)
    if 2 * counts[counts > 1].sum() > len(rows):
        same = [known[i] for i in np.flatnonzero(times == times[min(first[counts > 1])])]
        lines = f"{', '.join(str(table.lines[row]) for row in same[:3])}{' …' * (len(same) > 3)}"
        raise StepaheadError(
            f"{table.file} has several rows of one time ({timeline.title}: {timeline.cell(table, same[0])} in "
            f"{len(same)} rows, lines {lines}); {way_out}keep the rows of one, or delete the dates to take the rows as "
            "they stand"
        )


def in_order(
    table: Table, timeline: Timeline | None, rows: list[int], order: str, problems: Problems, notes: list[str]
) -> tuple[list[int], Clock | None]:
    """The rows, oldest first, and when they were.

    Where the clocks are put back, an hour of local time comes twice; where they are put forward, one is missing.

    Args:
        order: oldest_first: the rows must be so; newest_first: they are turned round; by_date: sorted.

    Raises:
        StepaheadError: the rows run the other way, or this way and that.
    """
    if timeline is None:
        if order == "by_date":
            raise StepaheadError(f"{table.file} has no dates to sort by; use series.order=oldest_first or newest_first")
        return (rows[::-1] if order == "newest_first" else rows), None
    unknown = [row for row in rows if np.isnat(timeline.dates.times[row])]
    for row in unknown:
        found = f": {timeline.title} holds {timeline.cell(table, row)!r}, which is not a date like the others"
        problems.add(table.lines[row], found, "mend it or delete the line")
    if unknown:
        return rows, None
    times = timeline.dates.times[rows]
    ways = {way: _clock(shown, timeline) for way, shown in (("oldest_first", times), ("newest_first", times[::-1]))}
    rising = {way: bool((np.diff(clock.times).astype(int) >= 0).all()) for way, clock in ways.items()}
    if order == "by_date":
        order = "newest_first" if rising["newest_first"] and not rising["oldest_first"] else "oldest_first"
        if not rising[order]:
            rows = [rows[i] for i in np.argsort(times, kind="stable")]
            ways[order] = _clock(timeline.dates.times[rows], timeline)
    elif not rising[order]:
        raise _not_in_order(table, timeline, rows, order, any(rising.values()))
    if order == "newest_first":
        rows = rows[::-1]
    clock = ways[order]
    if twice := int((np.diff(clock.shown).astype(int) < np.diff(clock.times).astype(int)).sum()):
        notes.append(f"an hour of local time that comes twice is taken as the end of summer time ({twice} such)")
    for i in np.flatnonzero(np.diff(clock.times).astype(int) == 0):
        again = f"has {timeline.cell(table, rows[i])} a second time (first in line {table.lines[rows[i]]})"
        problems.add(table.lines[rows[i + 1]], f": {timeline.title} {again}", "delete one of them")
    return rows, clock


def _clock(shown: Array, timeline: Timeline) -> Clock:
    even = timeline.dates.resolution == "second" and not timeline.dates.zoned
    return Clock(without_summer_time(shown) if even else shown, shown)


def _not_in_order(table: Table, timeline: Timeline, rows: list[int], order: str, turned: bool) -> StepaheadError:
    cells = {row: timeline.cell(table, row) for row in rows}
    first, last = rows[0], rows[-1]
    if turned:
        other = "newest" if order == "oldest_first" else "oldest"
        return StepaheadError(
            f"{table.file} has its {other} row first ({cells[first]} in line {table.lines[first]}, {cells[last]} in "
            f"line {table.lines[last]}); use series.order={other}_first"
        )
    apart = np.diff(timeline.dates.times[rows]).astype(int) * (1 if order == "oldest_first" else -1)
    wrong = np.flatnonzero(apart < 0).tolist()
    pairs = [(rows[i], rows[i + 1]) for i in wrong[:3]]
    where = ", ".join(f"line {table.lines[row]}: {cells[row]} after {cells[before]}" for before, row in pairs)
    more = f" and {len(wrong) - 3:,} more" if len(wrong) > 3 else ""
    return StepaheadError(
        f"{table.file} is not in order of time by {timeline.title} ({where}{more}); mend the dates, or use "
        "series.order=by_date, which sorts the rows"
    )
