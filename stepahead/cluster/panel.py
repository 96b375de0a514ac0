"""A panel: many series in one file, its rows stacked, in columns unique_id, ds and y."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError

COLUMNS = ("unique_id", "ds", "y")
PART = 50_000
"""values that a worker gets at a time, or one series more"""
ROW_GROUP = 2**16
"""rows that are read at a time"""


class Entry(NamedTuple):
    """A series of a panel."""

    unique_id: str
    values: Array
    """(T,), oldest first; NaN where one is missing"""
    ordered: bool
    """whether each time step is later than the one before it"""


def read_panel(path: Path) -> Iterator[list[Entry]]:
    """The series of a Parquet or CSV file, some at a time, so that memory does not grow with the file.

    Raises:
        StepaheadError: the file cannot be read, lacks a column, or holds a series in more than one place.
    """
    part, size, seen = list[Entry](), 0, set[int]()
    for entry in _series(path):
        key = hash(entry.unique_id)  # of eight bytes, however long the names are
        if key in seen:
            raise StepaheadError(f"{path}: the rows of {entry.unique_id} are apart; sort it by unique_id and ds")
        seen.add(key)
        part.append(entry)
        size += len(entry.values)
        if size >= PART:
            yield part
            part, size = [], 0
    if part:
        yield part


def _series(path: Path) -> Iterator[Entry]:
    """The series one by one; the rows of one may come in several batches."""
    name, pieces, times = None, list[Array](), list[Array]()
    for ids, ds, y in _batches(path):
        starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
        for start, stop in zip(starts, [*starts[1:], len(ids)], strict=True):
            if ids[start] != name and name is not None:
                yield _entry(name, pieces, times)
                pieces, times = [], []
            name = ids[start]
            pieces.append(y[start:stop])
            times.append(ds[start:stop])
    if name is not None:
        yield _entry(name, pieces, times)


def _entry(name: Any, pieces: list[Array], times: list[Array]) -> Entry:
    ds = np.concatenate(times)
    return Entry(str(name), np.concatenate(pieces), bool((ds[1:] > ds[:-1]).all()))


def _batches(path: Path) -> Iterator[tuple[Array, Array, Array]]:
    try:
        with path.open("rb") as file:
            batches: Iterable[Any]
            if path.suffix == ".csv":
                as_text = pc.ConvertOptions(column_types={"unique_id": pa.string()}, include_columns=COLUMNS)
                batches = pc.open_csv(file, convert_options=as_text)
            else:
                batches = pq.ParquetFile(file).iter_batches(ROW_GROUP, columns=list(COLUMNS))
            for batch in batches:
                ids, ds, y = batch.select(COLUMNS).columns
                if len(batch):
                    yield (
                        ids.to_numpy(zero_copy_only=False),
                        ds.to_numpy(zero_copy_only=False),
                        y.cast(pa.float64()).to_numpy(zero_copy_only=False),
                    )
    except (OSError, KeyError, pa.ArrowException) as error:
        raise StepaheadError(
            f"{path} is no panel ({str(error).splitlines()[0]}); it must be Parquet, or CSV with commas, with columns "
            "unique_id, ds and y"
        ) from None
