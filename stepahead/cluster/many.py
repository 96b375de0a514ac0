"""Many series through the models that take no time to train: what the pipeline's stages do for one, for each."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from distributed import Client

from stepahead.cluster.engine import difference, environment
from stepahead.cluster.panel import Entry
from stepahead.core import params
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import check_horizons, standardised, training_steps
from stepahead.series.data.forecaster import Forecaster
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.rules import steps_or_share, transforms
from stepahead.series.data.transform import transformed
from stepahead.series.data.windows import PADS
from stepahead.series.latent.lvar import MAX_ORDER, LatentAR
from stepahead.series.linear.linear_ar import METHODS, LinearAR
from stepahead.series.scoring.baselines import baselines
from stepahead.series.scoring.intervals import DEFAULT, LEVELS, score
from stepahead.series.scoring.kstep import held_out_origins

MEASURES = tuple(f"{kind}_{100 * level:.0f}" for level in LEVELS for kind in ("coverage", "width"))
COLUMNS = ("unique_id", "model", "k", "mse", *MEASURES)
"""of the result; where a series is too short for an interval, its coverage and width are missing"""
CODE = ("cluster", "core", "series")
"""the folders of this library that a worker runs"""
AHEAD = 4
"""parts on the way to a worker's thread, so that it never waits and none pile up"""


@dataclass(frozen=True)
class Config:
    """The params of the stages that do the same for one series."""

    tau: int | str = params.param("tau", params.auto_or(params.integer(1)))
    pad: str = params.param("windows.pad", params.choice(*PADS))
    linear: tuple[str, ...] = params.param("models.linear", params.list_of(params.choice(*METHODS), empty=True))
    lvar: tuple[str, ...] = params.param("models.lvar", params.list_of(params.choice("lvar"), empty=True))
    order: int = params.param("lvar.order", params.integer(1, MAX_ORDER))
    iterations: int = params.param("lvar.iterations", params.integer(0, 10**6))
    horizons: tuple[int, ...] = params.param("kstep.horizons", params.list_of(params.integer(1)))
    refit_every: int = params.param("kstep.refit_every", params.integer(0))
    n_train: float = params.param("series.n_train", steps_or_share)
    season: int | None = params.param("series.season", params.optional(params.integer(1)))
    transform: tuple[str, ...] = params.param("series.transform", transforms)


class Scores(NamedTuple):
    """Of some series: the rows of the result, and for those without why there are none."""

    rows: list[tuple[Any, ...]]
    refused: list[tuple[str, str]]
    windows: int
    """forecasts of the longest horizon that were scored, over all models"""


def score_all(client: Client, parts: Iterable[Sequence[Entry]], config: Config) -> Iterator[Scores]:
    """Score the parts on the client's workers, and give them back in order.

    Raises:
        StepaheadError: a part cannot be read, or a worker failed.
    """
    here, waiting = environment(CODE), deque[Any]()
    for part in parts:
        waiting.append(client.submit(score_part, part, config, here, pure=False))
        if len(waiting) > AHEAD * sum(client.nthreads().values()):
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(future: Any) -> Scores:
    try:
        scores: Scores = future.result()
        return scores
    except StepaheadError:
        raise
    except Exception as error:
        raise StepaheadError(f"a worker failed ({type(error).__name__}: {error})") from None


def score_part(part: Sequence[Entry], config: Config, here: dict[str, str]) -> Scores:
    """Score some series; what a worker runs.

    Raises:
        StepaheadError: the worker's environment is not the client's.
    """
    if other := difference(here, environment(CODE)):
        raise StepaheadError(f"a worker that joined late has {other}; install the same there")
    scores = Scores([], [], 0)
    for entry in part:
        try:
            rows, windows = score_series(entry, config)
        except StepaheadError as error:
            scores.refused.append((entry.unique_id, str(error)))
            continue
        scores.rows.extend(rows)
        scores = scores._replace(windows=scores.windows + windows)
    return scores


def score_series(entry: Entry, config: Config) -> tuple[list[tuple[Any, ...]], int]:
    """The rows of one series, and how many forecasts they score.

    Raises:
        StepaheadError: it cannot be scored; says why.
    """
    if not entry.ordered:
        raise StepaheadError(f"{entry.unique_id}: ds does not rise from row to row; sort the file by unique_id and ds")
    if (bad := np.flatnonzero(~np.isfinite(entry.values))).size:
        raise StepaheadError(
            f"{entry.unique_id}: its y number {bad[0] + 1} is missing or not finite; fill it, or leave the series out"
        )
    n_train = training_steps(config.n_train, len(entry.values))
    series = standardised(entry.unique_id, entry.values, None, n_train)
    series = transformed(series, config.season, config.transform)
    check_horizons(series, config.horizons)
    horizons = sorted(config.horizons)
    origins = held_out_origins(series.n_train, len(series.values), horizons[-1])
    tau, from_last = chosen_tau(config.tau, series.train), series.scale.from_last
    models: dict[str, Forecaster] = {each: LinearAR(tau, each, config.pad, from_last) for each in config.linear}
    models |= {name: LatentAR(config.order, config.iterations, from_last) for name in config.lvar}
    trained = {name: Fits(fit_all(model, series, config.refit_every), series.scale) for name, model in models.items()}
    rows = []
    for name, model in (baselines(series, config.refit_every) | trained).items():
        found = score(model, series, origins, horizons)
        intervals = found.intervals[DEFAULT]
        for k in horizons:
            measures = [
                None if np.isnan(array[i, k - 1]) else float(array[i, k - 1])
                for i in range(len(LEVELS))
                for array in (intervals.coverage, intervals.width)
            ]
            rows.append((entry.unique_id, name, k, float(found.mse[:, k - 1].mean()), *measures))
    return rows, len(origins) * (len(rows) // len(horizons))
