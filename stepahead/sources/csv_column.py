"""One column of numbers in a CSV file, with its dates, oldest first: what is not plain is refused or told."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.sources.dates import is_named
from stepahead.sources.numbers import DECIMALS, Numbers, marks, outliers, read_numbers
from stepahead.sources.rows import ORDERS, Clock, blocks, in_order, one_series, stacked_by, without_totals
from stepahead.sources.spacing import FILLS, UNITS, Spacing, duration, fill_times, fill_values, spacing, with_article
from stepahead.sources.table import DELIMITERS, Problems, Table, listed, read_table
from stepahead.sources.timeline import Timeline, find_timeline
from stepahead.sources.wide import gathered

__all__ = ["COLUMN", "DECIMALS", "DELIMITERS", "FILLS", "ORDERS", "Column", "Reading", "read_column"]

COLUMN = "series.column"
SHOWN = 40  # characters of a cell in a message
MOST_FILLED = 3  # times as many values as there are: more tells of a wrong date
FILL_IN = "use series.fill=skip, previous, linear or seasonal"

_COUNTERS = {"t", "index", "idx", "no", "nr", "row", "step", "n", "obs", "#"}


@dataclass(frozen=True)
class Reading:
    """How to read a file: the params of the section series that say so. None: as the file shows."""

    column: str | None = None
    date: str | None = None
    id: str | None = None
    order: str = "oldest_first"
    fill: str = "refuse"
    delimiter: str | None = None
    decimal: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True, eq=False)
class Column:
    """What a file says: values (T,), oldest first, and the dates beside them in ISO's form."""

    values: Array
    dates: list[str] | None
    name: str
    """Of the column of values."""
    unit: str = ""
    """A currency or %, where the cells bear it."""
    spacing: str = ""
    """One step, such as day, weekday, month; empty where it is unknown or the steps differ."""
    season: int | None = None
    """Steps in the next longer of day, week and year, where the spacing is known."""
    filled: int = 0
    """How many of the values were filled in."""
    notes: list[str] = field(default_factory=list)
    """What was found and done on the way, for whoever runs it."""


def read_column(content: bytes, file: str, reading: Reading = Reading(), date_columns: Iterable[str] = ()) -> Column:
    """The values of a column of a CSV file, or of the only numeric one, oldest first.

    Args:
        file: the name to give in messages.
        date_columns: names under which the dates may stand; other columns of dates are found by their cells.

    Raises:
        StepaheadError: the file is no table with a header; a column is unknown, or several may be meant; a value or
            date is missing or not understood; the rows are not in order or leave gaps; all values are the same. It
            counts what is wrong and names the first lines.
    """
    table, value = read_table(content, file, reading.delimiter), None
    if reading.column not in table.header:
        table, value = gathered(table)
    numbers = _numbers_of(table, reading.decimal)
    _check_separated(table, numbers)
    if reading.column is not None:
        value = _named(table, reading.column, COLUMN)
    dated = None if reading.date is None else _named(table, reading.date, "series.date")
    timeline, used = find_timeline(table, value, dated, {each.strip() for each in date_columns}, reading.day_first)
    counters = [] if timeline else [i for i in range(len(table.header)) if i != value and _is_counter_name(table, i)]
    times = timeline.dates.times.tolist() if timeline else table.cells(counters[0]) if counters else []
    stacks = stacked_by(table, times, [i for i in range(len(table.header)) if i not in {value, *used, *counters}])
    if value is None:
        value = _value_column(table, numbers, {*used, *stacks, *(counters if stacks else ())})
    notes: list[str] = []
    problems = Problems(file)
    rows = without_totals(table, timeline, value, numbers(value), notes)
    rows = one_series(table, timeline, stacks, rows, reading.id)
    notes += blocks(table.only(rows), {value, *used})
    rows, clock = in_order(table, timeline, rows, reading.order, problems, notes)
    if timeline is None:
        if used:
            titles = listed(table.header[i] for i in sorted(used))
            notes.append(f"column {titles} holds times without a day, so the order of the rows is not checked")
        _check_counter(table, value, numbers, rows, notes)
    values = _values(table, value, numbers(value), rows, reading, problems)
    problems.check()
    if np.isnan(values).all():
        raise StepaheadError(f"{file}: column {table.header[value]} has no value in any row; take another {COLUMN}")
    notes += outliers(values)
    column = Column(values, None, table.header[value], numbers(value).unit, notes=notes)
    if timeline and clock:
        column = _evenly(table.only(rows), timeline, clock, column, reading.fill)
    else:
        column = _filled(file, column, reading.fill)
    if np.ptp(column.values) == 0:
        raise StepaheadError(
            f"{file}: column {column.name} is {column.values[0]:g} in every row (lines {table.lines[rows[0]]} to "
            f"{table.lines[rows[-1]]}), so there is nothing to predict; take another {COLUMN}"
        )
    return column


def _check_separated(table: Table, numbers: Callable[[int], Numbers]) -> None:
    if len(table.header) == 1 and not numbers(0).mostly:
        first = int(np.argmax(numbers(0).bad))
        line, cell = table.lines[first], table.cells(0)[first]
        raise StepaheadError(
            f"{table.file} line {line}: {cell[:SHOWN]!r} is one cell and no number; name what separates cells with "
            "series.delimiter, and delete what stands above the header"
        )


def _named(table: Table, name: str, param: str) -> int:
    """The column of that name, or the one that has it among the words of a header of several lines."""
    found = [i for i, each in enumerate(table.header) if each == name]
    found = found or [i for i, words in enumerate(table.parts) if name in words]
    if len(found) == 1:
        return found[0]
    wanted = f"{param} = {name!r}"
    if found:
        columns = listed(table.header[i] for i in found)
        raise StepaheadError(f"{table.file} has {len(found)} columns for {wanted} ({columns}); name one of these")
    raise StepaheadError(f"{table.file}: no column is {wanted}; the file has {listed(table.header)}")


def _numbers_of(table: Table, decimal: str | None) -> Callable[[int], Numbers]:
    """The numbers of a column, read when first asked for; the mark of the decimals may be told by another column.

    Raises:
        StepaheadError: a number can be two, and no column tells.
    """

    @cache
    def alone(i: int) -> Numbers:
        return read_numbers(table.cells(i), decimal, table.delimiter)

    @cache
    def numbers(i: int) -> Numbers:
        if (unsure := alone(i).unsure) is None:
            return alone(i)
        told = {alone(k).decimal for k in range(len(table.header)) if alone(k).mostly} - {None}
        if len(told) == 1:
            return read_numbers(table.cells(i), told.pop(), table.delimiter)
        cell = table.cells(i)[unsure]
        point, comma = (read_numbers([cell], mark, table.delimiter).values[0] for mark in DECIMALS)
        raise StepaheadError(
            f"{table.file} line {table.lines[unsure]}: column {table.header[i]} holds {cell!r}, which is {point:.12g} "
            f"or {comma:.12g}; say what the decimals follow with series.decimal=point or series.decimal=comma"
        )

    return numbers


def _value_column(table: Table, numbers: Callable[[int], Numbers], used: set[int]) -> int:
    """The only column of numbers beside dates, counters and those that never change."""
    columns = [i for i in range(len(table.header)) if i not in used]
    found = [i for i in columns if numbers(i).mostly]
    changing = [i for i in found if np.ptp(numbers(i).values[np.isfinite(numbers(i).values)]) > 0]
    found = changing if len(changing) == 1 else found
    if len(found) > 1:
        found = [i for i in found if not _counts(table, i, numbers(i).values)] or found
    if len(found) == 1:
        return found[0]
    names = listed(table.header[i] for i in found or range(len(table.header)))
    if found:
        raise StepaheadError(f"{table.file} has {len(found)} columns of numbers ({names}); name one with {COLUMN}")
    for i in columns:
        for k in np.flatnonzero(numbers(i).bad).tolist():
            if re.search(r"\d", cell := table.rows[k][i]):
                raise StepaheadError(
                    f"{table.file} line {table.lines[k]}: column {table.header[i]} holds {cell[:SHOWN]!r}, which is no "
                    "number, like most of its cells, and no other column holds numbers; write them as 1234.5"
                )
    raise StepaheadError(f"{table.file} has no column of numbers (it has {names}); use a file with one")


def _counts(table: Table, i: int, values: Array) -> int:
    """1 or −1 where a column counts the rows, up or down, by its name or as the first one from 0 or 1; else 0."""
    if len(values) < 2 or not np.isfinite(values).all():
        return 0
    steps = np.diff(values)
    counts = i == 0 and bool((np.abs(steps) == 1).all()) and min(values[0], values[-1]) in (0, 1)
    return int((steps > 0).all()) - int((steps < 0).all()) if counts or _is_counter_name(table, i) else 0


def _is_counter_name(table: Table, i: int) -> bool:
    name = table.parts[i][0].lower() if table.parts[i] else ""
    return not name or name in _COUNTERS or is_named(name)


def _check_counter(
    table: Table, value: int, numbers: Callable[[int], Numbers], rows: list[int], notes: list[str]
) -> None:
    """Where a column counts the rows, it must count upwards.

    Raises:
        StepaheadError: it counts down.
    """
    for i in range(len(table.header)):
        counted = numbers(i).values[rows] if i != value and numbers(i).mostly else np.empty(0)
        way = _counts(table, i, counted)
        if way < 0:
            raise StepaheadError(
                f"{table.file}: column {table.header[i]} counts down from {counted[0]:g} to {counted[-1]:g}, so the "
                "newest row seems to be first; use series.order=newest_first, or delete the column"
            )
        if way and np.median(np.diff(counted)) == 1 and (left_out := int(counted[-1] - counted[0]) + 1 - len(counted)):
            notes.append(f"column {table.header[i]} counts the rows and leaves {left_out:,} out")


def _values(table: Table, value: int, numbers: Numbers, rows: list[int], reading: Reading, problems: Problems) -> Array:
    """The values of those rows, NaN where one is missing and is to be filled in."""
    cells = table.cells(value)
    found, missing = numbers.values[rows], numbers.missing[rows]
    marked = marks([cells[row] for row in rows], found)
    for i in np.flatnonzero(marked | ~np.isfinite(found)).tolist():
        cell = cells[rows[i]]
        if (missing[i] or marked[i]) and reading.fill != "refuse":
            continue
        if marked[i]:
            what, way_out = f"holds {cell}, which seems to stand for no value", FILL_IN
        elif missing[i]:
            what, way_out = f"has no value ({cell!r})", f"fill it in or delete the line, or {FILL_IN}"
        elif np.isnan(found[i]):
            what, way_out = f"holds {cell!r}, which is not a number{numbers.like}", "mend it or delete the line"
        else:
            what, way_out = f"holds {cell!r}, which must be finite and below 1e50", "mend it"
        problems.add(table.lines[rows[i]], f": column {table.header[value]} {what}", way_out)
    return np.where(marked, np.nan, found)


def _evenly(table: Table, timeline: Timeline, clock: Clock, column: Column, fill: str) -> Column:
    """The column with its dates, and with the steps that are missing filled in, where `fill` says so.

    Raises:
        StepaheadError: steps are missing and `fill` is refuse; or they cannot be filled in.
    """
    values, times, shown = column.values, clock.times, clock.shown
    if fill == "skip":
        kept = np.isfinite(values)
        table = table.only(np.flatnonzero(kept).tolist())
        values, times, shown = values[kept], times[kept], shown[kept]
    spaced = spacing(times)
    notes = [*column.notes, *_told(table, timeline, spaced, times, shown)]
    if len(spaced.gaps) and fill == "refuse" and not spaced.holidays:
        raise StepaheadError(f"{table.file}: {notes[-1]}; {FILL_IN}")
    if len(spaced.gaps) and fill not in ("refuse", "skip"):
        if spaced.gaps.sum() > MOST_FILLED * len(values):
            raise StepaheadError(f"{table.file}: {notes[-1]}, which is too much to fill in; look for a wrong date")
        steps = np.concatenate([[0], spaced.steps])
        even = np.full(int(steps.sum()) + 1, np.nan)
        even[np.cumsum(steps)] = values
        summer = np.repeat(shown - times, np.append(spaced.steps, 1))
        values, shown = even, fill_times(times, spaced) + summer
    column = replace(column, values=values, spacing=spaced.unit, season=spaced.season, notes=notes)
    return _filled(table.file, replace(column, dates=timeline.dates.labels(shown)), fill)


def _told(table: Table, timeline: Timeline, spaced: Spacing, times: Array, shown: Array) -> list[str]:
    """What to say of the spacing; of its gaps last."""
    told = []
    if spaced.late and not spaced.unit:
        apart = np.diff(times).astype(int).tolist()
        told.append(f"the steps differ: from {duration(min(apart))} to {duration(max(apart))}; each counts as one")
    elif spaced.late:
        told.append(
            f"{spaced.late:,} of {len(times):,} rows come early or late for a step of {with_article(spaced.unit)}"
        )
    if spaced.opening is not None and spaced.unit != "weekday":
        closed = f"{(~spaced.opening).sum():,} of the {len(spaced.opening):,} times of the week"
        told.append(f"there is never a row at {closed}, which are no gaps (a step is {with_article(spaced.unit)})")
    if len(spaced.gaps):
        longest = int(np.argmax(spaced.steps))
        gaps, missing = len(spaced.gaps), int(spaced.gaps.sum())
        unit = f"{spaced.unit}{'s' * (missing > 1)}" if spaced.unit in UNITS else f"steps of {spaced.unit}"
        holidays = ", taken as holidays" if spaced.holidays else ""
        told.append(
            f"{gaps:,} gap{'s' * (gaps > 1)}{holidays}: {missing:,} {unit} without a row, the longest of "
            f"{spaced.gaps.max():,} after {timeline.dates.labels(shown[[longest]])[0]} (line {table.lines[longest]})"
        )
    return told


def _filled(file: str, column: Column, fill: str) -> Column:
    """The column without missing values: filled in, or left out where `fill` is skip or there is no neighbour.

    Raises:
        StepaheadError: they are to be filled in by season, and there is none.
    """
    missing = np.isnan(column.values)
    if not missing.any():
        return column
    if fill == "seasonal" and column.season is None:
        raise StepaheadError(f"{file} has no even steps with a season; use series.fill=linear or previous")
    values = column.values if fill == "skip" else fill_values(column.values, fill, column.season)
    kept = np.isfinite(values)
    filled, left = int((missing & kept).sum()), int((~kept).sum())
    told = {f"{filled:,} value{'s' * (filled > 1)} filled in ({fill})": filled}
    told |= {f"{left:,} row{'s' * (left > 1)} without a value left out": left}
    notes = [note for note, count in told.items() if count]
    dates = column.dates and [date for date, keep in zip(column.dates, kept, strict=True) if keep]
    return replace(column, values=values[kept], dates=dates, filled=filled, notes=[*column.notes, *notes])
