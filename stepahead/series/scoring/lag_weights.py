"""What each lag adds to a linear model's forecast, k steps ahead."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.forecaster import Predictor

NAMES = ("model", "k", "lag", "weight")


def lag_weights(model: Predictor, reach: int, horizon: int) -> tuple[Array, Array]:
    """The constants (horizon,) and weights (horizon, reach), lag 1 first, of a forecaster that is linear in the last
    `reach` values of a series (T,): x̂_{t+k} = constant_k + Σ_i weight_{k,i} x_{t+1−i}.

    They are its answers to a series of zeros and to one with a single 1 at each lag.
    """
    blocks = np.vstack([np.zeros(reach), np.eye(reach)[::-1]])  # (reach + 1, reach), row i has its 1 at lag i
    origins = reach * np.arange(1, reach + 2)
    answers = model.forecast(blocks.ravel(), origins, horizon)  # (reach + 1, horizon)
    return answers[0], (answers[1:] - answers[0]).T


def lag_weight_table(models: Mapping[str, tuple[Predictor, int]], horizon: int) -> dict[str, Any]:
    """Columns model, k, lag and weight of `models` (name -> predictor in the unit of a series, reach); lag 0 is the
    constant."""
    tables = [_table(name, model, reach, horizon) for name, (model, reach) in models.items()]
    return {name: np.concatenate([table[name] for table in tables]) if tables else [] for name in NAMES}


def _table(name: str, model: Predictor, reach: int, horizon: int) -> dict[str, Array]:
    constants, weights = lag_weights(model, reach, horizon)
    return {
        "model": np.full(horizon * (reach + 1), name),
        "k": np.repeat(np.arange(1, horizon + 1), reach + 1),
        "lag": np.tile(np.arange(reach + 1), horizon),
        "weight": np.column_stack([constants, weights]).ravel(),
    }
