"""Kalman filter and Rauch–Tung–Striebel smoother for a scalar series, without a step-by-step loop over time.

The covariances do not depend on the data. One step of theirs is a map P ↦ A P (I + G P)⁻¹ Aᵀ + H, and two such maps
in a row are again one (the doubling algorithm, Anderson 1978), so all T covariances take log₂ T batched operations.
The means, and the smoothed covariances, are affine recursions; `_scan` runs them in blocks of √T.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stepahead.core.artifacts import Array

_SETTLED = 4096  # steps after which a predicted covariance is taken to stay as it is


@dataclass(frozen=True)
class StateSpace:
    """z_1 ~ N(0, P), z_t = A z_{t−1} + N(0, Q), x_t = C z_t + N(0, R), with d states."""

    transition: Array
    """A (d, d)."""
    observation: Array
    """C (d,)."""
    state_noise: Array
    """Q (d, d)."""
    observation_noise: float
    """R."""
    initial_cov: Array
    """P (d, d)."""


@dataclass(frozen=True)
class Filtered:
    """What is known of each state; index t counts from 0."""

    predicted_mean: Array
    """E[z_t | x before t], (T + 1, d): the last row predicts the state after the series."""
    predicted_cov: Array
    """(T + 1, d, d)."""
    mean: Array
    """E[z_t | x up to t], (T, d)."""
    cov: Array
    """(T, d, d)."""
    log_likelihood: float


@dataclass(frozen=True)
class Smoothed:
    """What the whole series says of each state."""

    mean: Array
    """E[z_t | x], (T, d)."""
    cov: Array
    """(T, d, d)."""
    lag_cov: Array
    """Cov[z_{t+1}, z_t | x], (T − 1, d, d)."""


def filter_states(model: StateSpace, x: Array) -> Filtered:
    """Run the Kalman filter over x (T,). Updated covariances are in Joseph form, a sum of positive parts."""
    A, C, R = model.transition, model.observation, model.observation_noise
    predicted_cov = _predicted_covs(model, len(x) + 1)  # (T + 1, d, d)
    P = predicted_cov[:-1]
    variance = P @ C @ C + R  # (T,)
    gain = P @ C / variance[:, None]  # (T, d)
    kept = np.eye(len(C)) - gain[:, :, None] * C  # I − K C: (T, d, d)
    cov = _congruence(kept, P) + R * gain[:, :, None] * gain[:, None, :]
    later = _scan(A @ kept, (gain * x[:, None] @ A.T)[..., None], np.zeros((len(C), 1)), np.matmul)[..., 0]
    predicted_mean = np.concatenate([np.zeros((1, len(C))), later])  # (T + 1, d)
    innovation = x - predicted_mean[:-1] @ C
    log_likelihood = -0.5 * np.sum(np.log(2 * np.pi * variance) + innovation**2 / variance)
    return Filtered(
        predicted_mean, predicted_cov, predicted_mean[:-1] + gain * innovation[:, None], cov, float(log_likelihood)
    )


def smooth(model: StateSpace, filtered: Filtered) -> Smoothed:
    """Run the RTS smoother backwards over what the filter found, its covariances again a sum of positive parts."""
    A = model.transition
    ahead = filtered.predicted_cov[1:-1]  # (T − 1, d, d)
    mean, cov = filtered.mean[:-1], filtered.cov[:-1]
    gain = np.linalg.solve(ahead, A @ cov).swapaxes(1, 2)  # J = P Aᵀ (A P Aᵀ + Q)⁻¹
    kept = np.eye(len(A)) - gain @ A
    spread = _congruence(kept, cov) + _congruence(gain, model.state_noise)
    backward = gain[::-1]
    smooth_mean = _scan(backward, (kept @ mean[..., None])[::-1], filtered.mean[-1][:, None], np.matmul)[::-1, :, 0]
    smooth_cov = _scan(backward, spread[::-1], filtered.cov[-1], _congruence)[::-1]
    smooth_mean = np.concatenate([smooth_mean, filtered.mean[-1:]])
    smooth_cov = np.concatenate([smooth_cov, filtered.cov[-1:]])
    return Smoothed(smooth_mean, smooth_cov, smooth_cov[1:] @ gain.swapaxes(1, 2))


def memory(model: StateSpace, limit: int) -> int:
    """How many steps, at most `limit`, the filter must run until it has forgotten where it started (to 1e-14)."""
    steps, over = 1, _one_step(model)
    while steps < limit and np.abs(over[0]).max() > 1e-14:
        steps, over = 2 * steps, _twice(*over)
    return min(steps, limit)


def predictive_variances(model: StateSpace, horizon: int) -> Array:
    """Var[x_{t+k} | x before t] for k = 0 … horizon − 1, once the filter has forgotten where it started, (horizon,)."""
    A, C = model.transition, model.observation
    cov = _predicted_covs(model, memory(model, _SETTLED))[-1]
    variances = []
    for _ in range(horizon):
        variances.append(C @ cov @ C + model.observation_noise)
        cov = A @ cov @ A.T + model.state_noise
    return np.array(variances)


def _predicted_covs(model: StateSpace, count: int) -> Array:
    """The first `count` predicted covariances, (count, d, d)."""
    covs, over = model.initial_cov[None], _one_step(model)
    identity = np.eye(len(model.transition))
    while len(covs) < count:
        A, G, H = over  # the map over len(covs) steps
        P = covs[: count - len(covs)]
        later = A @ P @ np.linalg.solve(identity + G @ P, np.broadcast_to(A.T, P.shape)) + H
        covs = np.concatenate([covs, (later + later.swapaxes(1, 2)) / 2])
        over = _twice(A, G, H)
    return covs


def _one_step(model: StateSpace) -> tuple[Array, Array, Array]:
    """A, G and H of the map from one predicted covariance to the next."""
    C = model.observation
    return model.transition, np.outer(C, C) / model.observation_noise, model.state_noise


def _twice(A: Array, G: Array, H: Array) -> tuple[Array, Array, Array]:
    """The map P ↦ A P (I + G P)⁻¹ Aᵀ + H after itself; its A also carries a first mean (with P = 0) that far."""
    inverse = np.linalg.inv(np.eye(len(A)) + H @ G)
    G_twice, H_twice = G + A.T @ G @ inverse @ A, H + A @ inverse @ H @ A.T
    return A @ inverse @ A, (G_twice + G_twice.T) / 2, (H_twice + H_twice.T) / 2


def _congruence(F: Array, X: Array) -> Array:
    """F X Fᵀ, batched."""
    return F @ X @ F.swapaxes(-1, -2)


def _scan(F: Array, b: Array, start: Array, apply: Callable[[Array, Array], Array]) -> Array:
    """y_t = apply(F_t, y_{t−1}) + b_t for t = 1 … T, from y_0 = start; apply is linear in y and composes in F.

    All blocks of about √T steps run side by side from zero; then each block's true start is carried through it.
    """
    T, d = F.shape[:2]
    size = max(1, int(np.sqrt(T)))
    blocks = -(-T // size)
    product = np.broadcast_to(np.eye(d), (blocks * size, d, d)).copy()
    product[:T] = F
    y = np.zeros((blocks * size, *b.shape[1:]))
    y[:T] = b
    product, y = (whole.reshape(blocks, size, *whole.shape[1:]) for whole in (product, y))  # (blocks, size, d, …)
    for step in range(1, size):
        y[:, step] += apply(product[:, step], y[:, step - 1])
        product[:, step] = product[:, step] @ product[:, step - 1]
    starts = [start]
    for block in range(blocks - 1):
        starts.append(apply(product[block, -1], starts[-1]) + y[block, -1])
    y += apply(product, np.stack(starts)[:, None])
    return y.reshape(-1, *b.shape[1:])[:T]
