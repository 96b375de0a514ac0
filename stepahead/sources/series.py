"""The column of numbers that series.name stands for, where it is not the sine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import Source, find, local_file
from stepahead.sources.csv_column import Column, Reading, read_column
from stepahead.sources.download import DEFAULT_LIMITS, Limits, fetch

PARAM = "series.name"


@dataclass(frozen=True, eq=False)
class Found:
    """A column, the unit of its values where that is known, and the checksum of the file if it was fetched."""

    column: Column
    unit: str
    sha256: str | None


def read_source(
    name: str,
    reading: Reading,
    *,
    entries: Mapping[str, Source],
    local: Path,
    cache: Path,
    mirror: str | None,
    limits: Limits = DEFAULT_LIMITS,
) -> Found:
    """Read a series of the catalogue, or a CSV file of the user's.

    Args:
        name: a series in the catalogue's `entries`, or a file in the folder `local`.
        reading: how to read it; where it names no column, it is the catalogue's, or the only one of numbers.
        cache: the folder where downloads are kept; `mirror` a folder or base address tried before the catalogue's.

    Raises:
        StepaheadError: the name is unknown, its content cannot be had, or it is no series (see `read_column`).
    """
    own = None if name in entries else local_file(name, local, PARAM)
    if own is not None:
        column = read_column(_content(own), str(own), reading)
        return Found(column, column.unit, None)
    source = find(entries, name, "series", PARAM, local, others=("sine",))
    fetched = fetch(source, mirror=mirror, cache=cache, param=PARAM, fallback="sine", limits=limits)
    chosen = reading.column or source.value_column
    column = read_column(fetched.content, source.file, replace(reading, column=chosen), source.date_columns)
    return Found(column, source.unit if chosen == source.value_column else column.unit, fetched.sha256)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StepaheadError(f"{path} cannot be read ({error.strerror}); mend its rights or use another file") from None
