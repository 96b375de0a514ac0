"""Every tracked file format: how it is read, and how it is written: atomically, and the same content in the same bytes.

A file is written under a temporary name beside its own and then renamed, so that a kill or a full disk leaves the old
file or the new one, never a part. `.dvcignore` keeps a leftover temporary file out of every hash.
"""

import csv
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from stepahead.core.errors import StepaheadError

Array = npt.NDArray[Any]
Ids = npt.NDArray[np.unsignedinteger]
"""tokens as indices into a vocabulary, in the smallest type that holds them"""

CHUNK = 2**17
"""how many characters, or numbers, of a long file are in memory at a time; few enough for the processor's cache"""


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; move it to `path` when the block succeeds, delete it when it does not.

    Raises:
        StepaheadError: the file system refuses (disk full, read-only folder); `path` is as it was.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise StepaheadError(f"{path} cannot be written ({reason}); free the disk or fix its rights") from None
    finally:
        if temporary.exists():
            temporary.unlink()


def write_text(path: Path, content: str) -> None:
    """UTF-8, newlines as given."""
    with atomic(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="")


def write_text_chunks(path: Path, chunks: Iterable[str]) -> int:
    """As `write_text`, a piece of the content after the other; returns how many characters it has."""
    n = 0
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for chunk in chunks:
            n += file.write(chunk)
    return n


def read_text_chunks(path: Path) -> Iterator[str]:
    """As `read_text`, a piece of the content after the other."""
    with _readable(path), path.open(encoding="utf-8", newline="") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def read_text(path: Path) -> str:
    """The content of a UTF-8 file, newlines as they are."""
    with _readable(path), path.open(encoding="utf-8", newline="") as file:
        return file.read()


def read_script(path: Path) -> str:
    """A script, or a drawing, that ends with a newline, which shows that it is whole."""
    with _readable(path):
        _check_end(path)
        return path.read_text(encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Sorted keys, two-space indent.

    Raises:
        StepaheadError: a number is not finite.
    """
    try:
        lines = json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise StepaheadError(
            f"{path} is not written: a result is not a finite number; lower the learning rate"
        ) from None
    write_text(path, lines + "\n")


def write_metrics(path: Path, metrics: Mapping[str, Any]) -> None:
    """As `write_json`, numbers with 6 significant digits, which are the same on every processor.

    Raises:
        StepaheadError: a number is not finite; names it.
    """
    write_json(path, {name: _rounded(value, f"{path}: {name}") for name, value in metrics.items()})


def _rounded(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(each, f"{name}.{key}") for key, each in value.items()}
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise StepaheadError(f"{name} is {value}, not a finite number; lower the learning rate")
    return float(f"{value:.6g}")


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    with _readable(path):
        return parse_json(path.read_bytes())


def parse_json(content: bytes) -> Any:
    """What JSON holds.

    Raises:
        ValueError, RecursionError: it is none; NaN and infinities, which Python writes and reads, are no JSON.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON number")

    return json.loads(content, parse_constant=refuse)


def write_table(path: Path, columns: Mapping[str, Sequence[Any] | Array]) -> None:
    """A CSV of equally long columns with a header; floats in their shortest exact form, None as an empty cell.

    Raises:
        StepaheadError: a number is not finite; or the file system refuses.
    """
    cells = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    for name, column in zip(columns, cells, strict=True):
        if any(isinstance(cell, float) and not math.isfinite(cell) for cell in column):
            raise StepaheadError(f"{path} is not written: {name} is not a finite number; lower the learning rate")
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*cells, strict=True))


def read_table(path: Path) -> dict[str, list[str]]:
    """The columns of a CSV with a header, as text; every row must be as long as the header."""
    with _readable(path), path.open(encoding="utf-8", newline="") as file:
        _check_end(path)
        header, *rows = csv.reader(file)
        if any(len(row) != len(header) for row in rows):
            raise ValueError("rows of different lengths")
        columns = list(zip(*rows, strict=True)) or [()] * len(header)
        return {name: list(column) for name, column in zip(header, columns, strict=True)}


def read_columns(path: Path) -> dict[str, Array]:
    """As `read_table`, but each column as an array: of integers, of floats (an empty cell is NaN), or of words.

    Dates are words, also where they are years.
    """
    columns = read_table(path)
    with _readable(path):
        return {name: np.array(cells) if name == "date" else _typed(cells) for name, cells in columns.items()}


def _typed(cells: list[str]) -> Array:
    with suppress(ValueError):
        return np.array(cells, dtype=np.int64)
    with suppress(ValueError):
        numbers = np.array([cell or "nan" for cell in cells], dtype=np.float64)
        if not (np.isfinite(numbers) | (np.array(cells) == "")).all():
            raise TypeError("a column holds what is no finite number")
        return numbers
    for cell in set(cells):
        with suppress(ValueError):
            float(cell)
            raise TypeError("a column holds both numbers and words")  # would be drawn as names on an axis
    return np.array(cells)


def _check_end(path: Path) -> None:
    """What was cut in its last line can still look complete: a table have as many cells, a script run."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        if file.read() != b"\n":
            raise ValueError("its last line is cut off")


def write_array(path: Path, dtype: npt.DTypeLike, chunks: Iterable[Array]) -> int:
    """NumPy's .npy format, a piece of a one-dimensional array after the other; returns how long it is."""
    n = 0
    with atomic(path) as temporary, temporary.open("wb") as file:
        _write_header(file, dtype, n)
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk, dtype).data)
            n += len(chunk)
        file.seek(0)  # the format's header has the same length whatever the array's
        _write_header(file, dtype, n)
    return n


def _write_header(file: BinaryIO, dtype: npt.DTypeLike, n: int) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": (n,)}
    np.lib.format.write_array_header_1_0(file, header)


def read_array_chunks(path: Path, span: range, size: int | None = None) -> Iterator[Array]:
    """A span of the one-dimensional array in a .npy file, a piece after the other, of `size` numbers or CHUNK.

    They are read, not mapped: what has been read of a map stays in memory until the map is gone.
    """
    with _readable(path), path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        _check_ids(shape, dtype)
        file.seek(span.start * dtype.itemsize, os.SEEK_CUR)
        size = size or CHUNK
        for start in range(span.start, span.stop, size):
            yield np.fromfile(file, dtype, min(size, span.stop - start))


def read_array(path: Path) -> Array:
    """A .npy file, mapped into memory rather than loaded; what is written to the array stays out of the file."""
    with _readable(path):
        array: Array = np.load(path, mmap_mode="c", allow_pickle=False)  # torch wants memory that it could write to
        _check_ids(array.shape, array.dtype)
        return array


def _check_ids(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Other numbers would be taken for the ids of tokens without a word."""
    if len(shape) != 1 or dtype.kind != "u":
        raise ValueError(f"{dtype} of shape {shape} are no token ids")


def write_tensors(path: Path, tensors: Mapping[str, Array], about: Mapping[str, Any]) -> None:
    """A safetensors file; `about` is one metadata key of sorted JSON (two keys change the bytes from run to run).

    Raises:
        StepaheadError: a number is not finite; or the file system refuses.
    """
    for name in _not_finite(tensors):
        raise StepaheadError(f"{path} is not written: {name} is not finite; lower the learning rate")
    from safetensors.numpy import save

    ordered = {name: np.asarray(tensors[name], order="C") for name in sorted(tensors)}
    content = save(ordered, metadata={"about": json.dumps(about, sort_keys=True, allow_nan=False)})
    with atomic(path) as temporary:
        temporary.write_bytes(content)


def read_tensors(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """The tensors of a safetensors file and what `write_tensors` was told about them."""
    with _readable(path):
        return parse_tensors(path.read_bytes())


def _not_finite(tensors: Mapping[str, Array]) -> list[str]:
    return [name for name, tensor in tensors.items() if not np.isfinite(tensor).all()]


def parse_tensors(content: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    """As `read_tensors`, from the content of a file.

    Raises:
        ValueError, KeyError: it is damaged, or another's.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(content)
    except SafetensorError as error:
        raise ValueError(str(error)) from None
    # the format: the header's length in eight bytes, then the header as JSON
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    for name in _not_finite(tensors):
        raise ValueError(f"{name} holds what is no finite number")
    return tensors, dict(json.loads(header["__metadata__"]["about"]))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise StepaheadError(f"{path} is missing; dvc repro makes it") from None
    except (OSError, ValueError, TypeError, LookupError, EOFError, RecursionError, csv.Error) as error:
        raise StepaheadError(f"{path} is damaged or cannot be read ({error}); delete it and run dvc repro") from None
