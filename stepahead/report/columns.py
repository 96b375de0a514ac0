"""Tables as columns, which is all that a figure needs of a data frame."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array

Columns = Mapping[str, Array]
"""Equally long arrays by name."""


def rows_where(columns: Columns, wanted: Array) -> dict[str, Array]:
    """The rows where `wanted` (rows,) is true."""
    return {name: column[wanted] for name, column in columns.items()}


def split_by(columns: Columns, name: str) -> dict[Any, dict[str, Array]]:
    """The rows of each value of the column `name`, the values in the order of their first rows."""
    values = columns[name]
    return {value: rows_where(columns, values == value) for value in dict.fromkeys(values.tolist())}


def models_of(columns: Columns) -> list[str]:
    """The models of a table that has a column for each, beside k and t."""
    return [name for name in columns if name not in {"k", "t"}]


def as_predicted(scores: Columns, predictions: Columns, multistep: Columns) -> dict[str, Array]:
    """`scores` (columns model and k, among others) without the horizons that a direct model only interpolates.

    A direct model has an output for each horizon in the column k of `predictions`, and no column in `multistep`.
    """
    direct = [model for model in models_of(predictions) if model not in multistep]
    return rows_where(scores, ~np.isin(scores["model"], direct) | np.isin(scores["k"], predictions["k"]))
