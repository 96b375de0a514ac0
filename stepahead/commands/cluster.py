"""What the commands that run on a Dask cluster have in common: the extra they need, and the options."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from stepahead.core.errors import StepaheadError

INSTALL = "pip install --constraint constraints.txt --editable '.[cluster]'"


def add_cluster_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", metavar="ADDRESS", help="a Dask scheduler, tcp://head:8786 (default: these cores)")
    for option, what in (("ca-file", "the authority's certificate"), ("cert", "certificate"), ("key", "private key")):
        parser.add_argument(f"--tls-{option}", metavar="FILE", help=f"{what}, for tls://head:8786")


@contextmanager
def cluster_extra() -> Iterator[None]:
    """Import what the plain pipeline does without.

    Raises:
        StepaheadError: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise StepaheadError(f"this command needs {error.name}, which is in an extra: {INSTALL}") from None
