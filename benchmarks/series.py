"""What the series part costs and how good it is: `python -m benchmarks.series` (about five minutes).

Scoring long series, all default models in a fresh clone of the last commit, the latent AR model against the oracle,
and every model on time run forwards and backwards. Goes to benchmarks/series.json.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.clone import ROOT, clone, machine, run
from stepahead.core.artifacts import Array, write_json
from stepahead.series.data.dataset import Series, sine, training_steps
from stepahead.series.data.forecaster import Forecaster
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import SURGERY, DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import Mean, Oracle, Persistence
from stepahead.series.scoring.intervals import score
from stepahead.series.scoring.kstep import held_out_origins, squared_errors

SIZES = [(10_000, 64), (100_000, 64), (1_000_000, 16), (1_000_000, 32), (1_000_000, 64)]
SEEDS = range(10)  # of the data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--score", nargs=2, type=int, metavar=("POINTS", "HORIZON"), help="only score one series")
    size = parser.parse_args().score
    if size:
        return score_ols(*size)
    scored = scoring()  # first, because a process starts with the memory of the one that starts it
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    measured = {
        "machine": machine(),
        "scoring": scored,
        "all_models_s": all_models(),
        "lvar": latent(params),
        "seeds_64_to_1": seeds_ratio(params),
        "time": {"forwards": kstep_table(params, False), "backwards": kstep_table(params, True)},
    }
    write_json(ROOT / "benchmarks/series.json", measured)
    return None


def score_ols(points: int, horizon: int) -> None:
    """Make a sine, fit the linear model at tau 8 on the book's 604 steps, score it with its intervals on the rest."""
    series = sine(points, 0.01, 0.2, 604, np.random.default_rng(0))
    model, origins = (
        Fits(fit_all(LinearAR(8, "ols", "drop"), series, 0), series.scale),
        held_out_origins(604, points, horizon),
    )
    score(model, series, origins, [horizon])


def scoring() -> list[dict[str, float]]:
    rows = []
    for points, horizon in SIZES:
        cost = run(sys.executable, "-m", "benchmarks.series", "--score", str(points), str(horizon), cwd=ROOT)
        say(f"ols, tau 8: {points:,} points, k up to {horizon}: {cost.seconds:.2f} s, {cost.memory:.0f} MB")
        rows.append({"points": points, "horizon": horizon, "s": round(cost.seconds, 2), "mb": round(cost.memory)})
    return rows


def all_models() -> float:
    """Seconds to train and score every default model, from nothing, every process's start included."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = run("dvc", "repro", "evaluate_kstep", cwd=clone(Path(folder) / "stepahead")).seconds
    say(f"all default models, dvc repro evaluate_kstep: {seconds:.1f} s")
    return round(seconds, 1)


def latent(params: dict[str, Any]) -> dict[str, float]:
    """The latent AR model's error at the longest horizon over the oracle's, both averaged over the data's seeds."""
    errors, oracles, seconds = [], [], []
    for seed in SEEDS:
        series = default_series(params, seed)
        started = time.monotonic()
        model = LatentAR(**params["lvar"])
        model.fit(series.train)
        seconds.append(time.monotonic() - started)
        errors.append(errors_of(model, series, params)[-1])
        assert series.signal is not None
        oracles.append(errors_of(Oracle(series.signal), series, params)[-1])
    ratio = float(np.mean(errors) / np.mean(oracles))
    say(f"lvar at the longest horizon: {np.mean(errors):.4f}, {ratio:.3f} of the oracle; {max(seconds):.2f} s a fit")
    return {"mse": float(np.mean(errors)), "ratio_to_oracle": ratio, "slowest_fit_s": round(max(seconds), 2)}


def seeds_ratio(params: dict[str, Any]) -> float:
    """How many times as long the MLP trains from 64 weight seeds as from one: median of rounds side by side."""
    series = default_series(params, 0)

    def seconds(n_seeds: int) -> float:
        model = default_models(params | {"n_seeds": n_seeds})["mlp"]
        started = time.monotonic()
        model.fit(series.train)
        return time.monotonic() - started

    ratio = statistics.median(seconds(64) / seconds(1) for _ in range(9))
    say(f"the MLP from 64 seeds takes {ratio:.2f} times as long as from one")
    return round(ratio, 2)


def kstep_table(params: dict[str, Any], reverse: bool) -> dict[str, dict[str, float]]:
    """Every default model's error at every reported horizon, mean over the data's seeds."""
    totals: dict[str, Array] = {}
    for seed in SEEDS:
        series = default_series(params, seed, reverse)
        for name, model in default_models(params).items():
            model.fit(series.train)
            totals[name] = totals.get(name, 0) + errors_of(model, series, params) / len(SEEDS)
    say(f"time {'backwards' if reverse else 'forwards'}, k = {params['kstep']['horizons']}")
    for name, errors in totals.items():
        say(f"  {name:12}" + "".join(f"{error:8.4f}" for error in errors))
    keys = [f"k{k}" for k in sorted(params["kstep"]["horizons"])]
    return {name: dict(zip(keys, map(float, errors), strict=True)) for name, errors in totals.items()}


def errors_of(model: Forecaster, series: Series, params: dict[str, Any]) -> Array:
    """Mean over the weight seeds, (len(kstep.horizons),)."""
    horizons = sorted(params["kstep"]["horizons"])
    origins = held_out_origins(series.n_train, len(series.values), horizons[-1])
    errors = squared_errors(model, series, origins, horizons[-1]).mean(axis=0)
    return np.array([errors[k - 1] for k in horizons])


def default_series(params: dict[str, Any], seed: int, reverse: bool = False) -> Series:
    sizes = {name: params["series"][name] for name in ("length", "frequency", "noise_std")}
    n_train = training_steps(params["series"]["n_train"], sizes["length"])
    return sine(**sizes, n_train=n_train, generator=np.random.default_rng(seed), reverse=reverse)


def default_models(params: dict[str, Any]) -> dict[str, Forecaster]:
    tau, pad = params["tau"], params["windows"]["pad"]
    seeds = {"n_seeds": params["n_seeds"], "seed": params["seed"]}
    shared: dict[str, Any] = {"tau": tau, "pad": pad, **seeds}
    models: dict[str, list[str]] = params["models"]
    horizons = tuple(params["kstep"]["horizons"])
    return {
        "persistence": Persistence(),
        "mean": Mean(),
        **{method: LinearAR(tau, method, pad) for method in models["linear"]},
        **{name: MLP(**params["mlp"], **shared) for name in models["mlp"]},
        **{
            name: DirectMLP(horizons=horizons, surgery=SURGERY[name], **params["direct"], **shared)
            for name in models["direct"]
        },
        **{cell: Recurrent(cell, **params["recurrent"], **shared) for cell in models["recurrent"]},
        **{name: LatentAR(**params["lvar"]) for name in models["lvar"]},
    }


def say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    main()
