"""How models see a series, and the way back: its logarithms, their differences, then mean 0 and standard deviation 1.

The order is fixed: log, seasonal difference, difference, and what comes of that less its mean and by its standard
deviation, both of the training part. A forecast goes back from the values before its origin: a difference is added to
what lies a lag before it, which is observed, or is itself the forecast of an earlier step.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.windows import windows_before

TRANSFORMS = ("log", "seasonal_difference", "difference", "last_value")


@dataclass(frozen=True)
class Scale:
    """Maps values in a series' own unit to what models see, and forecasts of that to the unit."""

    log: bool = False
    differences: tuple[int, ...] = ()  # the lag of each difference, in the order in which they are taken
    from_last: bool = False  # models see each window, and what follows it, less the window's last value
    mean: float = 0.0  # of the training part after the transforms above
    std: float = 1.0

    @property
    def lost(self) -> int:
        """The steps at the start of a series that have no difference: what models see begins after them."""
        return sum(self.differences)

    def seen(self, values: Array) -> Array:
        """Values (T,) as models see them, (T - lost,)."""
        return (self._levels(values)[-1] - self.mean) / self.std

    def in_unit(self, forecasts: Array, values: Array, origins: Array) -> Array:
        """Forecasts of what models see, (…, N, horizon), in the unit of `values` (T,), of which only those before each
        of `origins` (N,) are used."""
        back, start = forecasts * self.std + self.mean, self.lost
        for lag, level in zip(reversed(self.differences), self._levels(values)[-2::-1], strict=True):
            start -= lag
            back = cumulate(back, lag) + _repeated(windows_before(level, origins - start, lag), back.shape[-1])
        return np.exp(back) if self.log else back

    def distance(self, forecasts: Array, values: Array) -> Array:
        """How far forecasts are from values: in their unit, or where models see logarithms the distance of those, which
        is relative to the level and does not grow with it."""
        apart: Array = np.log(forecasts) - np.log(values) if self.log else forecasts - values
        return np.abs(apart)

    def around(self, forecasts: Array, distance: Array) -> tuple[Array, Array]:
        """What lies below forecasts, and above, at a `distance` as above."""
        if self.log:
            return forecasts * np.exp(-distance), forecasts * np.exp(distance)
        return forecasts - distance, forecasts + distance

    def _levels(self, values: Array) -> list[Array]:
        """The values, or their logarithms, and what each difference makes of them."""
        levels = [np.log(values) if self.log else values]
        for lag in self.differences:
            levels.append(levels[-1][lag:] - levels[-1][:-lag])
        return levels


def fit_scale(
    name: str, values: Array, n_train: int, transforms: Collection[str] = (), season: int | None = None
) -> Scale:
    """The scale of the series `name` (T,) whose first `n_train` steps are for fitting.

    Args:
        transforms: of `TRANSFORMS`, in any order.
        season: the lag of the seasonal difference.

    Raises:
        StepaheadError: a value has no logarithm; the season is not known; or nothing of the training part is left, or
            only a constant.
    """
    chosen = f"series.transform = {', '.join(each for each in TRANSFORMS if each in transforms)}"
    low = int(np.argmin(values))
    if "log" in transforms and values[low] <= 0:
        raise StepaheadError(
            f"{chosen}, but step {low + 1} of {name} is {values[low]:g}, and only values above zero have a logarithm; "
            "take another series.transform"
        )
    if "seasonal_difference" in transforms and season is None:
        raise StepaheadError(f"{chosen}, but {name} has no season that is known; say its steps with series.season")
    lags = {"seasonal_difference": season or 1, "difference": 1}
    differences = tuple(lag for each, lag in lags.items() if each in transforms)
    raw = Scale("log" in transforms, differences, "last_value" in transforms)
    if raw.lost and n_train < raw.lost + 2:
        raise StepaheadError(
            f"{chosen} needs more than {raw.lost + 1} training steps, and series.n_train is {n_train}; raise it or "
            "take another series.transform"
        )
    train = raw.seen(values[: max(n_train, 1)])
    with np.errstate(over="ignore", invalid="ignore"):
        std = float(train.std())
    if not np.isfinite(std):
        raise StepaheadError(f"series.name = {name}: its values are so large that their square overflows; scale them")
    if np.ptp(train) == 0 or std == 0:
        after, other = (f", after {chosen},", "series.transform") if raw != Scale() else ("", "column")
        raise StepaheadError(
            f"series.name = {name}: its first {n_train} steps (series.n_train){after} are all the same, so there is "
            f"nothing to fit; raise series.n_train or take another {other}"
        )
    return replace(raw, mean=float(train.mean()), std=std)


def read_scale(fields: Mapping[str, Any]) -> Scale:
    """The scale that `dataclasses.asdict` gave, from JSON.

    Raises:
        KeyError, TypeError: it is none.
    """
    return Scale(**{**fields, "differences": tuple(fields["differences"])})


def cumulate(changes: Array, lag: int) -> Array:
    """Sums of every `lag`-th of changes (…, horizon) up to each: undoes a difference from a start of zeros."""
    horizon = changes.shape[-1]
    whole = np.zeros((*changes.shape[:-1], -(-horizon // lag) * lag))
    whole[..., :horizon] = changes
    sums = whole.reshape(*changes.shape[:-1], -1, lag).cumsum(axis=-2)
    return sums.reshape(whole.shape)[..., :horizon]


def _repeated(seasons: Array, horizon: int) -> Array:
    """(N, lag) over and over, (N, horizon)."""
    return np.tile(seasons, -(-horizon // seasons.shape[1]))[:, :horizon]
