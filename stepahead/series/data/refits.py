"""A forecaster fitted on ever longer starts of a series, as one predictor and as one file.

From any origin the latest fit that had ended by then predicts. So one rule serves a rolling origin, which refits on
the way, and the calibration of prediction intervals, which takes origins near the end of the training part and so gets
a fit that ended before them.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from stepahead.core import artifacts
from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Forecaster, Predictor


class TrainedForecaster(Forecaster, Protocol):
    """A dataclass of hyperparameters and, outside its constructor, weights."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    weights: dict[str, Array]


Model = TypeVar("Model", bound=Forecaster)
FLOATS = (np.float32, np.float64)


@dataclass(eq=False)
class Fits:
    """Predicts each origin with the latest fit that ends at or before it."""

    by_end: Mapping[int, Predictor]
    """Each fit by the number of steps it was fitted on."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """As in `Predictor`.

        Raises:
            ValueError: an origin lies before the end of the first fit.
        """
        ends = np.sort(list(self.by_end))
        latest = np.searchsorted(ends, origins, side="right") - 1  # (N,)
        if (latest < 0).any():
            raise ValueError(f"an origin lies before step {ends[0]}, where the first fit ends")
        used = sorted(set(latest.tolist()))
        groups = [np.flatnonzero(latest == fit) for fit in used]
        parts = [
            self.by_end[int(ends[fit])].forecast(series, origins[group], horizon)
            for fit, group in zip(used, groups, strict=True)
        ]
        back = np.argsort(np.concatenate(groups))
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)[..., back, :]


def fit_all(forecaster: Model, series: Series, refit_every: int) -> dict[int, Model]:
    """Fit copies of `forecaster` on the training part, on what of it comes before the calibration part, and, where
    `refit_every` is above zero, anew on all that is known after every so many held-out steps.

    Returns:
        The fits by the number of steps they were fitted on. The scale of the series stays the training part's.

    Raises:
        StepaheadError: as `fit` does.
    """
    refits = range(series.n_train + refit_every, len(series.values), refit_every) if refit_every else ()
    fits = {end: _fitted(forecaster, series, end) for end in (series.n_train, *refits)}
    try:
        return {series.calibration_end: _fitted(forecaster, series, series.calibration_end)} | fits
    except StepaheadError as error:
        raise StepaheadError(
            f"{error} (to calibrate its intervals the model is also fitted on the first {series.calibration_end} "
            f"of {series.n_train} training steps)"
        ) from None


def _fitted(forecaster: Model, series: Series, end: int) -> Model:
    copy = dataclasses.replace(forecaster)  # type: ignore[type-var]
    copy.fit(series.scaled[:end])
    return copy


def save_family(folder: Path, models: Mapping[str, Mapping[int, TrainedForecaster]]) -> None:
    """Write the fits of each model to a file of its name; an empty folder where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, fits in models.items():
        save_fits(folder / f"{name}.safetensors", fits)


def save_fits(path: Path, fits: Mapping[int, TrainedForecaster]) -> None:
    """Write fits of one forecaster to a safetensors file: its hyperparameters once, the weights stacked."""
    ends = sorted(fits)
    model = fits[ends[0]]
    hyperparameters = {f.name: getattr(model, f.name) for f in dataclasses.fields(model) if f.init}
    weights = {name: np.stack([fits[end].weights[name] for end in ends]) for name in model.weights}
    artifacts.write_tensors(path, weights, {"class": type(model).__name__, "ends": ends, **hyperparameters})


def load_fits(path: Path, classes: Iterable[type[TrainedForecaster]]) -> dict[int, TrainedForecaster]:
    """Read what `save_fits` wrote of a forecaster of one of `classes`.

    Raises:
        StepaheadError: the file is missing, damaged, or holds another class or other hyperparameters.
    """
    weights, about = artifacts.read_tensors(path)
    # JSON knows lists only; a hyperparameter that is a sequence was a tuple
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in about.items()}
    name, ends = fields.pop("class", None), fields.pop("ends", ())
    known = {cls.__name__: cls for cls in classes}
    if (
        name not in known
        or fields.keys() != {f.name for f in dataclasses.fields(known[name]) if f.init}
        or any(array.shape[:1] != (len(ends),) or array.dtype not in FLOATS for array in weights.values())
    ):
        raise StepaheadError(
            f"{path} holds no forecaster of this version ({name}, not one of {', '.join(known)} with its "
            "hyperparameters); delete it and run dvc repro"
        )
    fits = {}
    for i, end in enumerate(ends):
        fits[end] = known[name](**fields)
        fits[end].weights = {weight: array[i] for weight, array in weights.items()}
    return fits
