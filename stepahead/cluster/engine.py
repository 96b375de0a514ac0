"""Dask as the engine: a cluster on this machine's cores, or the scheduler of one that the user started.

Functions travel as code, so that workers run this checkout's version and no other; the packages under it are theirs.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import cloudpickle
from distributed import Client, LocalCluster
from distributed.security import Security
from distributed.versions import get_versions

from stepahead.core.errors import StepaheadError

PACKAGES = ("stepahead", "distributed", "dvc", "numpy", "pandas", "scipy", "statsmodels", "torch")
"""what a result can depend on, with Python's own version"""
PATIENCE = 10.0
"""seconds to wait for a scheduler, and as many for its first worker"""


@contextmanager
def connected(address: str | None, tls: Security | None = None) -> Iterator[Client]:
    """A client of the scheduler at `address`, whose workers run this environment; of a local cluster without one.

    Raises:
        StepaheadError: no scheduler or no worker is there, or a worker has another environment.
    """
    import stepahead

    cloudpickle.register_pickle_by_value(stepahead)
    if address is None:
        with (
            LocalCluster(
                n_workers=_cores(), threads_per_worker=1, memory_limit=0, dashboard_address=None, silence_logs=50
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE, security=tls)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise StepaheadError(
            f"--on = {address}: no Dask scheduler answers there ({_first_line(error)}); start one: dask scheduler"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, PATIENCE)
        except TimeoutError:
            raise StepaheadError(f"--on = {address}: it has no workers; start one: dask worker {address}") from None
        if wrong := _wrong_workers(client):
            raise StepaheadError(f"--on = {address}: {'; '.join(wrong)}; install the same there")
        yield client


def security(files: Any) -> Security | None:
    """What encrypts and authenticates, from --tls-ca-file, --tls-cert and --tls-key."""
    given = {
        "tls_ca_file": files.tls_ca_file,
        "tls_client_cert": files.tls_cert,
        "tls_client_key": files.tls_key,
    }
    return Security(require_encryption=True, **given) if any(given.values()) else None


def _wrong_workers(client: Client) -> list[str]:
    """What differs on each worker whose environment is not the client's."""
    versions = client.get_versions(packages=PACKAGES)
    here = environment()
    workers = versions["workers"].items()
    found = {address: difference(here, environment(there)) for address, there in workers}
    return [f"the worker at {address} has {other}" for address, other in found.items() if other]


def environment(versions: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The versions a result can depend on: of this process, or of what Dask says of another."""
    versions = versions or get_versions(PACKAGES)
    python = ".".join(versions["host"]["python"].split(".")[:3])
    return {"Python": python, **{name: versions["packages"][name] or "missing" for name in PACKAGES}}


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What another environment has, and this one has otherwise; nothing where they agree."""
    return ", ".join(f"{name} {there[name]} (here {here[name]})" for name in here if there[name] != here[name])


def _cores() -> int:
    """Those this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
