"""Which model forecasts a series best, by its errors on the end of what is known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.forecaster import Forecaster
from stepahead.series.data.orders import chosen_tau
from stepahead.series.data.refits import Fits
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
MARGIN = 0.9  # of the best naive row's score: what a model must reach; so many are tried that one is better by luck
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
class Trial:
    """How a candidate did on the second half of a series."""

    candidate: Candidate
    fits: Fits
    """From each origin the fit that had ended by then."""
    start: int
    """The first origin."""
    mse: Array
    """(steps,), over all origins."""
    score: float
    """Its mean squared error over the best naive row's, mean of the third quarter and the last."""


def choose(values: Array, steps: int, season: int | None) -> list[Trial]:
    """Every candidate tried on a series (T,), the chosen one first.

    Each is fitted on the first half, to forecast `steps` from every origin in the third quarter, and on three quarters,
    for the origins in the last. In each quarter its mean squared error, in the series' own unit, is divided by that of
    the naive row that is best there: so neither outweighs the other in a series that grows. The score is the mean of
    the two, and the lowest is chosen; a naive row, unless a model is better by a tenth.

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
    tried: list[tuple[Candidate, Fits, Array]] = []
    for candidate in [*naive_rows(season), *models(values, half, steps, season)]:
        try:
            fits = Fits({end: candidate.fit(values, end, season) for end in (half, start)}, Scale())
            with np.errstate(over="ignore", invalid="ignore"):
                forecasts = fits.forecast(values, origins, steps).reshape(-1, *targets.shape).mean(axis=0)
                squares = (forecasts - targets) ** 2
        except (StepaheadError, ValueError):  # too short for it
            continue
        if np.isfinite(squares).all():
            tried.append((candidate, fits, squares))
    late = origins >= start
    quarters = [np.array([squares[part].mean() for part in (~late, late)]) for _, _, squares in tried]
    bars = np.min([mse for mse, (candidate, *_) in zip(quarters, tried, strict=True) if candidate.naive], axis=0)
    scores = [float((mse / np.maximum(bars, np.finfo(float).tiny)).mean()) for mse in quarters]
    trials = [
        Trial(candidate, fits, half, squares.mean(axis=0), score)
        for (candidate, fits, squares), score in zip(tried, scores, strict=True)
    ]
    return sorted(trials, key=lambda trial: trial.score * (MARGIN if trial.candidate.naive else 1))


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
