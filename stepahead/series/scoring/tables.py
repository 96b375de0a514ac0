"""Columns of the tables the figures are drawn from; where a model has several weight seeds, its forecasts are the
first one's, as if it had been trained once."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.series.data.dataset import Series
from stepahead.series.data.forecaster import Predictor
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.scoring.baselines import NAIVE
from stepahead.series.scoring.kstep import forecast_in_unit

Table = dict[str, Any]


def error_table(errors: Mapping[str, Array]) -> Table:
    """model, k, mse, mse_std, skill from model -> (n_seeds, horizon).

    Skill is 1 − mse / the least mse of the rows of `NAIVE` at the same k; empty where that is 0.
    """
    horizon = errors["persistence"].shape[1]
    means = {model: mse.mean(axis=0) for model, mse in errors.items()}
    naive = np.min([means[model] for model in NAIVE if model in means], axis=0)  # (horizon,)
    spreads = [mse.std(axis=0, ddof=1) if len(mse) > 1 else mse[0] * 0 for mse in errors.values()]
    return {
        "model": np.repeat(list(errors), horizon),
        "k": np.tile(np.arange(1, horizon + 1), len(errors)),
        "mse": np.concatenate([*means.values()]),
        "mse_std": np.concatenate(spreads),
        "skill": [
            1 - mse / bar if bar else None for each in means.values() for mse, bar in zip(each, naive, strict=True)
        ],
    }


def seed_table(errors: Mapping[str, Array], horizons: Sequence[int]) -> Table:
    """model, seed, k, mse at the reported horizons from model -> (n_seeds, horizon)."""
    rows = [
        (model, seed, k, float(mse[seed, k - 1]))
        for model, mse in errors.items()
        for seed in range(len(mse))
        for k in horizons
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "seed", "k", "mse"))}


def prediction_table(forecasts: Mapping[str, Array], origins: Array, horizons: Sequence[int]) -> Table:
    """k, t and a column a model: the prediction for time step t made k steps before, from each of `origins` (N,).

    Args:
        forecasts: model -> (N, at least max(horizons)).
    """
    columns = {model: np.concatenate([each[:, k - 1] for k in horizons]) for model, each in forecasts.items()}
    steps = np.concatenate([origins + k for k in horizons])  # time steps count from 1, origins from 0
    return {"k": np.repeat(list(horizons), len(origins)), "t": steps, **columns}


def gradient_table(forecasters: Mapping[str, DirectMLP]) -> Table:
    """How the gradients of every two of a direct model's tasks agreed, by epoch: model, k, other_k, epoch, cosine
    (mean over the epoch's steps) and conflicts (the share of the steps in which it was below zero); mean over seeds."""
    rows = [
        (model, k, other, epoch + 1, float(cosines[epoch, i, j]), float(conflicts[epoch, i, j]))
        for model, each in forecasters.items()
        for cosines, conflicts in [(each.weights["cosines"].mean(0), each.weights["conflicts"].mean(0))]
        for (i, k), (j, other) in combinations(enumerate(sorted(each.horizons)), 2)
        for epoch in range(each.epochs)
    ]
    names = ("model", "k", "other_k", "epoch", "cosine", "conflicts")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def multistep_table(forecasters: Mapping[str, Predictor], series: Series, horizon: int) -> Table:
    """t and a column a model: the `horizon` steps that follow the training part, predicted from its end."""
    origin = np.array([series.n_train])
    paths = {model: forecast_in_unit(each, series, origin, horizon)[0, 0] for model, each in forecasters.items()}
    return {"t": series.n_train + np.arange(1, horizon + 1), **paths}
