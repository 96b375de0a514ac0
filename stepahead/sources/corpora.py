"""The text that corpus.name stands for."""

import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from stepahead.core.artifacts import CHUNK
from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import find, local_file, read_catalog
from stepahead.sources.decoding import decode, read_text_file
from stepahead.sources.download import DEFAULT_LIMITS, Limits, fetch

PARAM = "corpus.name"
MARKOV_SOURCE = "markov_source"
"""a text drawn from the chain in the section markov of params.yaml; the stage makes it"""

GUTENBERG_HEAD = 100_000
GUTENBERG_MARK = 200  # characters that a marker may take up, cut by the end of a chunk
_START = re.compile(  # until 2003 the licence stood before the text, as "small print"
    r"^[ \t]*\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG(?:[^*]{0,200}\*\*\*)?.*\n|^\*END[ *]*THE SMALL PRINT!.*\n",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    r"^[ \t]*(?:\*\*\* ?)?END OF (?:THE |THIS )?PROJECT GUTENBERG(?:['’]S)? ", re.MULTILINE | re.IGNORECASE
)

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
        name: `bundled`, `hello_world`, a text in the catalogue, or a file or folder in the folder `local`.
        bundled: the file that `bundled` stands for.
        cache: the folder where downloads are kept; `mirror` a folder or base address tried before the catalogue's.

    Raises:
        StepaheadError: the name is unknown, or its content cannot be had; while it is read: it is empty or no text.
    """
    entries = read_catalog(catalog)  # also where it is not needed, so that a mistake in it is found at once
    if name == "hello_world":
        return iter([HELLO_WORLD])
    if name == "bundled":
        return read_text_file(bundled, PARAM, chunk)
    own = None if name in entries else local_file(name, local, PARAM, folders=True)
    if own is not None:
        return read_file(own, PARAM, chunk)
    source = find(entries, name, "text", PARAM, local, others=("bundled", "hello_world", MARKOV_SOURCE))
    fetched = fetch(source, mirror=mirror, cache=cache, param=PARAM, fallback="bundled", limits=limits)
    return without_licence(decode(io.BytesIO(fetched.content), Path(source.file), PARAM, chunk))


def read_file(path: Path, param: str, size: int = CHUNK) -> Iterator[str]:
    """A text file in chunks without the licence of Project Gutenberg, or the files of a folder in the order of their
    names, one after the other; `param` says where the path stands.

    Raises:
        StepaheadError: while it is read: it is missing, empty or no text.
    """
    if not path.is_dir():
        return without_licence(read_text_file(path, param, size))
    files = sorted(file for file in path.rglob("*") if _is_inside(file, path))
    if not files:
        raise StepaheadError(f"{path} is an empty folder; put texts into it, or use another {param}")
    return chain.from_iterable(chain(without_licence(read_text_file(file, param, size)), ["\n"]) for file in files)


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether it is an ordinary file: not hidden, nor in a hidden folder, nor a link that leads out of the folder."""
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return not hidden and file.is_file() and file.resolve().is_relative_to(folder.resolve())


def without_licence(chunks: Iterator[str]) -> Iterator[str]:
    """A text of Project Gutenberg between its markers, without the licence before and after it; any other text as it
    is. The first marker must stand in the first 100,000 characters."""
    head = ""
    for chunk in chunks:
        head += chunk
        if len(head) > GUTENBERG_HEAD:
            break
    start = _START.search(head)
    if not start:
        yield from filter(None, chain([head], chunks))
        return
    held = ""
    for chunk in chain([head[start.end() :]], chunks):
        held += chunk
        if end := _END.search(held):
            yield held[: end.start()]
            return
        yield held[:-GUTENBERG_MARK]
        held = held[-GUTENBERG_MARK:]
    yield held
