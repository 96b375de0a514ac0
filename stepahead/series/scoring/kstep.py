"""How far off a forecaster is k steps ahead, on the same held-out origins for every model."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Predictor, as_ensemble
from stepahead.series.data.windows import lag_windows

CHUNK = 8192  # origins forecast at once: bounds memory however long the series is
TOO_LARGE = 1e100  # a forecast whose square soon overflows


class WindowModel(Protocol):
    """A forecaster that predicts one step from a lag window."""

    tau: int
    pad: str

    def one_step(self, windows: Array) -> Array: ...


def held_out_origins(n_train: int, length: int, horizon: int) -> Array:
    """Every origin whose targets all lie after training and inside the series: n_train … length - horizon, (N,).

    Raises:
        StepaheadError: there is none.
    """
    if n_train + horizon > length:
        raise StepaheadError(
            f"kstep.horizons = {horizon} at most, but only {length - n_train} of the series' {length} steps follow "
            f"series.n_train = {n_train}; lower kstep.horizons or series.n_train"
        )
    return np.arange(n_train, length - horizon + 1)


def forecast_in_unit(forecaster: Predictor, series: Series, origins: Array, horizon: int) -> Array:
    """The forecasts from `origins` (N,) in the series' own unit, (n_seeds, N, horizon).

    Raises:
        StepaheadError: a forecast is not finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # reported below, with the way out
        forecast = as_ensemble(forecaster.forecast(series.values, origins, horizon), len(origins), horizon)
    if not (np.abs(forecast) < TOO_LARGE).all():  # NaN is not
        raise StepaheadError(
            f"the forecasts of {type(forecaster).__name__} are not finite numbers; "
            "lower kstep.horizons, tau or the model's lr"
        )
    return forecast


def forecasts_and_targets(
    forecaster: Predictor, series: Series, origins: Array, horizon: int
) -> Iterator[tuple[Array, Array]]:
    """Forecasts (n_seeds, n, horizon) and the values that they are of (n, horizon), in the original unit, for one chunk
    of `origins` after another."""
    targets = np.lib.stride_tricks.sliding_window_view(series.values, horizon)
    for start in range(0, len(origins), CHUNK):
        chunk = origins[start : start + CHUNK]
        forecasts = forecast_in_unit(forecaster, series, chunk, horizon)
        yield forecasts, targets[chunk]


def squared_errors(forecaster: Predictor, series: Series, origins: Array, horizon: int) -> Array:
    """Mean squared error over `origins` for k = 1 … horizon, in the original unit squared, (n_seeds, horizon)."""
    pairs = forecasts_and_targets(forecaster, series, origins, horizon)
    return np.asarray(sum(((forecasts - targets) ** 2).sum(axis=1) for forecasts, targets in pairs) / len(origins))


def kstep_metrics(errors: Mapping[str, Array], horizons: Sequence[int], noise_std: float | None) -> dict[str, Any]:
    """The content of reports/metrics/kstep.json: model -> k -> mean squared error, the mean over the weight seeds.

    Args:
        errors: model -> (n_seeds, at least max(horizons)) as `squared_errors` gives them; must hold 'persistence'.
        noise_std: of the series, where known; its square is the floor.

    Raises:
        StepaheadError: persistence is perfect, so that no skill can be measured against it.
    """
    means = {model: mse.mean(axis=0) for model, mse in errors.items()}
    for k in horizons:
        if not means["persistence"][k - 1]:
            raise StepaheadError(
                f"series.name: the series does not change over {k} step{'s' * (k > 1)} after series.n_train, so there "
                "is nothing to predict; take another series or other kstep.horizons"
            )
    rows: dict[str, Any] = {model: {f"k{k}": float(mse[k - 1]) for k in horizons} for model, mse in means.items()}
    return rows if noise_std is None else {"floor": noise_std**2, **rows}


def training_mse(model: WindowModel, series: Array) -> Array:
    """The one-step squared error of a fitted model on the pairs it was fitted to, (n_seeds,) or ().

    The book prints it after the last epoch (d2l 8.1). `series` is the scaled training part, and so is the unit.
    """
    features, labels = lag_windows(series, model.tau, model.pad)
    mse: Array = ((model.one_step(features) - labels) ** 2).mean(axis=-1)
    return mse
