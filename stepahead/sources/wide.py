"""Tables that spread one series over their columns: by the dates, months, quarters or hours in the header."""

import re
from collections.abc import Sequence

import numpy as np

from stepahead.sources.dates import MONTHS, are_times, is_named, read_dates
from stepahead.sources.table import Table

FEWEST = 3  # dates or times in a header that are no chance

_NUMBERED = re.compile(r"(?:h|he|hr|hour|m)?[ _]?0?(\d{1,2})")
_COUNTED = {"hour": ([*range(24)], [*range(1, 25)]), "month": ([*range(1, 13)],)}


def gathered(table: Table) -> tuple[Table, int | None]:
    """The table with a row for each value, and the column of these; or as it is, and None."""
    part, names = _spread(table)
    if not names:
        return table, None
    rest = [i for i in range(len(table.header)) if i not in names]
    rows = [[*(row[i] for i in rest), name, row[k]] for row in table.rows for k, name in names.items()]
    header = [*(table.header[i] for i in rest), part, "value"]
    lines = [line for line in table.lines for _ in names]
    return Table(table.file, table.delimiter, header, [[name] for name in header], rows, lines), len(rest) + 1


def _spread(table: Table) -> tuple[str, dict[int, str]]:
    """What the columns of the series stand for, and how each is called there."""
    names = [name.lower() for name in table.header]
    quarters = [f"q{i}" for i in range(1, 5)]
    for part, short, all_of_it in (("month", [name[:3] for name in names], MONTHS), ("quarter", names, quarters)):
        found = {i: table.header[i] for i, name in enumerate(short) if name in all_of_it}
        if [short[i] for i in found] == all_of_it:
            return part, found
    dates = read_dates(table.header, True, None, f"{table.file}: the header")
    known = np.flatnonzero(~np.isnat(dates.times)).tolist() if dates else []
    if dates and len(known) >= FEWEST and (np.diff(dates.times[known]).astype(int) > 0).all():
        return "date", {i: table.header[i] for i in known}
    if not any(map(is_named, names)):  # what follows says nothing without a day or year beside it
        return "", {}
    times = [i for i, name in enumerate(names) if are_times([name])]
    if len(times) >= FEWEST:
        return "time", {i: names[i] for i in times}
    return _counted(names)


def _counted(names: Sequence[str]) -> tuple[str, dict[int, str]]:
    """Hours from 0 to 23 or 1 to 24, or months from 1 to 12, such as 1, 2, … or H1, H2, …"""
    numbers = {i: int(match[1]) for i, name in enumerate(names) if (match := _NUMBERED.fullmatch(name))}
    for part, lists in _COUNTED.items():
        if [*numbers.values()] in lists:
            return part, {i: str(number) for i, number in numbers.items()}
    return "", {}
