"""What the page's script needs to take one forecast of a linear model apart."""

from typing import Any

from stepahead.report.columns import Columns, rows_where
from stepahead.report.run_summary import date_labels
from stepahead.series.data.dataset import Series

SHOWN = 1000  # held-out steps to choose from


def explanation(series: Series, weights: Columns) -> dict[str, Any] | None:
    """The values around the held-out part, and the constant and the weights (lag 1 first) at each k.

    `weights` are the columns model, k, lag and weight of reports/tables/lag_weights.csv. Time steps count from 1. None
    where no model is linear.
    """
    if not len(weights["k"]):
        return None
    reach, horizon = int(weights["lag"].max()), int(weights["k"].max())
    by_lag = [rows_where(weights, weights["lag"] == lag)["weight"] for lag in range(reach + 1)]
    last = min(len(series.values) - 1, series.n_train + SHOWN)
    begin = max(series.n_train - max(2 * reach, 40), 0)
    return {
        "model": str(weights["model"][0]),
        "reach": reach,
        "horizon": horizon,
        "first": series.n_train,
        "last": last,
        "begin": begin + 1,
        "dates": date_labels(series, (begin + 1, last + horizon)),
        "values": series.values[begin : last + horizon].tolist(),
        "constants": by_lag[0].tolist(),
        "weights": [list(of_k) for of_k in zip(*(lag.tolist() for lag in by_lag[1:]), strict=True)],
    }
