"""Fetching a catalogue entry: from the cache, a mirror or the internet, and never without a check of what came."""

import hashlib
import importlib.util
import queue
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit

from stepahead.core.artifacts import atomic
from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import Source

if TYPE_CHECKING:
    import requests

Place = str | Path
"""An address or a file."""


@dataclass(frozen=True)
class Limits:
    """What fetching may cost; times in seconds."""

    connect: float = 10.0
    read: float = 30.0  # the longest silence
    total: float = 300.0  # for one address, with its redirects and retries
    attempts: int = 3
    backoff: float = 1.0  # before the second attempt; doubled before each later one
    redirects: int = 5
    size: int = 64 * 2**20  # bytes


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Fetched:
    """Verified content, the checksum it had and where it came from (without credentials)."""

    content: bytes
    sha256: str
    origin: str


class FetchError(Exception):
    """One place did not give the file; the message says why in a few words."""


class TemporaryFetchError(FetchError):
    """The same, and trying again may help."""


def fetch(
    source: Source,
    *,
    mirror: str | None,
    cache: Path,
    param: str,
    fallback: str,
    limits: Limits = DEFAULT_LIMITS,
) -> Fetched:
    """The content of a catalogue entry; a download is kept in the folder `cache`, where the next call finds it.

    Where a checksum is fixed all copies are the same, so the cache comes first, then the mirror, then the catalogue's
    addresses. Of a live series the mirror comes first, because naming one chooses an edition; then the edition that
    was downloaded before, so that results stay the same until the cache is deleted.

    Args:
        mirror: a folder or a base address that holds the entry's file, or None.
        param: the param to name in the error, and `fallback` a value of it that needs no network.

    Raises:
        StepaheadError: every place failed, and what each said; or the cache cannot be written.
    """
    kept = _kept(source, cache)
    mirrored = [(_in_mirror(mirror, source.file), source.sha256)] if mirror else []
    published = [(address, source.sha256) for address in source.addresses]
    said = []
    for place, expected in [*(kept + mirrored if source.sha256 else mirrored + kept), *published]:
        try:
            content = _read(place, limits)
            sha256 = _verified(content, expected, source)
        except FetchError as error:
            said.append(f"{_shown(place)}: {error}")
            continue
        downloaded = isinstance(place, str) and not place.startswith(("file:", "package:"))
        if downloaded and (source.sha256 or place in source.addresses):
            with atomic(cache / f"{sha256}-{source.file}") as temporary:
                temporary.write_bytes(content)
        return Fetched(content, sha256, _shown(place))
    raise StepaheadError(
        f"{param} = {source.name} cannot be fetched ({'; '.join(said)}); "
        f"set STEPAHEAD_MIRROR to a folder that holds {source.file}, or use {param}={fallback}"
    )


def _kept(source: Source, cache: Path) -> list[tuple[Place, str | None]]:
    """Cached copies and the checksum in each one's name, the latest first."""
    copies = sorted(cache.glob(f"*-{source.file}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    named = [(path, path.name.partition("-")[0]) for path in copies]
    return [(path, sha256) for path, sha256 in named if source.sha256 in (None, sha256)]


def _in_mirror(mirror: str, file: str) -> Place:
    return f"{mirror.rstrip('/')}/{quote(file)}" if "://" in mirror else Path(mirror) / file


def _verified(content: bytes, expected: str | None, source: Source) -> str:
    """The content's checksum, which must be the expected one; a table must be whole and have the entry's columns."""
    sha256 = hashlib.sha256(content).hexdigest()
    if expected not in (None, sha256):
        raise FetchError(f"not the expected content (its sha256 is {sha256[:12]}… instead of {expected[:12]}…)")
    if source.kind == "series":
        header = content.partition(b"\n")[0].decode("utf-8-sig", errors="replace")
        columns = {cell.strip().strip('"') for cell in header.split(",")}
        if source.value_column not in columns or columns.isdisjoint(source.date_columns):
            wanted = f"{' or '.join(source.date_columns)}, and {source.value_column}"
            raise FetchError(f"not a CSV table with the columns {wanted}")
        if not content.endswith(b"\n"):
            raise FetchError("its last line is cut off")
    return sha256


def _shown(place: Place) -> str:
    """Without what may be secret: user, password and query."""
    return re.sub("//[^/]*@", "//", place).partition("?")[0] if isinstance(place, str) else str(place)


def _read(place: Place, limits: Limits) -> bytes:
    if isinstance(place, Path):
        return _read_file(place, limits)
    if place.startswith("package:"):
        return _read_file(_in_package(place), limits)
    check_address(place)
    if place.startswith("file:"):
        return _read_file(Path(unquote(urlsplit(place).path)), limits)
    return _download(place, limits)


def _in_package(address: str) -> Path:
    """A file that an installed package brings, without an import of the package."""
    package, _, path = address.removeprefix("package://").partition("/")
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise FetchError("no such package")
    return Path(found.origin).parent / path


def _read_file(path: Path, limits: Limits) -> bytes:
    try:
        if not path.is_file():
            raise FetchError("no such file")
        with path.open("rb") as file:
            content = file.read(limits.size + 1)
    except OSError as error:
        raise FetchError(error.strerror or "cannot be read") from None
    if len(content) > limits.size:
        raise FetchError(f"more than {limits.size} bytes")
    return content


def check_address(address: str, redirected_from: str | None = None) -> None:
    """Let http, https and file addresses pass; a redirect only to http or https, and never from https to http.

    Raises:
        FetchError: the address must not be used.
    """
    try:
        scheme, host, *_ = urlsplit(address)
    except ValueError:
        raise FetchError("not a valid address") from None
    allowed = ("http", "https", "file") if redirected_from is None else ("http", "https")
    if scheme not in allowed or bool(host) == (scheme == "file"):
        what = "not" if redirected_from is None else "redirected to what is not"
        raise FetchError(f"{what} a valid {', '.join(allowed)} address")
    if scheme == "http" and redirected_from is not None and urlsplit(redirected_from).scheme == "https":
        raise FetchError("redirected from https to http")


def _download(address: str, limits: Limits) -> bytes:
    """In a thread, so that the total time holds even against a server that sends a byte now and then."""
    outcome: queue.SimpleQueue[bytes | BaseException] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        try:
            outcome.put(_attempts(address, limits, stop))
        except BaseException as error:
            outcome.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        result = outcome.get(timeout=limits.total)
    except queue.Empty:
        raise FetchError(f"not done after {limits.total:g} s") from None
    finally:
        stop.set()
    if isinstance(result, BaseException):
        raise result
    return result


def _attempts(address: str, limits: Limits, stop: threading.Event) -> bytes:
    for attempt in range(limits.attempts - 1):
        try:
            return _attempt(address, limits, stop)
        except TemporaryFetchError:
            if stop.wait(limits.backoff * 2**attempt):
                raise
    return _attempt(address, limits, stop)


def _attempt(address: str, limits: Limits, stop: threading.Event) -> bytes:
    import requests
    from urllib3.exceptions import HTTPError

    try:
        return _follow(address, limits, stop)
    except requests.exceptions.SSLError:
        raise FetchError("no secure connection with a valid certificate") from None
    except requests.exceptions.ChunkedEncodingError:
        raise TemporaryFetchError("cut off in the middle") from None
    except (requests.Timeout, requests.ConnectionError):
        raise TemporaryFetchError("no connection, or no answer in time") from None
    except (requests.RequestException, HTTPError, ValueError):
        raise FetchError("not a valid address or answer") from None


def _follow(address: str, limits: Limits, stop: threading.Event) -> bytes:
    import requests

    timeout, headers = (limits.connect, limits.read), {"Accept-Encoding": "identity"}
    for _ in range(limits.redirects + 1):
        with requests.get(address, stream=True, allow_redirects=False, timeout=timeout, headers=headers) as response:
            if not response.is_redirect:
                return _body(response, limits, stop)
            target = urljoin(address, response.headers["location"])
        check_address(target, redirected_from=address)
        address = target
    raise FetchError(f"more than {limits.redirects} redirects")


def _body(response: "requests.Response", limits: Limits, stop: threading.Event) -> bytes:
    """The body of a 200 answer. requests itself raises for one that ends before its Content-Length."""
    status = response.status_code
    if status != 200:
        temporary = status in (408, 429) or status >= 500
        raise (TemporaryFetchError if temporary else FetchError)(f"HTTP status {status}")
    content = bytearray()
    for chunk in response.iter_content(2**16):
        content += chunk
        if len(content) > limits.size:
            raise FetchError(f"more than {limits.size} bytes")
        if stop.is_set():
            raise FetchError("given up")
    return bytes(content)
