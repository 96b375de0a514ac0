"""Params in DVC's own grammar of overrides: `tau=8`, and for a sweep `tau=2,4` or `seed=range(0,4)`."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stepahead.core.errors import StepaheadError

PARAMS = "params.yaml"


def combinations(overrides: Sequence[str]) -> list[tuple[str, ...]]:
    """The overrides of each experiment of a sweep.

    Raises:
        StepaheadError: DVC cannot read one.
    """
    from dvc.utils.hydra import get_hydra_sweeps

    with _told(overrides):
        return [tuple(found[PARAMS]) for found in get_hydra_sweeps({PARAMS: list(overrides)})]


@contextmanager
def overridden(overrides: Sequence[str]) -> Iterator[Path]:
    """A folder that has params.yaml with other values.

    Raises:
        StepaheadError: DVC cannot read an override, or knows no such key.
    """
    from dvc.utils.hydra import apply_overrides

    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(PARAMS, folder)
        with _told(overrides):
            apply_overrides(copy, list(overrides))
        yield Path(folder)


@contextmanager
def _told(overrides: Sequence[str]) -> Iterator[None]:
    from dvc.exceptions import DvcException
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        yield
    except (DvcException, HydraException, OmegaConfBaseException) as error:
        cause = str(error.__cause__ or error).splitlines()[0]
        raise StepaheadError(f"DVC cannot take {' '.join(overrides)}: {cause}") from None
