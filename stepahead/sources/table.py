"""A CSV file as people have them, in cells: which character separates them, where the header is, what is no table."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from stepahead.core.errors import StepaheadError
from stepahead.sources.decoding import decode

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
FOUND = ("comma", "semicolon", "tab", "pipe")  # without being named; a space stands in too many cells
MISSING = {
    *("", ".", "..", "-", "--", "–", "—", "?", ":", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "nat", "null", "none"),
    *("missing", "#value!", "#div/0!", "#ref!", "#num!", "#name?", "k.a.", "无", "缺失", "...", "nd", "n.d."),
    *("n.v.", "#nv", "(null)", "\\n", "-nan", "1.#qnan", "not available", "no data"),
}
"""What stands for no value, in lower case."""

# A number, a date or a time: nothing but digits and what stands between them, or a short word with a year.
_DATA = re.compile(r"[-+−(]?\W{0,2}\d[\d\s.,:/'’TZ+−-]*%?\)?|[^\W\d]{3,9}[ -]\d{2,4}|\d{4}[- ]?Q[1-4]")
_DATE = re.compile(r"\d+[-/]\d+.*|[^\W\d]+.*")
NONE = "\x1f"  # separates nothing: a file of one column
_NO_TABLE = re.compile(r'\s*(\{\s*"|\[\s*[\[{]|<\?xml|<table)')
LISTED = 20  # names in a message
SAMPLE = 200  # lines from which the delimiter is told
EXTRA_HEADERS = 3  # lines under the header that may hold units or other words

Row = tuple[int, list[str]]
"""Where in the file it starts, and its cells."""


@dataclass
class Problems:
    """What is wrong with a file, told in one line: all counted, the first three shown."""

    file: str
    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, what: str, way_out: str) -> None:
        self.found.append((line, what, way_out))

    def check(self) -> None:
        """Raises:
        StepaheadError: there are any.
        """
        if not self.found:
            return
        found = sorted(self.found, key=lambda each: each[0])
        ways = " or ".join(dict.fromkeys(way for _, _, way in found))
        if len(found) == 1:
            raise StepaheadError(f"{self.file} line {found[0][0]}{found[0][1]}; {ways}")
        shown = ", ".join(f"line {line}{what}" for line, what, _ in found[:3])
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        raise StepaheadError(f"{self.file} has {len(found):,} problems ({shown}{more}); {ways}")


@dataclass(frozen=True)
class Table:
    """A parsed file; `lines` says where in the file each row stands."""

    file: str
    delimiter: str
    header: list[str]
    parts: list[list[str]]
    """The words of each column's name, of which a header of several lines has several."""
    rows: list[list[str]]
    lines: list[int]

    def cells(self, index: int) -> list[str]:
        return [row[index] for row in self.rows]

    def only(self, kept: Iterable[int]) -> "Table":
        """The rows of these numbers, in this order."""
        kept = list(kept)
        return Table(
            self.file,
            self.delimiter,
            self.header,
            self.parts,
            [self.rows[i] for i in kept],
            [self.lines[i] for i in kept],
        )


def read_table(content: bytes, file: str, delimiter: str | None = None) -> Table:
    """The header and the rows of a CSV file, all of the same length, without space around a cell.

    Lines of another width before the header, comments (#) above it, and rows and columns of empty cells at the end are
    left out; a row that is too short is filled up with empty cells; words in several lines of header are put together.

    Args:
        file: its name in messages.
        delimiter: a key of `DELIMITERS`; None: the one that gives all rows the same number of cells.

    Raises:
        StepaheadError: the file is no text, or no table with a header.
    """
    text = "".join(decode(io.BytesIO(content), Path(file), "series.name", 2**20))
    if _NO_TABLE.match(text):
        raise StepaheadError(f"{file} is JSON or XML, not CSV; save its table as CSV")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise StepaheadError(f"{file} line {line} holds NUL characters, as where a file was cut off; delete them")
    first = 1
    if said := re.match(r'"?sep=(.)"?[,;\t]*\n', text):  # Excel's own line, which its users do not see
        text, first = text[said.end() :], 2
    character = DELIMITERS[delimiter] if delimiter else said[1] if said else _find_delimiter(text, file)
    try:
        rows = list(_rows(text, character, first, strict=True))
    except csv.Error as error:
        raise StepaheadError(f"{file} is not valid CSV ({error}); look for a lone quotation mark") from None
    table = _shaped(_trimmed(rows), file, character)
    words = {len(cell.split()) for cell in (*table.header, *table.cells(0))} if character == NONE else {1}
    if words.isdisjoint({0, 1}) and len(words) == 1:
        raise StepaheadError(
            f"{file} has one column of several words a line; use series.delimiter=space if they are cells, or comma"
        )
    return table


def _rows(text: str, delimiter: str, first: int = 1, strict: bool = False) -> Iterable[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict, skipinitialspace=True)
    line = first
    try:
        for row in reader:
            yield line, [cell.strip() for cell in row]
            line = first + reader.line_num
    except csv.Error as error:
        raise csv.Error(f"line {first - 1 + reader.line_num}: {error}") from None


def _find_delimiter(text: str, file: str) -> str:
    """The one that gives the most lines the same number of cells, two or more, under a header that has as many."""
    sample = "".join(islice(io.StringIO(text), SAMPLE))
    shares = {}
    for name in FOUND:
        rows = _trimmed(list(_rows(sample, DELIMITERS[name])))
        width = _width(rows)
        if width > 1 and not _is_data(rows, _header_at(rows, width)):
            shares[name] = sum(len(row) == width for _, row in rows) / len(rows)
    best = [name for name, share in shares.items() if share == max(shares.values())]
    if len(best) > 1:
        raise StepaheadError(f"{file} can be separated by {' or by '.join(best)}; name one with series.delimiter")
    head = next((row[0] for _, row in _rows(sample, NONE) if any(row)), "")
    return next((DELIMITERS[name] for name in best or FOUND if best or DELIMITERS[name] in head), NONE)


def _trimmed(rows: list[Row]) -> list[Row]:
    """Without comments before the table, empty lines at both ends, and columns at the right that no row uses.

    The last comment stays, as the header, where it has a name for each column and the data follow.
    """
    filled = [number for number, (_, row) in enumerate(rows) if any(row)]
    rows = rows[filled[0] : filled[-1] + 1] if filled else []
    usual = Counter(len(row) for _, row in rows if any(row)).most_common(1)
    used = max((i + 1 for _, row in rows if len(row) == usual[0][0] for i, cell in enumerate(row) if cell), default=0)
    rows = [(line, row if any(row[used:]) else row[:used]) for line, row in rows]
    start = next((number for number, (_, row) in enumerate(rows) if any(row) and not row[0].startswith("#")), 0)
    if start and _is_data(rows, start):
        line, comment = next(each for each in reversed(rows[:start]) if any(each[1]))
        names = [comment[0].lstrip("# "), *comment[1:]]
        names = names[1:] if not names[0] and len(names) > len(rows[start][1]) else names
        if len(names) == len(rows[start][1]):
            return [(line, names), *rows[start:]]
    return rows[start:]


def _width(rows: Sequence[Row]) -> int:
    """The number of cells of most rows."""
    counts = Counter(len(row) for _, row in rows if any(row))
    return counts.most_common(1)[0][0] if counts else 0


def _header_at(rows: Sequence[Row], width: int) -> int:
    return next((i for i, (_, row) in enumerate(rows) if len(row) >= width), 0)


def _is_data(rows: Sequence[Row], at: int) -> bool:
    """Whether at least half of a row's cells are numbers or dates, so that it is no header.

    Names can be so too: where one stands beside them that is a word over data, the dates of a table that runs to the
    right, and the 0, 1, … of a pandas table without names.
    """
    row = rows[at][1] if rows else []
    data = [cell for cell in row if _DATA.fullmatch(cell)]
    if not data or 2 * len(data) < sum(map(bool, row)):
        return False
    below = rows[at + 1][1] if at + 1 < len(rows) else []
    words = [i for i, cell in enumerate(row[: len(below)]) if cell.lower() not in MISSING and cell not in data]
    if any(_DATA.fullmatch(below[i]) for i in words):
        return False
    if len(data) > 2 and not any(_DATE.fullmatch(cell) for cell in below[-len(data) :]):
        years = all(re.fullmatch(r"[12]\d{3}", cell) for cell in data) and data == sorted(set(data))
        if years or all(map(_DATE.fullmatch, data)):
            return False
    if data != [str(i) for i in range(len(data))]:
        return True
    index = not row[0] and any(below[:1])
    return not index and all(cell.isdecimal() for cell in below if cell)


def _shaped(rows: list[Row], file: str, delimiter: str) -> Table:
    if len(rows) < 2:
        what = "has a header and no rows" if rows else "is empty"
        raise StepaheadError(f"{file} {what}; it needs a header line and a row for every time step")
    at = _header_at(rows, _width(rows))
    line, header = rows[at]
    width = len(header)
    if _is_data(rows, at):
        if at and any(rows[at - 1][1]) and len(rows[at - 1][1]) != width:
            raise StepaheadError(
                f"{file} line {line} has {width} cells where the header has {len(rows[at - 1][1])}; put a cell that "
                "holds the separator in quotes, or name another with series.delimiter, or name all columns"
            )
        cell = next(filter(_DATA.fullmatch, header))
        raise StepaheadError(
            f"{file} line {line}: {cell!r} stands where the name of a column must; put a header line first, and delete "
            "what stands above it"
        )
    start = at + 1
    while width > 1 and start - at <= EXTRA_HEADERS and start + 1 < len(rows) and _is_words(rows[start][1], width):
        start += 1
    if not any(_DATA.fullmatch(cell) for cell in rows[start][1]):  # a table of words alone
        start = at + 1
    headers = [[*row, *[""] * (width - len(row))] for _, row in rows[at:start]]
    for names in headers[:-1]:  # a name over several columns stands above the first of them
        for i in range(1, width):
            names[i] = names[i] or (names[i - 1] if headers[-1][i] else "")
    parts = [list(dict.fromkeys(cell for cell in column if cell)) for column in zip(*headers, strict=True)]
    problems = Problems(file)
    for line, row in rows[start:]:
        if len(row) > width:
            what = f" has {len(row)} cells where the header has {width}"
            problems.add(line, what, "put a cell that holds the separator in quotes")
    problems.check()
    body = [[*row, *[""] * (width - len(row))] for _, row in rows[start:]]
    return Table(file, delimiter, _names(parts), parts, body, [line for line, _ in rows[start:]])


def _is_words(row: Sequence[str], width: int) -> bool:
    """Whether a row under the header holds words alone: more names, or units."""
    words = [cell for cell in row if cell.lower() not in MISSING]
    return bool(words) and len(row) <= width and not any(_DATA.fullmatch(cell) for cell in words)


def _names(parts: Sequence[Sequence[str]]) -> list[str]:
    """A name for each column: those of one name are numbered from 1, one without is 'unnamed' and its place."""
    names = [" ".join(words) for words in parts]
    repeated = {name for name, count in Counter(names).items() if count > 1 and name}
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        seen[name] += 1
        if not name or name in repeated:
            names[i] = f"{name}.{seen[name]}" if name else f"unnamed {i + 1}"
    return names


def listed(names: Iterable[str]) -> str:
    """The first names, for a message."""
    names = list(names)
    return ", ".join([*names[:LISTED], *["…"][: len(names) > LISTED]])
