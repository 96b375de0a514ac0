"""What many series have in common: how their errors compare with persistence's, as counts that need no list of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from stepahead.core.artifacts import Array
from stepahead.report.style import legend_beside, look, panels

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

    def figure(self) -> Figure:
        """The median of each model, and the band that holds the middle half of the series."""
        figure, (axes,) = panels()
        for model, by_k in self.table().items():
            k = list(by_k)
            axes.plot(k, list(by_k.values()), marker=".", **look(model))
            low, high = ([self.quantile(model, each, share) for each in k] for share in (0.25, 0.75))
            axes.fill_between(k, low, high, alpha=0.12, linewidth=0, color=look(model)["color"])
        axes.axhline(1, color="#000000", linewidth=0.8)
        title = f"Error over that of persistence: median and middle half of {self.n_series:,} series"
        axes.set(xlabel="steps ahead (k)", ylabel="ratio of mean squared errors", yscale="log", title=title)
        legend_beside(axes)
        return figure


def _ratio(mse: float, of_persistence: float) -> float:
    """1 where both are perfect."""
    return mse / of_persistence if of_persistence else (1.0 if mse == 0 else float("inf"))
