"""A series with its season, as models are to see it."""

from collections.abc import Collection
from dataclasses import replace

from stepahead.series.data.dataset import Series
from stepahead.series.data.scale import fit_scale
from stepahead.series.data.season import season_of


def transformed(series: Series, season: int | None, transforms: Collection[str]) -> Series:
    """The series with the season that is chosen, or found in its training part, and the scale of `transforms`.

    Raises:
        StepaheadError: as `fit_scale` does.
    """
    found = season_of(series.values[: series.n_train], series.season, season, series.n_train)
    if not transforms:
        return replace(series, season=found)
    scale = fit_scale(series.name, series.values, series.n_train, transforms, found)
    return replace(series, season=found, scale=scale)
