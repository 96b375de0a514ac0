"""The text that corpus.name stands for."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stepahead.core.artifacts import CHUNK
from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import find, local_file, read_catalog
from stepahead.sources.download import DEFAULT_LIMITS, Limits, fetch

PARAM = "corpus.name"
MARKOV_SOURCE = "markov_source"
"""a text drawn from the chain in the section markov of params.yaml; the stage makes it"""

HELLO_WORLD = "hello world"
"""The notes' example: a text in which two characters already tell the next."""


def read_corpus(
    name: str,
    *,
    bundled: Path,
    catalog: Path,
    local: Path,
    cache: Path,
    mirror: str | None,
    limits: Limits = DEFAULT_LIMITS,
    chunk: int = CHUNK,
) -> Iterator[str]:
    r"""The corpus in chunks, with \n for every kind of line end and without a byte order mark.

    Args:
        name: `bundled`, `hello_world`, a text in the catalogue, or a file in the folder `local`.
        bundled: the file that `bundled` stands for.
        cache: the folder where downloads are kept; `mirror` a folder or base address tried before the catalogue's.

    Raises:
        StepaheadError: the name is unknown, or its content cannot be had; while it is read: it is empty or not UTF-8.
    """
    entries = read_catalog(catalog)  # also where it is not needed, so that a mistake in it is found at once
    if name == "hello_world":
        return iter([HELLO_WORLD])
    if name == "bundled":
        return _read(bundled, chunk)
    own = None if name in entries else local_file(name, local, PARAM)
    if own is not None:
        return _read(own, chunk)
    source = find(entries, name, "text", PARAM, local, others=("bundled", "hello_world", MARKOV_SOURCE))
    fetched = fetch(source, mirror=mirror, cache=cache, param=PARAM, fallback="bundled", limits=limits)
    return _decoded(io.BytesIO(fetched.content), Path(source.file), chunk)


def _read(path: Path, size: int) -> Iterator[str]:
    try:
        with path.open("rb") as binary:
            yield from _decoded(binary, path, size)
    except OSError as error:
        raise StepaheadError(
            f"{path} cannot be read ({error.strerror}); bring it back, or use another {PARAM}"
        ) from None


def _decoded(binary: BinaryIO, path: Path, size: int) -> Iterator[str]:
    """The text in chunks of at most `size` characters; `path` names it in an error."""
    file = io.TextIOWrapper(binary, encoding="utf-8-sig")  # also makes every line end \n
    empty = True
    try:
        while chunk := file.read(size):
            empty = False
            yield chunk
    except UnicodeDecodeError as error:
        place = binary.tell() - len(error.object) + error.start  # the object ends where reading has come to
        raise StepaheadError(
            f"{path} is not UTF-8 text: byte {place} is 0x{error.object[error.start]:02x}; save it as UTF-8 "
            f"(for example with iconv -f LATIN1 -t UTF-8), or use another {PARAM}"
        ) from None
    finally:
        file.detach()  # whoever opened `binary` closes it
    if empty:
        raise StepaheadError(f"{path} is empty; put text into it, or use another {PARAM}")
