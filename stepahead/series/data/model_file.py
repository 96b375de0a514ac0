"""A trained forecaster as one file that stands alone: its hyperparameters, the weights of every fit, and of the series
it was fitted on the name, the scale, where training ended, a fingerprint, and how its file was read."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from stepahead.core import artifacts, processes
from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Forecaster
from stepahead.series.data.refits import fit_all
from stepahead.series.data.scale import Scale, read_scale

FLOATS = (np.float32, np.float64)


class TrainedForecaster(Forecaster, Protocol):
    """A dataclass of hyperparameters and, outside its constructor, weights."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    weights: dict[str, Array]


Model = TypeVar("Model", bound=TrainedForecaster)


@dataclass(frozen=True)
class FittedOn:
    """The series that a forecaster was fitted on."""

    name: str
    scale: Scale  # how the models see it
    n_train: int
    last: int  # steps that the longest fit saw: with refits beyond n_train
    fingerprint: str  # SHA-256 of these steps
    reading: dict[str, Any] = field(default_factory=dict)  # how its file was read, as in `Series`
    spacing: str = ""  # as in `Series`
    ended: str | None = None  # the date of the last of these steps

    def begins(self, values: Array) -> bool:
        """Whether `values` (T,), in the original unit, begin with all that was fitted on."""
        return len(values) >= self.last and fingerprint(values[: self.last]) == self.fingerprint


def fingerprint(values: Array) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, "<f8").tobytes()).hexdigest()


def fit_family(
    folder: Path, forecasters: Mapping[str, Model], series: Series, refit_every: int
) -> dict[str, dict[int, Model]]:
    """Fit each forecaster as `fit_all` does and write it to a file of its name; an empty folder where there is none.

    Raises:
        StepaheadError: as `fit` does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = processes.each(lambda forecaster: fit_all(forecaster, series, refit_every), [*forecasters.values()])
    family = dict(zip(forecasters, every, strict=True))
    for name, fits in family.items():
        write_model(folder / f"{name}.safetensors", fits, series)
    return family


def write_model(path: Path, fits: Mapping[int, TrainedForecaster], series: Series) -> None:
    """Write fits of one forecaster, by the steps of `series` they were fitted on: the weights stacked."""
    ends = sorted(fits)
    model, last = fits[ends[0]], ends[-1]
    seen = FittedOn(
        series.name,
        series.scale,
        series.n_train,
        last,
        fingerprint(series.values[:last]),
        dict(series.reading),
        series.spacing,
        series.dates[last - 1] if series.dates else None,
    )
    about = {
        "class": type(model).__name__,
        "hyperparameters": {f.name: getattr(model, f.name) for f in dataclasses.fields(model) if f.init},
        "ends": ends,
        "series": dataclasses.asdict(seen),
    }
    weights = {name: np.stack([fits[end].weights[name] for end in ends]) for name in model.weights}
    artifacts.write_tensors(path, weights, about)


def read_model(path: Path, classes: Iterable[type[TrainedForecaster]]) -> tuple[dict[int, TrainedForecaster], FittedOn]:
    """Read what `write_model` wrote of a forecaster of one of `classes`.

    Raises:
        StepaheadError: the file is missing, damaged, or holds another class or other hyperparameters.
    """
    weights, about = artifacts.read_tensors(path)
    known = {cls.__name__: cls for cls in classes}
    try:
        cls, ends, series = known[about["class"]], about["ends"], about["series"]
        seen = FittedOn(**{**series, "scale": read_scale(series["scale"])})
        # JSON knows lists only; a hyperparameter that is a sequence was a tuple
        given = {n: tuple(v) if isinstance(v, list) else v for n, v in about["hyperparameters"].items()}
        fits = {end: cls(**given) for end in ends}
        if not fits or any(array.shape[:1] != (len(ends),) or array.dtype not in FLOATS for array in weights.values()):
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StepaheadError(
            f"{path} holds no forecaster of this version ({', '.join(known)}); delete it and run dvc repro"
        ) from None
    for i, fit in enumerate(fits.values()):
        fit.weights = {name: array[i] for name, array in weights.items()}
    return fits, seen


def read_model_of(
    path: Path, classes: Iterable[type[TrainedForecaster]], series: Series
) -> dict[int, TrainedForecaster]:
    """The fits in a file, which must be of this series with this scale and training part.

    Raises:
        StepaheadError: they are of another; or as `read_model` does.
    """
    fits, seen = read_model(path, classes)
    if (seen.n_train, seen.scale) != (series.n_train, series.scale) or not seen.begins(series.values):
        raise StepaheadError(
            f"{path} was fitted on another series than the one in data/series ({seen.name}, its first {seen.last} "
            "steps); run dvc repro, which fits it again"
        )
    return fits
