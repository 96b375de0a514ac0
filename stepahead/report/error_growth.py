"""How a model's error grows with k, by the rule of d2l 8.1.3 (9.1.4): ε_{k+1} = ε̄ + c ε_k."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.report.columns import Columns, split_by
from stepahead.report.results import Cell, Row, Table


@dataclass(frozen=True)
class Growth:
    """The rule fitted to a curve of errors: what each step adds, the factor on what was there, and how far the rule's
    own curve, from the same first error, is from the measured one at most (as a share of the largest error)."""

    added: float
    factor: float
    gap: float

    @property
    def limit(self) -> float | None:
        """Where the error settles, ε̄ / (1 − c); None where it grows on."""
        return self.added / (1 - self.factor) if self.factor < 1 else None


def fit_growth(errors: Array) -> Growth:
    """The rule by least squares on errors ε_1 … ε_K (K,), K ≥ 3, each from the one before it."""
    (factor, added), *_ = np.linalg.lstsq(np.column_stack([errors[:-1], np.ones(len(errors) - 1)]), errors[1:])
    path = [errors[0]]
    for _ in errors[1:]:
        path.append(added + factor * path[-1])
    return Growth(float(added), float(factor), float(np.abs(path - errors).max() / errors.max()))


def growth_table(errors: Columns, names: Mapping[str, str]) -> Table | None:
    """A row for each of `names` (model -> note) that has an error at every k; ε is the root of the mean squared error.

    None where there are fewer than three steps to see a rule in.
    """
    rows = []
    for model, columns in split_by(errors, "model").items():
        if model not in names or len(columns["k"]) < 3 or columns["k"][-1] != len(columns["k"]):
            continue
        growth = fit_growth(np.sqrt(columns["mse"]))
        settles = "grows on" if growth.limit is None else f"{growth.limit:.3g}"
        cells = [f"{growth.factor:.3f}", f"{growth.added:.3g}", settles, f"{growth.gap:.0%}"]
        rows.append(Row(model, "model", names[model], [Cell(text) for text in cells]))
    return Table(["c", "ε̄", "settles at", "largest gap"], rows) if rows else None
