"""What forecasts a series best, by its errors on the end of what is known: the mean of some models, or a naive row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.forecaster import Forecaster
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.refits import Fits, InUnit
from stepahead.series.data.scale import Scale, fit_scale
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.scoring.baselines import Drift, Mean, Persistence, SeasonalNaive

CHAINS: tuple[tuple[str, ...], ...] = (
    (),
    ("log",),
    ("difference",),
    ("seasonal_difference",),
    ("log", "difference"),
    ("log", "seasonal_difference"),
    ("seasonal_difference", "difference"),
    ("log", "seasonal_difference", "difference"),
)
MARGIN = 0.9  # of the best naive row's score: what models must reach; so many are tried that one is better by luck
QUICK = 2000  # steps up to which models that take longer are tried
OUTPUTS = 12  # of a network that predicts several horizons directly, at most


@dataclass(frozen=True)
class Candidate:
    """A way to forecast a series: a model with its settings, or a naive row, which has none."""

    name: str
    make: Callable[[Scale], Forecaster]
    transforms: tuple[str, ...] = ()
    tau: int | None = None
    naive: bool = False

    def fit(self, values: Array, end: int, season: int | None) -> Fits:
        """Fitted on the first `end` of `values`.

        Raises:
            StepaheadError: as `fit_scale` and the model's own `fit` do.
        """
        scale = Scale() if self.naive else fit_scale("the file", values, end, self.transforms, season)
        model = self.make(scale)
        model.fit(scale.seen(values[:end]))
        return Fits({end: model}, scale)

    def __str__(self) -> str:
        settings = [*([f"tau {self.tau}"] if self.tau else []), *self.transforms]
        return f"{self.name} ({', '.join(settings)})" if settings else self.name


@dataclass(frozen=True, eq=False)
class Mixed:
    """The mean of several forecasts, in the unit of the series."""

    parts: Sequence[InUnit]

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """(N, horizon), the weight seeds of a part averaged first."""
        shape = (-1, len(origins), horizon)
        forecasts = [part.forecast(series, origins, horizon).reshape(shape).mean(axis=0) for part in self.parts]
        mean: Array = np.mean(forecasts, axis=0)
        return mean

    @property
    def scale(self) -> Scale:
        """Errors are relative where those of every part are."""
        return Scale(log=all(part.scale.log for part in self.parts))

    @property
    def reach(self) -> int:
        return max(part.reach for part in self.parts)


@dataclass(frozen=True)
class Combination:
    """A way to forecast a series: the mean of what candidates forecast."""

    parts: tuple[Candidate, ...]
    """From the best on."""
    naive: ClassVar[bool] = False

    def fit(self, values: Array, end: int, season: int | None) -> Mixed:
        """As that of a candidate."""
        return Mixed([part.fit(values, end, season) for part in self.parts])

    def __str__(self) -> str:
        if len(self.parts) == 1:
            return str(self.parts[0])
        *names, last = (part.name for part in self.parts)
        return f"the mean of {', '.join(names)} and {last}"


@dataclass(frozen=True, eq=False)
class Trial:
    """How a candidate did on the second half of a series."""

    candidate: Candidate | Combination
    fits: InUnit
    """From each origin the fit that had ended by then."""
    start: int
    """The first origin."""
    mse: Array
    """(steps,), over all origins."""
    score: float
    """Its mean squared error over the best naive row's, geometric mean over steps ahead and the two quarters."""


def choose(values: Array, steps: int, season: int | None) -> list[Trial]:
    """Every candidate tried on a series (T,), the chosen one first, the others from the best on.

    Each is fitted on the first half, to forecast `steps` from every origin in the third quarter, and on three quarters,
    for the origins in the last. Its mean squared error in each quarter and at each step ahead, in the series' own unit,
    is divided by a naive row's; the geometric mean of these shares is the score (Davydenko & Fildes 2013). So neither
    the quarter nor the steps at which errors are large outweigh the others.

    Chosen is the mean of the best candidate of each family (Bates & Granger 1969), because the one that does best of so
    many often does so by luck; equal weights are hard to beat (Timmermann 2006). If the mean is not better than the
    best naive row by a tenth, that row is chosen.

    For each transform, tau is what BIC chooses on the first half. A candidate that cannot be fitted, because the series
    is too short or has no logarithm, is left out.

    Raises:
        StepaheadError: the last quarter is shorter than `steps`.
    """
    half, start = len(values) // 2, len(values) - len(values) // 4
    origins = np.arange(half, len(values) - steps + 1)
    if start > origins[-1]:
        raise StepaheadError(
            f"{steps} steps ahead cannot be tried on the last quarter of {len(values)} values, which has "
            f"{len(values) - start}; ask for fewer with --steps, or give more rows"
        )
    targets = np.lib.stride_tricks.sliding_window_view(values, steps)[origins]
    late = origins >= start

    def tried(candidate: Candidate | Combination, fits: InUnit) -> Trial:
        with np.errstate(over="ignore", invalid="ignore"):
            forecasts = fits.forecast(values, origins, steps).reshape(-1, *targets.shape).mean(axis=0)
            squares = (forecasts - targets) ** 2
            quarters = np.array([squares[part].mean(axis=0) for part in (~late, late)])  # (2, steps)
            score = float(np.exp(np.log(np.maximum(quarters, np.finfo(float).tiny)).mean()))
        return Trial(candidate, fits, half, squares.mean(axis=0), score)

    trials = []
    for candidate in [*naive_rows(season), *models(values, half, steps, season)]:
        try:
            by_end = {end: candidate.fit(values, end, season) for end in (half, start)}
            trials.append(tried(candidate, Fits(by_end, Scale())))
        except (StepaheadError, ValueError):  # too short for it
            continue
    trials = sorted((trial for trial in trials if np.isfinite(trial.score)), key=lambda trial: trial.score)
    naive = next(trial for trial in trials if trial.candidate.naive)
    best: dict[str, tuple[Candidate, InUnit]] = {}
    for trial in trials:
        if isinstance(trial.candidate, Candidate) and not trial.candidate.naive:
            best.setdefault(trial.candidate.name, (trial.candidate, trial.fits))
    chosen = naive
    if best:
        parts, fits = zip(*best.values(), strict=True)
        mean = tried(Combination(parts), Mixed(fits))
        if len(parts) == 1:  # it stands for that part
            trials = [trial for trial in trials if trial.candidate is not parts[0]]
        trials = sorted([*trials, mean], key=lambda trial: trial.score)
        chosen = mean if mean.score < MARGIN * naive.score else naive
    in_order = [chosen, *(trial for trial in trials if trial is not chosen)]
    return [replace(trial, score=trial.score / naive.score) for trial in in_order]


def naive_rows(season: int | None) -> Iterator[Candidate]:
    yield Candidate("persistence", lambda _: Persistence(), naive=True)
    yield Candidate("mean", lambda _: Mean(), naive=True)
    yield Candidate("drift", lambda _: Drift(), naive=True)
    if season:
        yield Candidate("seasonal_naive", lambda _: SeasonalNaive(season), naive=True)


def models(values: Array, end: int, steps: int, season: int | None) -> Iterator[Candidate]:
    """The models and settings that are tried, of a series fitted on its first `end` steps."""
    horizons = tuple(sorted({round(k) for k in np.linspace(1, steps, min(steps, OUTPUTS))}))
    for chain in CHAINS:
        try:
            scale = fit_scale("the file", values, end, chain, season)
            tau = chosen_tau("auto", scale.seen(values[:end]))
        except StepaheadError:
            continue
        yield Candidate("ols", lambda _, tau=tau: LinearAR(tau, "ols", "drop"), chain, tau)  # type: ignore[misc]
        if len(values) > QUICK:
            continue
        yield Candidate("lvar", lambda _: LatentAR(2, 50), chain)
        yield Candidate(
            "mlp_direct",
            lambda scale, tau=tau: DirectMLP(  # type: ignore[misc]
                tau, 32, horizons, 20, 32, 0.005, 3, 0, False, "drop", scale.from_last, scale.differences
            ),
            chain,
            tau,
        )
