"""The one interface every series model has, and the one shape its forecasts are scored in."""

from typing import Protocol, runtime_checkable

from stepahead.core.artifacts import Array


class Predictor(Protocol):
    """Predicts a series from its past; all that scoring knows of a model."""

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """Predict `horizon` steps from each of `origins` (N,).

        Returns:
            (N, horizon), or (n_seeds, N, horizon) for a model trained from several weight seeds. Row i predicts
            series[origins[i]] … series[origins[i] + horizon - 1] from the values before origins[i] only.
        """


class Forecaster(Predictor, Protocol):
    """A predictor that learns from a series.

    A trained forecaster is a dataclass whose fields are its hyperparameters, and `weights`, a dict of arrays that `fit`
    fills; the weights of a model trained from several seeds have a leading axis for them.
    """

    def fit(self, series: Array) -> None:
        """Estimate from the training part `series` (T,), already scaled."""


@runtime_checkable
class Gaussian(Predictor, Protocol):
    """A predictor whose forecast is the mean of a normal distribution that it knows."""

    def deviation(self, horizon: int) -> Array:
        """Its standard deviation 1 … `horizon` steps ahead, the same from every origin, (horizon,)."""


def as_ensemble(forecast: Array, n_origins: int, horizon: int) -> Array:
    """A forecast as (n_seeds, n_origins, horizon), with one seed where the model has none.

    Raises:
        ValueError: any other shape, which would broadcast against the targets in silence.
    """
    expected = (n_origins, horizon)
    if forecast.shape == expected:
        return forecast[None]
    if forecast.ndim == 3 and forecast.shape[1:] == expected and len(forecast):
        return forecast
    raise ValueError(f"a forecast has shape {forecast.shape}, not {expected} or (n_seeds, {n_origins}, {horizon})")
