"""Whether prediction intervals hold: `python -m benchmarks.intervals` (about three minutes).

Every default model on twenty noise realisations of the sine, with each method of making intervals, beside adaptive
conformal inference, which the pipeline does not use. The rate of the adaptive intervals is chosen on twenty other
realisations: the one whose coverage is nearest to 80 %, on average over the trained models and the reported horizons.
Goes to benchmarks/intervals.json.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import yaml

from benchmarks.clone import ROOT, machine
from benchmarks.series import default_models, default_series, say
from stepahead.core.artifacts import Array, write_json
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.scoring.conformal import RATE, adaptive_half_widths
from stepahead.series.scoring.intervals import LEVELS, Intervals, first_half_widths, score, scored, training_residuals
from stepahead.series.scoring.kstep import forecasts_and_targets, held_out_origins

SHOWN, FOR_THE_RATE = range(20), range(20, 40)  # seeds of the noise
RATES = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05)
GAMMA = 0.005  # of adaptive conformal inference, as Gibbs & Candès took it
BASELINES = ("persistence", "mean")


def main() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    horizons = sorted(params["kstep"]["horizons"])
    rates = choose_rate(params, horizons)
    found: dict[tuple[str, str], list[Intervals]] = defaultdict(list)
    for name, model, series in fitted(params, SHOWN):
        origins = held_out_origins(series.n_train, len(series.values), horizons[-1])
        by_method = score(model, series, origins, horizons).intervals
        forecasts, targets = held_out(model, series, horizons[-1])
        before = training_residuals(model, series, horizons[-1], forecasts.shape[1])
        widths = aci(before, np.abs(forecasts - targets), horizons)
        by_method["aci"] = scored(series.scale, forecasts, targets, widths)
        for method, each in by_method.items():
            found[name, method].append(each)
    rows = [row(name, method, intervals, horizons) for (name, method), intervals in found.items()]
    for line in rows:
        numbers = "".join(f"  {100 * k['coverage']:5.1f} % {k['width']:5.2f}" for k in line["80"].values())
        say(f"{line['model']:12}{line['method']:9}{numbers}")
    measured = {
        "machine": machine(),
        "realisations": len(SHOWN),
        "rate": RATE,
        "distance_from_80_by_rate": rates,
        "rows": rows,
    }
    write_json(ROOT / "benchmarks/intervals.json", measured)


def fitted(params: dict[str, Any], seeds: range) -> Iterator[tuple[str, Fits, Any]]:
    """Each default model, fitted on the sine with the noise of each of `seeds`."""
    for seed in seeds:
        series = default_series(params, seed)
        for name, model in default_models(params).items():
            yield name, Fits(fit_all(model, series, 0), series.scale), series
        say(f"noise realisation {seed}")


def held_out(model: Fits, series: Any, horizon: int) -> tuple[Array, Array]:
    """The forecasts from every held-out origin, (N, n_seeds, horizon), and what they are of, (N, 1, horizon)."""
    origins = held_out_origins(series.n_train, len(series.values), horizon)
    [(forecasts, targets)] = forecasts_and_targets(model, series, origins, horizon)
    return forecasts.swapaxes(0, 1), targets[:, None]


def choose_rate(params: dict[str, Any], horizons: list[int]) -> dict[str, float]:
    """Of each rate the mean distance of the coverage from 80 %, over the trained models and the horizons."""
    coverage: dict[tuple[str, float], list[Array]] = defaultdict(list)
    for name, model, series in fitted(params, FOR_THE_RATE):
        if name in BASELINES:
            continue
        forecasts, targets = held_out(model, series, horizons[-1])
        before = training_residuals(model, series, horizons[-1], forecasts.shape[1])
        start, residuals = first_half_widths(before), np.abs(forecasts - targets)
        for rate in RATES:
            each = scored(
                series.scale, forecasts, targets, adaptive_half_widths(before, residuals, start, LEVELS, rate)
            )
            coverage[name, rate].append(each.coverage[0, np.array(horizons) - 1])
    distances = {
        rate: np.mean([np.abs(np.mean(shares, axis=0) - 0.8) for (_, at), shares in coverage.items() if at == rate])
        for rate in RATES
    }
    say("distance from 80 % by rate: " + ", ".join(f"{rate}: {100 * d:.2f}" for rate, d in distances.items()))
    return {str(rate): round(float(distance), 4) for rate, distance in distances.items()}


def aci(before: Array, residuals: Array, horizons: list[int], gamma: float = GAMMA) -> Array:
    """Half-widths by adaptive conformal inference (Gibbs & Candès 2021, algorithm of section 2.1), (N, levels, …, H).

    The share of misses that it aims at moves by gamma · (1 − level − missed) when an error becomes known, which k
    steps ahead is k steps after its origin; the half-width is that quantile of all errors known. Where it aims at no
    miss at all the whole line would be the interval; then the largest error known stands for it.

    Args:
        before, residuals: absolute errors from the origins before the first interval, and since, (n, …, H).
        horizons: the k to do; the others are NaN.
    """
    widths = np.full((len(residuals), len(LEVELS), *residuals.shape[1:]), np.nan)
    n_before = len(before)
    for i, level in enumerate(LEVELS):
        for k in horizons:
            errors = np.concatenate([before, residuals])[..., k - 1]  # (n, …)
            first = n_before - k + 1  # origins whose error was known at the start
            known = np.sort(errors[:first], axis=0)
            aim = np.full(errors.shape[1:], 1 - level)
            issued = np.full(errors.shape, np.nan)
            issued[first:n_before] = linear_quantile(known, level - 0 * aim)
            for t in range(n_before, len(errors)):
                if t > n_before:
                    aim = aim + gamma * ((1 - level) - (errors[t - k] > issued[t - k]))
                    known = np.sort(np.concatenate([known, errors[None, t - k]]), axis=0)
                widths[t - n_before, i, ..., k - 1] = linear_quantile(known, 1 - aim)
                issued[t] = np.where(aim <= 0, np.inf, widths[t - n_before, i, ..., k - 1])
    return widths


def linear_quantile(in_order: Array, levels: Array) -> Array:
    """Of each column of `in_order` (n, …) the quantile at its own level (…), the largest entry above 1."""
    at = np.clip(levels, 0, 1) * (len(in_order) - 1)
    low = np.floor(at).astype(int)
    below, above = (np.take_along_axis(in_order, each[None], axis=0)[0] for each in (low, np.ceil(at).astype(int)))
    found: Array = below + (above - below) * (at - low)
    return found


def row(name: str, method: str, intervals: list[Intervals], horizons: list[int]) -> dict[str, Any]:
    """Coverage, width and interval score at each level and horizon, mean over the realisations."""
    levels = {
        f"{100 * level:.0f}": {
            str(k): {
                part: round(float(np.mean([getattr(each, part)[i, k - 1] for each in intervals])), 5)
                for part in ("coverage", "width", "winkler")
            }
            for k in horizons
        }
        for i, level in enumerate(LEVELS)
    }
    return {"model": name, "method": method, **levels}


if __name__ == "__main__":
    main()
