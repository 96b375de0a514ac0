"""One column of numbers in a CSV file, with its dates: every cell is checked, and every complaint names the line."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError

COLUMN = "series.column"
MISSING = {"", ".", "na", "n/a", "#n/a", "nan", "null", "none", "-"}
# Only under such a name are plain digits a year or a day, and not a number.
DATE_NAMES = {"date", "year"}
TOO_LARGE = 1e50  # the square of its square soon overflows


@dataclass(frozen=True, eq=False)
class Column:
    """What a file says: values (T,), and the dates beside them as they are written there."""

    values: Array
    dates: list[str] | None


@dataclass(frozen=True)
class Table:
    """A parsed file; `lines` says where in the file each row stands."""

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def cells(self, index: int) -> list[str]:
        return [row[index].strip() for row in self.rows]


def read_column(content: bytes, file: str, name: str | None, date_columns: Iterable[str] = ()) -> Column:
    """The values of the column `name`, or of the only numeric one where it is None, oldest first.

    Args:
        file: the name to give in messages.
        date_columns: names under which the dates may stand; any other column of dates is found by its cells,
            YYYY-MM-DD (with a time or without), YYYY/MM/DD or YYYY-MM, or YYYY in a column named date or year.

    Raises:
        StepaheadError: the file is no UTF-8 CSV table with a header, the column is unknown or ambiguous, a value is
            missing, not a number or not finite, all are the same, or the dates do not rise; it names the line.
    """
    table = parse_table(content, file)
    dated = _date_column(table, {each.strip() for each in date_columns}, name)
    index = _value_column(table, name, dated)
    values = _values(table, index)
    if dated is None:
        return Column(values, None)
    _check_dates(table, dated)
    return Column(values, table.cells(dated))


def parse_table(content: bytes, file: str) -> Table:
    """The header and the rows of a CSV file, all of the same length.

    Raises:
        StepaheadError: as `read_column`.
    """
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise StepaheadError(
            f"{file} line {line} is not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise StepaheadError(f"{file} line {reader.line_num} is not valid CSV ({error}); mend it") from None
    while numbered and not numbered[-1][1]:  # empty lines at the end
        numbered.pop()
    if len(numbered) < 2:
        what = "has a header and no rows" if numbered else "is empty"
        raise StepaheadError(f"{file} {what}; it needs a header line and a row for every time step")
    lines, (header, *rows) = [line for line, _ in numbered], [row for _, row in numbered]
    _check_header(file, lines[0], header)
    for line, row in zip(lines[1:], rows, strict=True):
        if len(row) != len(header):
            found = f"has {len(row)} cells where the header has {len(header)}" if row else "is empty"
            raise StepaheadError(f"{file} line {line} {found}; mend or delete the line")
    return Table(file, [cell.strip() for cell in header], rows, lines[1:])


def _check_header(file: str, line: int, header: list[str]) -> None:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise StepaheadError(f"{file} line {line}: the columns are not separated by commas; save it as CSV with commas")
    for cell in header:
        if _number(cell) is not None:
            raise StepaheadError(
                f"{file} line {line}: {cell!r} stands where the name of a column must; put a header line first"
            )


def _value_column(table: Table, name: str | None, dated: int | None) -> int:
    if name is not None:
        found = [i for i, each in enumerate(table.header) if each == name]
        wanted = f"{COLUMN} = {name!r}"
    else:
        found = [i for i in range(len(table.header)) if i != dated and _mostly(map(_number, table.cells(i)))]
        wanted = "a column of numbers"
    if len(found) == 1:
        return found[0]
    columns = ", ".join(table.header[i] for i in found or range(len(table.header)))
    if found:
        raise StepaheadError(f"{table.file} has {len(found)} columns for {wanted} ({columns}); name one with {COLUMN}")
    raise StepaheadError(f"{table.file} line 1: no column is {wanted}; the file has {columns}")


def _values(table: Table, index: int) -> Array:
    cells, where = table.cells(index), f"column {table.header[index]}"
    values = [_number(cell) for cell in cells]
    for line, cell, value in zip(table.lines, cells, values, strict=True):
        start = f"{table.file} line {line}: {where}"
        if cell.lower() in MISSING:
            raise StepaheadError(f"{start} has no value ({cell!r}); fill it in or delete the line")
        if value is None:
            raise StepaheadError(f"{start} holds {cell!r}, which is not a number; mend it or delete the line")
        if not abs(value) < TOO_LARGE:
            raise StepaheadError(f"{start} holds {cell!r}, which must be finite and below 1e50; mend it")
    if len(set(values)) == 1:
        raise StepaheadError(
            f"{table.file}: {where} is {cells[0]} in every row (lines {table.lines[0]} to {table.lines[-1]}), so there "
            f"is nothing to predict; take another {COLUMN}"
        )
    return np.array(values)


def _number(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _mostly(parsed: Iterable[object]) -> bool:
    """Whether more than half were understood: the rest are mistakes to complain about, not another kind of column."""
    understood = [each is not None for each in parsed]
    return sum(understood) > len(understood) / 2


def _date_column(table: Table, known: set[str], value_name: str | None) -> int | None:
    """The first column that holds dates and is not the one of the values."""
    for i, name in enumerate(table.header):
        if name == value_name:
            continue
        digits = name in known or name.lower() in DATE_NAMES
        if name in known or _mostly(_date(cell, digits) for cell in table.cells(i)):
            return i
    return None


def _check_dates(table: Table, index: int) -> None:
    seen: dict[datetime, int] = {}
    previous: datetime | None = None
    for line, cell in zip(table.lines, table.cells(index), strict=True):
        date = _date(cell, digits=True)
        start = f"{table.file} line {line}: column {table.header[index]}"
        if date is None:
            raise StepaheadError(f"{start} holds {cell!r}, which is not a date such as 2024-01-31; mend it")
        if date in seen:
            raise StepaheadError(f"{start} has {cell} a second time (first in line {seen[date]}); delete one of them")
        if previous is not None and date < previous:
            raise StepaheadError(f"{start} has {cell}, which is before the line above it; sort the rows, oldest first")
        seen[date], previous = line, date


def _date(cell: str, digits: bool) -> datetime | None:
    """A date in UTC, or None; `digits` lets 2024 and 20240131 be dates."""
    if cell.isdigit() and not digits:
        return None
    padding: Sequence[str] = {4: "-01-01", 7: "-01"}.get(len(cell), "")
    try:
        date = datetime.fromisoformat(f"{cell.replace('/', '-')}{padding}")
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
