"""The text that corpus.name stands for."""

from pathlib import Path

from stepahead.catalog import find, local_file, read_catalog
from stepahead.errors import StepaheadError
from stepahead.fetch import DEFAULT_LIMITS, Limits, fetch

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
) -> str:
    r"""The corpus as text with \n for every kind of line end and without a byte order mark.

    Args:
        name: `bundled`, `hello_world`, a text in the catalogue, or a file in the folder `local`.
        bundled: the file that `bundled` stands for.
        cache: the folder where downloads are kept; `mirror` a folder or base address tried before the catalogue's.

    Raises:
        StepaheadError: the name is unknown, or its content cannot be had, is empty or is not UTF-8.
    """
    entries = read_catalog(catalog)  # also where it is not needed, so that a mistake in it is found at once
    if name == "hello_world":
        return HELLO_WORLD
    if name == "bundled":
        return _decoded(_content(bundled), bundled)
    own = None if name in entries else local_file(name, local, PARAM)
    if own is not None:
        return _decoded(_content(own), own)
    source = find(entries, name, "text", PARAM, local, others=("bundled", "hello_world", MARKOV_SOURCE))
    fetched = fetch(source, mirror=mirror, cache=cache, param=PARAM, fallback="bundled", limits=limits)
    return _decoded(fetched.content, Path(source.file))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StepaheadError(
            f"{path} cannot be read ({error.strerror}); bring it back, or use another {PARAM}"
        ) from None


def _decoded(content: bytes, path: Path) -> str:
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise StepaheadError(
            f"{path} is not UTF-8 text: byte {error.start} is 0x{content[error.start]:02x}; save it as UTF-8 "
            f"(for example with iconv -f LATIN1 -t UTF-8), or use another {PARAM}"
        ) from None
    if not text:
        raise StepaheadError(f"{path} is empty; put text into it, or use another {PARAM}")
    return text.replace("\r\n", "\n").replace("\r", "\n")
