"""Trained forecasters as files: hyperparameters and weights, never code."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from stepahead import artifacts
from stepahead.artifacts import Array
from stepahead.errors import StepaheadError
from stepahead.series.forecaster import Forecaster


class TrainedForecaster(Forecaster, Protocol):
    """A dataclass of hyperparameters and, outside its constructor, weights."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    weights: dict[str, Array]


Trained = TypeVar("Trained", bound=TrainedForecaster)


def save_forecaster(path: Path, forecaster: TrainedForecaster) -> None:
    """Write a fitted forecaster to a safetensors file."""
    hyperparameters = {f.name: getattr(forecaster, f.name) for f in dataclasses.fields(forecaster) if f.init}
    artifacts.write_tensors(path, forecaster.weights, {"class": type(forecaster).__name__, **hyperparameters})


def load_forecaster(path: Path, classes: Iterable[type[Trained]]) -> Trained:
    """Read a forecaster of one of `classes`.

    Raises:
        StepaheadError: the file is missing, damaged, or holds another class or other hyperparameters.
    """
    weights, about = artifacts.read_tensors(path)
    # JSON knows lists only; a hyperparameter that is a sequence was a tuple
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in about.items()}
    known = {cls.__name__: cls for cls in classes}
    name = fields.pop("class", None)
    if name not in known or fields.keys() != {f.name for f in dataclasses.fields(known[name]) if f.init}:
        raise StepaheadError(
            f"{path} holds no forecaster of this version ({name}, not one of {', '.join(known)} with its "
            "hyperparameters); delete it and run dvc repro"
        )
    forecaster = known[name](**fields)
    forecaster.weights = weights
    return forecaster
