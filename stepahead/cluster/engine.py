"""Dask as the engine: a cluster on this machine's cores, or the scheduler of one that the user started.

A worker imports this library from where it was started, so what it runs is compared with what runs here.
"""

import hashlib
import os
import platform
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import dask.config
from distributed import Client, LocalCluster
from distributed.security import Security

from stepahead.core.errors import StepaheadError

PACKAGES = ("distributed", "dvc", "numpy", "pandas", "scipy", "statsmodels", "torch")
"""what a result can depend on, with Python and this library's own code"""
PATIENCE = 10.0
"""seconds to wait for a scheduler, and as many for its first worker"""
# or a scheduler keeps its last thousand messages to each worker, with the series that they carry
dask.config.set({"distributed.admin.low-level-log-length": 10})


def _code() -> dict[str, str]:
    """A fingerprint of each folder and file of this library."""
    found = {}
    for path in Path(__file__).parent.parent.iterdir():
        content = hashlib.sha256()
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            content.update(file.relative_to(path).as_posix().encode() + b"\0" + file.read_bytes())
        found[path.name] = content.hexdigest()
    return found


CODE = _code()
"""as this process has loaded it; the files may change while a worker lives"""


def environment(parts: tuple[str, ...]) -> dict[str, str]:
    """The versions a result of these folders and files of the library can depend on, in this process."""
    code = hashlib.sha256("".join(CODE[part] for part in parts).encode()).hexdigest()
    packages = {name: _version(name) for name in PACKAGES}
    return {"Python": platform.python_version(), "stepahead": code[:8], **packages}


class StrangerError(Exception):
    """A worker that joined late and has another environment: its address, and what differs."""


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What another environment has, and this one has otherwise; nothing where they agree."""
    return ", ".join(f"{name} {there[name]} (here {here[name]})" for name in here if there[name] != here[name])


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


@contextmanager
def connected(address: str | None, tls: Security | None, folders: tuple[str, ...]) -> Iterator[Client]:
    """A client of the scheduler at `address`, whose workers have this environment; of a local cluster without one.

    Args:
        folders: of this library, that the workers are to run.

    Raises:
        StepaheadError: no scheduler or no worker is there, or a worker has another environment.
    """
    if address is None:
        # any free port of this machine, as without an address it takes 8787, and warns if another sweep has it
        options = {"dashboard_address": "127.0.0.1:0", "threads_per_worker": 1, "memory_limit": 0, "silence_logs": 50}
        with LocalCluster(n_workers=_cores(), **options) as cluster, Client(cluster) as client:
            client.run(_leave_ctrl_c_to_the_client)
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE, security=tls)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise StepaheadError(
            f"--on = {address}: no Dask scheduler answers there ({_first_line(error)}); start one: dask scheduler"
        ) from None
    start = f"in a clone of this project: python -m dask worker {address}"
    with client:
        try:
            client.wait_for_workers(1, PATIENCE)
        except TimeoutError:
            raise StepaheadError(f"--on = {address}: it has no workers; start one {start}") from None
        here = environment(folders)
        for worker, there in client.run(environment, folders, on_error="return").items():
            if isinstance(there, BaseException):
                raise StepaheadError(f"the worker at {worker} fails ({_first_line(there)}); start it {start}")
            if other := difference(here, there):
                raise StepaheadError(f"the worker at {worker} has {other}; install the same there, and start it again")
        yield client


def _leave_ctrl_c_to_the_client() -> None:
    """In a worker, which a terminal interrupts too. What it runs still ends, as a handler is not inherited."""
    signal.signal(signal.SIGINT, lambda *_: None)


def security(files: Any) -> Security | None:
    """What encrypts and authenticates, from --tls-ca-file, --tls-cert and --tls-key."""
    given = {
        "tls_ca_file": files.tls_ca_file,
        "tls_client_cert": files.tls_cert,
        "tls_client_key": files.tls_key,
    }
    return Security(require_encryption=True, **given) if any(given.values()) else None


def _cores() -> int:
    """Those this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
