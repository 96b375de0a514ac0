"""What many series have in common: how their errors compare with persistence's, as counts that need no list of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.report import charts
from stepahead.report.charts import Chart, Level
from stepahead.report.line_styles import model_looks

EDGES = np.linspace(-10, 10, 4001)
"""log2 of a model's error over persistence's: within 0.4 %, from a thousandth to a thousand times"""


class Summary:
    """How many series have which ratio of errors, by model and k."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], Array] = {}
        self.n_series = 0

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Count rows that begin with unique_id, model, k and mse, those of a series all together."""
        errors: dict[tuple[str, int], dict[str, float]] = {}
        for unique_id, model, k, mse, *_ in rows:
            errors.setdefault((unique_id, k), {})[model] = mse
        self.n_series += len({unique_id for unique_id, _ in errors})
        ratios: dict[tuple[str, int], list[float]] = {}
        for (_, k), by_model in errors.items():
            for model, mse in by_model.items():
                ratios.setdefault((model, k), []).append(_ratio(mse, by_model["persistence"]))
        for key, values in ratios.items():
            found = np.searchsorted(EDGES, np.log2(np.maximum(values, 2.0**-10)), side="right") - 1
            counts = np.bincount(np.clip(found, 0, len(EDGES) - 2), minlength=len(EDGES) - 1)
            self.counts[key] = self.counts.get(key, 0) + counts

    def quantile(self, model: str, k: int, share: float) -> float:
        """The ratio that this share of the series does not exceed."""
        cumulative = np.cumsum(self.counts[model, k])
        place = int(np.searchsorted(cumulative, share * cumulative[-1]))
        return float(2 ** ((EDGES[place] + EDGES[place + 1]) / 2))

    def table(self) -> Mapping[str, Mapping[int, float]]:
        """The median ratio of each model at each k."""
        models, ks = (list(dict.fromkeys(each)) for each in zip(*self.counts, strict=True))
        return {model: {k: self.quantile(model, k, 0.5) for k in ks} for model in models if model != "persistence"}

    def chart(self) -> Chart:
        """The median of each model, and the band that holds the middle half of the series."""
        medians = self.table()
        rows = [
            (model, k, median, self.quantile(model, k, 0.25), self.quantile(model, k, 0.75), True)
            for model, by_k in medians.items()
            for k, median in by_k.items()
        ]
        columns = charts.table(rows, "model", "k", "ratio", "low", "high", "dot")
        y = charts.log("ratio", "ratio of mean squared errors", [*columns["low"], *columns["high"], 1])
        alt = (
            f"The median of each model's squared error over persistence's, of {self.n_series:,} series, by steps ahead."
        )
        lines, levels = model_looks(medians), [Level(1, "persistence")]
        return charts.line_chart(columns, alt, charts.steps_ahead(), y, lines=lines, levels=levels)


def _ratio(mse: float, of_persistence: float) -> float:
    """1 where both are perfect."""
    return mse / of_persistence if of_persistence else (1.0 if mse == 0 else float("inf"))
