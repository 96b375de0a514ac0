"""statsforecast's models on series that come in as JSON; benchmarks/outside.py runs it in an environment of its own.

Each model is fitted once on the first `n_fit` values and predicts from every origin with these parameters (`forward`).
Beside the forecasts go the scores that utilsforecast computes of them, to check ours against.
"""

import json
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
from statsforecast.models import AutoARIMA, AutoCES, AutoETS, Naive, SeasonalNaive, Theta
from statsforecast.utils import AirPassengers
from utilsforecast import losses


def main() -> None:
    warnings.simplefilter("ignore")
    job = json.load(sys.stdin)
    if job == "AirPassengers":
        json.dump(AirPassengers.tolist(), sys.stdout)
    else:
        json.dump(
            [{name: on_series(model, each) for name, model in models(each["season"]).items()} for each in job],
            sys.stdout,
        )


def models(season: int) -> dict[str, Any]:
    seasonal = {"SeasonalNaive": SeasonalNaive(season)} if season > 1 else {}
    return {
        "Naive": Naive(),
        **seasonal,
        "AutoARIMA": AutoARIMA(season_length=season),
        "AutoETS": AutoETS(season_length=season),
        "AutoCES": AutoCES(season_length=season),
        "Theta": Theta(season_length=season),
    }


def on_series(model: Any, each: dict[str, Any]) -> dict[str, Any]:
    """Forecasts (N, horizon), their bounds at each level, and utilsforecast's scores by k."""
    values, horizon, levels = np.array(each["values"]), each["horizon"], each["levels"]
    model.fit(values[: each["n_fit"]])
    found = [model.forward(y=values[:origin], h=horizon, level=levels) for origin in each["origins"]]
    mean = np.array([one["mean"] for one in found])
    low, high = (np.array([[one[f"{side}-{level}"] for one in found] for level in levels]) for side in ("lo", "hi"))
    at = np.concatenate([low[::-1], mean[None], high])  # (quantiles, N, horizon)
    return {
        "mean": mean.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "scores": {k: scores(each, mean[:, k - 1], at[:, :, k - 1], k) for k in each["horizons"]},
    }


def scores(each: dict[str, Any], mean: np.ndarray, at: np.ndarray, k: int) -> dict[str, float]:
    """utilsforecast's mse, mase, scaled CRPS and coverage at the highest level of forecasts (N,) k steps ahead."""
    values, levels = np.array(each["values"]), np.array(each["levels"])
    quantiles = np.concatenate([50 - levels[::-1] / 2, [50], 50 + levels / 2]) / 100
    steps = np.array(each["origins"]) + k - 1
    names = [f"q{i}" for i in range(len(quantiles))]
    frame = pd.DataFrame(
        {"unique_id": "a", "ds": steps, "y": values[steps], "m": mean, **dict(zip(names, at, strict=True))}
    )
    frame[f"m-lo-{levels[-1]}"], frame[f"m-hi-{levels[-1]}"] = at[0], at[-1]
    train = pd.DataFrame({"unique_id": "a", "ds": range(each["n_fit"]), "y": values[: each["n_fit"]]})
    found = {
        "mse": losses.mse(frame, ["m"]),
        "mase": losses.mase(frame, ["m"], each["season"], train),
        "scaled_crps": losses.scaled_crps(frame, {"m": names}, quantiles),
        "coverage": losses.coverage(frame, ["m"], int(levels[-1])),
    }
    return {name: float(table["m"].iloc[0]) for name, table in found.items()}


if __name__ == "__main__":
    main()
