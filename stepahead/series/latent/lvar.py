"""The latent AR model: a hidden state that moves linearly, seen through noise."""

from dataclasses import dataclass, field

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.latent.kalman import StateSpace, filter_states, memory, predictive_variances, smooth

MAX_ORDER = 100
"""Numbers in a state; the matrix that starts EM has room for about twice as many."""
# The Hankel matrix that starts EM: rows, and how much of a long series it holds.
_MAX_ROWS = 256
_MAX_STEPS = 4096
# Noise variances stay above this share of the series' variance: a series without noise keeps regular covariances.
_FLOOR = 1e-9


@dataclass(eq=False)
class LatentAR:
    """z_t = A z_{t−1} + η, x_t = C z_t + ε, linear Gaussian, fitted by EM (Shumway & Stoffer 1982).

    EM starts from a subspace estimate (the SVD of the Hankel matrix, Kung 1978). The series enters less its mean; or,
    `from_last`, by its differences, in which the last value has no part either.

    Weights: `transition` (d, d), `observation` (d,), `state_noise` (d, d), `observation_noise` (),
    `initial_cov` (d, d), `mean` (), and `log_likelihood` (iterations + 1,), of the start and after each iteration.
    """

    order: int
    iterations: int
    from_last: bool = False
    weights: dict[str, Array] = field(init=False, default_factory=dict, repr=False)

    def fit(self, series: Array) -> None:
        """Maximise the likelihood of the series (T,).

        Raises:
            StepaheadError: the series is too short for the order, or constant.
        """
        if self.from_last:
            series = np.diff(series)
        if len(series) < 4 * (self.order + 1):
            raise StepaheadError(
                f"lvar.order = {self.order} needs {4 * (self.order + 1)} or more training steps, "
                f"and there are {len(series)}; lower lvar.order or raise series.n_train"
            )
        mean, scale = series.mean(), series.std()
        if np.ptp(series) == 0:
            raise StepaheadError(
                "series: the training part is constant, so it has no states to find; choose another series"
            )
        x = (series - mean) / scale
        model = subspace_estimate(x, self.order)
        trace = []
        for _ in range(self.iterations):
            model, log_likelihood = em_step(model, x)
            trace.append(log_likelihood)
        trace.append(filter_states(model, x).log_likelihood)
        self.weights = {
            "transition": model.transition,
            "observation": model.observation * scale,
            "state_noise": model.state_noise,
            "observation_noise": np.array(model.observation_noise * scale**2),
            "initial_cov": model.initial_cov,
            "mean": np.array(mean),
            "log_likelihood": np.array(trace) - len(x) * np.log(scale),
        }

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        """E[x_{o+k} | x before o] for k = 0 … horizon − 1, (len(origins), horizon), from one pass of the filter.

        The pass leaves out what lies so far back that the filter forgets it anyway.
        """
        if self.from_last:
            changes: Array = self._forecast(np.diff(series), origins - 1, horizon)
            forecast: Array = series[origins - 1, None] + changes.cumsum(axis=1)
            return forecast
        return self._forecast(series, origins, horizon)

    def _forecast(self, series: Array, origins: Array, horizon: int) -> Array:
        w, model = self.weights, self._state_space()
        last = int(np.max(origins, initial=0))
        first = int(np.min(origins, initial=last))
        start = first - memory(model, first)
        states = filter_states(model, series[start:last] - w["mean"]).predicted_mean[origins - start]  # (N, d)
        rows = [w["observation"]]
        for _ in range(horizon - 1):
            rows.append(rows[-1] @ w["transition"])  # C Aᵏ
        forecast: Array = states @ np.stack(rows, axis=1) + w["mean"]  # (N, horizon)
        return forecast

    def deviation(self, horizon: int) -> Array:
        return np.sqrt(predictive_variances(self._state_space(), horizon))

    def _state_space(self) -> StateSpace:
        w = self.weights
        return StateSpace(
            w["transition"], w["observation"], w["state_noise"], float(w["observation_noise"]), w["initial_cov"]
        )


def em_step(model: StateSpace, x: Array) -> tuple[StateSpace, float]:
    """One EM iteration on x (T,) of about unit variance: the better model, and the log-likelihood of the one given.

    The M step is exact under the floor on the noise, so the log-likelihood never falls (to rounding). The
    distribution of the first state stays: from one series it cannot be learned, only collapse.
    """
    filtered = filter_states(model, x)
    states = smooth(model, filtered)
    z = states.mean
    total = states.cov.sum(0) + z.T @ z  # Σ E[z zᵀ]
    earlier = total - states.cov[-1] - np.outer(z[-1], z[-1])
    transition = np.linalg.solve(earlier, (states.lag_cov.sum(0) + z[1:].T @ z[:-1]).T).T
    observation = np.linalg.solve(total, x @ z)
    cross = transition @ states.lag_cov.sum(0).T
    spread = states.cov[1:].sum(0) - cross - cross.T + transition @ states.cov[:-1].sum(0) @ transition.T
    moves = z[1:] - z[:-1] @ transition.T
    state_noise = _floored((moves.T @ moves + spread) / len(moves))
    misses = x - z @ observation
    observation_noise = (misses @ misses + observation @ states.cov.sum(0) @ observation) / len(x)
    better = StateSpace(transition, observation, state_noise, max(float(observation_noise), _FLOOR), model.initial_cov)
    return better, filtered.log_likelihood


def subspace_estimate(x: Array, order: int) -> StateSpace:
    """A first guess from the SVD of the Hankel matrix of x (T,), in the coordinates where each state has variance 1."""
    x = x[-_MAX_STEPS:]
    rows = min(_MAX_ROWS, len(x) // 2)
    hankel = np.lib.stride_tricks.sliding_window_view(x, rows).T  # (rows, T − rows + 1)
    left, strengths, right = np.linalg.svd(hankel, full_matrices=False)
    width = np.sqrt(hankel.shape[1])
    observability = left[:, :order] * (strengths[:order] / width)  # rows C, C A, C A², …
    states = right[:order].T * width  # (T − rows + 1, d)
    transition = np.linalg.lstsq(observability[:-1], observability[1:], rcond=None)[0]
    moves = states[1:] - states[:-1] @ transition.T
    misses = x[: len(states)] - states @ observability[0]
    return StateSpace(
        transition,
        observability[0],
        _floored(moves.T @ moves / len(moves)),
        max(float(misses @ misses / len(misses)), _FLOOR),
        np.eye(order),
    )


def _floored(cov: Array) -> Array:
    """The nearest covariance with no variance below the floor."""
    variances, directions = np.linalg.eigh((cov + cov.T) / 2)
    floored: Array = (directions * np.maximum(variances, _FLOOR)) @ directions.T
    return floored
