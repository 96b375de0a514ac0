"""Beside what people would use instead: `make outside` (about eight minutes), into benchmarks/outside.json.

Five series, statsforecast's automatic models and ours, from the same origins: every model is fitted once, on the
training part, and forecasts from each later step. Both sides are scored by the same code, which is checked against
utilsforecast, and our persistence against statsforecast's Naive. statsforecast is installed in `.cache/outside`.

Settings of ours are chosen on the training part alone. Its last third validates: models are fitted on what comes
before and take the setting with the least mean absolute scaled error, mean over the horizons: of every transform with
each of `TAUS`, the season and one more (`lvar`: with each of `ORDERS`), from three weight seeds, their other params as
in params.yaml. With it they are fitted on the whole training part: rows like `ols, chosen`. A row like `ols` has the
defaults of params.yaml. `fit` is the one forecast that `python -m stepahead fit` gives: the models and settings that it
chooses on the training part, and intervals from its errors there. No setting of theirs is chosen: they choose by
themselves.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import yaml
from statsmodels.datasets import co2, nile, sunspots

from benchmarks.clone import ROOT, machine
from benchmarks.peer.environment import make
from benchmarks.series import say
from stepahead.core.artifacts import Array, read_text, write_json
from stepahead.core.errors import StepaheadError
from stepahead.series.choice.choose import Combination, Mixed, Trial, choose
from stepahead.series.data.dataset import Series, sine, standardised
from stepahead.series.data.forecaster import Forecaster, Predictor
from stepahead.series.data.refits import Fits, InUnit, fit_all
from stepahead.series.data.scale import Scale, fit_scale
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import METHODS, LinearAR
from stepahead.series.networks.direct import SURGERY, DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import baselines
from stepahead.series.scoring.conformal import adaptive_half_widths
from stepahead.series.scoring.intervals import first_half_widths, training_residuals
from stepahead.series.scoring.kstep import forecast_in_unit, forecasts_and_targets, held_out_origins

HOME = ROOT / ".cache/outside"
REQUIREMENTS = ROOT / "benchmarks/peer/outside.txt"
MODELS = ROOT / "benchmarks/peer/outside_models.py"

LEVELS = (0.2, 0.4, 0.6, 0.8)  # of the intervals, whose bounds are nine deciles with the forecast in the middle
TRANSFORMS = ((), ("last_value",), ("difference",), ("seasonal_difference",), ("seasonal_difference", "difference"))
TAUS = (4, 8, 16, 32)
ORDERS = (2, 4, 8)


@dataclass(frozen=True)
class Setting:
    """What is chosen by validation."""

    transforms: tuple[str, ...]
    size: int
    """tau, or the order of lvar."""

    def __str__(self) -> str:
        return ", ".join([str(self.size), *self.transforms])


@dataclass(frozen=True)
class Forecasts:
    """Of one model from each origin: the mean over its weight seeds, and the bounds of its intervals."""

    mean: Array  # (N, horizon)
    low: Array  # (levels, N, horizon)
    high: Array
    setting: str = ""


def main() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    try:
        made_of = f"{sys.version}\n{read_text(REQUIREMENTS)}"
        python = make(HOME, "statsforecast", made_of, [["--requirement", str(REQUIREMENTS)]], {})
    except StepaheadError as error:
        sys.exit(f"error: {error}")
    rows = []
    everything = [*all_series(np.array(ask(str(python), "AirPassengers"), dtype=float))]
    with ThreadPoolExecutor(1) as beside:
        asked = [beside.submit(outside, str(python), *each) for each in everything]
        for (series, horizons), answer in zip(everything, asked, strict=True):
            ours = inside(series, horizons, params)
            theirs, checks = answer.result()
            check(series, horizons, theirs, checks)
            for side, models in (("theirs", theirs), ("ours", ours)):
                for name, forecasts in models.items():
                    scores = {str(k): score(series, forecasts, k) for k in horizons}
                    rows.append({"series": series.name, "side": side, "model": name, "scores": scores})
                    rows[-1] |= {"setting": forecasts.setting} if forecasts.setting else {}
                    say(f"{series.name} {name}: " + ", ".join(f"{each['mse']:.4g}" for each in scores.values()))
    write_json(ROOT / "benchmarks/outside.json", {"machine": machine(), "rows": rows})


def all_series(airpassengers: Array) -> Iterator[tuple[Series, tuple[int, ...]]]:
    """Each series and the horizons that it is scored at."""
    monthly = co2.load_pandas().data["co2"].resample("MS").mean().interpolate().to_numpy()
    yearly = (1, 2, 4, 8)
    for name, values, n_train, season, horizons in (
        ("AirPassengers", airpassengers, 108, 12, (1, 3, 6, 12)),
        ("sunspots", sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(), 221, None, yearly),
        ("co2, monthly means", monthly, 400, 12, (1, 3, 6, 12)),
        ("nile", nile.load_pandas().data["volume"].to_numpy(), 60, None, yearly),
    ):
        yield replace(standardised(name, values, None, n_train), season=season), horizons
    yield sine(1000, 0.01, 0.2, 604, np.random.default_rng(0)), (1, 4, 16, 64)


def ask(python: str, question: Any) -> Any:
    """What benchmarks/peer/outside_models.py answers."""
    done = subprocess.run(
        [python, str(MODELS)], input=json.dumps(question), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"error: statsforecast failed: {done.stderr.splitlines()[-1]}")
    return json.loads(done.stdout)


def outside(python: str, series: Series, horizons: tuple[int, ...]) -> tuple[dict[str, Forecasts], dict[str, Any]]:
    """Forecasts of each of statsforecast's models, and what utilsforecast says of them at each k."""
    [answer] = ask(
        python,
        [
            {
                "values": series.values.tolist(),
                "season": series.season or 1,
                "n_fit": series.n_train,
                "origins": origins_of(series, horizons).tolist(),
                "horizon": horizons[-1],
                "horizons": horizons,
                "levels": [round(100 * level) for level in LEVELS],
            }
        ],
    )
    forecasts = {
        name: Forecasts(np.array(each["mean"]), np.array(each["low"]), np.array(each["high"]))
        for name, each in answer.items()
    }
    return forecasts, {name: each["scores"] for name, each in answer.items()}


def check(
    series: Series, horizons: tuple[int, ...], theirs: Mapping[str, Forecasts], checks: Mapping[str, Any]
) -> None:
    """Our persistence is their Naive, and our scores of their forecasts are utilsforecast's, to 1e-9; or it ends."""
    persistence = forecast_in_unit(
        baselines(series, 0)["persistence"], series, origins_of(series, horizons), horizons[-1]
    )[0]
    np.testing.assert_allclose(persistence, theirs["Naive"].mean, rtol=1e-9)
    for name, forecasts in theirs.items():
        for k in horizons:
            ours, expected = score(series, forecasts, k), checks[name][str(k)]
            np.testing.assert_allclose([ours[part] for part in expected], [*expected.values()], rtol=1e-9)


def origins_of(series: Series, horizons: tuple[int, ...]) -> Array:
    return held_out_origins(series.n_train, len(series.values), horizons[-1])


def inside(series: Series, horizons: tuple[int, ...], params: Mapping[str, Any]) -> dict[str, Forecasts]:
    """Forecasts of the naive rows, of each model as it comes and with the setting chosen, and of what `fit` chooses."""
    begun = replace(
        series, values=series.values[: series.n_train], signal=None, n_train=series.n_train - series.n_train // 3
    )
    taus = sorted({*TAUS, *([series.season, series.season + 1] if series.season else [])})
    both = [*TRANSFORMS, *(("log", *each) for each in TRANSFORMS if begun.values.min() > 0)]
    transforms = [each for each in both if series.season or "seasonal_difference" not in each]
    found = {
        name: with_intervals(Mixed([row]), series, horizons)
        for name, row in baselines(series, 0).items()
        if name != "oracle"
    }
    for name in model_names(params):
        sizes, default = (ORDERS, params["lvar"]["order"]) if name == "lvar" else (taus, params["tau"])
        settings = [Setting(each, size) for each in transforms for size in sizes]
        tried = validated(begun, horizons, {**params, "n_seeds": 3}, name, settings)
        chosen = min(tried, key=lambda setting: tried[setting])
        for row, setting in ((name, Setting((), default)), (f"{name}, chosen", chosen)):
            model = fitted(series, horizons, params, name, setting)
            found[row] = with_intervals(model, series, horizons, str(setting) if setting is chosen else "")
    picked = choose(begun.values, horizons[-1], series.season)[0]
    fits = picked.candidate.fit(begun.values, series.n_train, series.season)
    parts = picked.candidate.parts if isinstance(picked.candidate, Combination) else [picked.candidate]
    found["fit"] = with_intervals(fits, series, horizons, " + ".join(map(str, parts)), picked)
    return found


def model_names(params: Mapping[str, Any]) -> list[str]:
    """The default models of the series part."""
    return [name for family in ("linear", "mlp", "direct", "recurrent", "lvar") for name in params["models"][family]]


def validated(
    series: Series, horizons: tuple[int, ...], params: Mapping[str, Any], name: str, settings: Iterable[Setting]
) -> dict[Setting, float]:
    """The mean absolute scaled error of each setting that the series is long enough for, mean over the horizons."""
    found = {}
    for setting in settings:
        try:
            model = fitted(series, horizons, params, name, setting)
            mean = forecast_in_unit(model, series, origins_of(series, horizons), horizons[-1])[0]
        except StepaheadError:
            continue
        found[setting] = float(np.mean([mase(series, mean[:, k - 1], k) for k in horizons]))
    return found


def fitted(series: Series, horizons: tuple[int, ...], params: Mapping[str, Any], name: str, setting: Setting) -> Mixed:
    scale = fit_scale(series.name, series.values, series.n_train, setting.transforms, series.season)
    scaled = replace(series, scale=scale)
    return Mixed([Fits(fit_all(model_of(name, setting, scale.from_last, horizons, params), scaled, 0), scale)])


def model_of(
    name: str, setting: Setting, from_last: bool, horizons: tuple[int, ...], params: Mapping[str, Any]
) -> Forecaster:
    """A default model with this tau, or order."""
    shared: dict[str, Any] = {"tau": setting.size, "pad": params["windows"]["pad"], "from_last": from_last}
    seeds = {"n_seeds": params["n_seeds"], "seed": params["seed"]}
    if name in METHODS:
        return LinearAR(method=name, **shared)
    if name == "lvar":
        return LatentAR(setting.size, params["lvar"]["iterations"], from_last)
    if name == "mlp":
        return MLP(**params["mlp"], **shared, **seeds)
    if name in SURGERY:
        return DirectMLP(horizons=horizons, surgery=SURGERY[name], **params["direct"], **shared, **seeds)
    return Recurrent(name, **params["recurrent"], **shared, **seeds)


def with_intervals(
    model: InUnit, series: Series, horizons: tuple[int, ...], setting: str = "", tried: Trial | None = None
) -> Forecasts:
    """Forecasts from the held-out origins with the adaptive intervals that the pipeline gives; where a trial tells of
    errors on steps that were not fitted, they begin with those."""
    horizon, origins = horizons[-1], origins_of(series, horizons)
    mean, errors = forecasts_and_distances(model, model.scale, series, origins, horizon)
    before = training_residuals(model, series, horizon, 1)
    if tried:
        known = np.arange(tried.start, series.n_train)
        _, before = forecasts_and_distances(tried.fits, model.scale, series, known, horizon)
    half = adaptive_half_widths(before, errors, first_half_widths(before, LEVELS), LEVELS)[:, :, 0].swapaxes(0, 1)
    return Forecasts(mean, *model.scale.around(mean, half), setting)


def forecasts_and_distances(
    model: Predictor, scale: Scale, series: Series, origins: Array, horizon: int
) -> tuple[Array, Array]:
    """Forecasts (N, horizon), and how far they are from the values, (N, 1, horizon)."""
    [([mean], targets)] = forecasts_and_targets(model, series, origins, horizon)
    return mean, scale.distance(mean, targets)[:, None]


def score(series: Series, forecasts: Forecasts, k: int) -> dict[str, float]:
    """Mean squared error, mean absolute scaled error, scaled CRPS and the coverage of the widest interval, k steps
    ahead, as utilsforecast defines them."""
    y = series.values[series.n_train + k - 1 :][: len(forecasts.mean)]
    mean, low, high = (part[..., k - 1] for part in (forecasts.mean, forecasts.low, forecasts.high))
    levels = np.array(LEVELS)
    at = np.concatenate([low[::-1], mean[None], high])  # (deciles, N)
    deciles = np.concatenate([0.5 - levels[::-1] / 2, [0.5], 0.5 + levels / 2])[:, None]
    pinball = np.maximum(deciles * (y - at), (deciles - 1) * (y - at))
    return {
        "mse": float(np.mean((y - mean) ** 2)),
        "mase": mase(series, mean, k),
        "scaled_crps": float(2 * pinball.mean() / np.abs(y).mean()),
        "coverage": float(np.mean((low[-1] <= y) & (y <= high[-1]))),
    }


def mase(series: Series, mean: Array, k: int) -> float:
    """The mean absolute error of forecasts (N,) over that of the seasonal naive on the training part (Hyndman & Koehler
    2006)."""
    y, season, train = series.values[series.n_train + k - 1 :], series.season or 1, series.values[: series.n_train]
    return float(np.mean(np.abs(y[: len(mean)] - mean)) / np.mean(np.abs(train[season:] - train[:-season])))


if __name__ == "__main__":
    main()
