import numpy as np
import pytest
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from stepahead.series.latent.kalman import StateSpace, filter_states, predictive_variances, smooth


def random_model(order: int, seed: int) -> StateSpace:
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(order, order))
    A *= 0.98 / np.abs(np.linalg.eigvals(A)).max()
    half, initial = rng.normal(size=(2, order, order))
    return StateSpace(A, rng.normal(size=order), 0.1 * half @ half.T, 0.3, initial @ initial.T)


def slow_oscillator() -> StateSpace:
    """Almost no state noise: the covariances settle like 1/t, so none of the T steps is the steady state."""
    turn = np.array([[np.cos(0.01), -np.sin(0.01)], [np.sin(0.01), np.cos(0.01)]])
    return StateSpace(turn, np.array([1.0, 0.0]), 1e-9 * np.eye(2), 0.04, np.eye(2))


def statsmodels_smoother(model: StateSpace, x: np.ndarray) -> KalmanSmoother:
    order = len(model.observation)
    peer = KalmanSmoother(k_endog=1, k_states=order, k_posdef=order)
    peer.bind(x)
    peer["design"] = model.observation[None]
    peer["transition"] = model.transition
    peer["selection"] = np.eye(order)
    peer["state_cov"] = model.state_noise
    peer["obs_cov"] = np.array([[model.observation_noise]])
    peer.initialize_known(np.zeros(order), model.initial_cov)
    peer.tolerance = 0  # no shortcut to the steady state
    return peer.smooth()


MODELS = [random_model(1, 1), random_model(2, 2), random_model(4, 3), random_model(7, 4), slow_oscillator()]


@pytest.mark.parametrize("model", MODELS, ids=["d=1", "d=2", "d=4", "d=7", "slow"])
@pytest.mark.parametrize("length", [2, 3, 17, 604])
def test_matches_statsmodels(model: StateSpace, length: int) -> None:
    x = np.random.default_rng(length).normal(size=length)
    peer = statsmodels_smoother(model, x)

    filtered = filter_states(model, x)
    smoothed = smooth(model, filtered)

    close = {"rtol": 1e-8, "atol": 1e-8}
    assert filtered.log_likelihood == pytest.approx(peer.llf, rel=1e-8, abs=1e-8)
    np.testing.assert_allclose(filtered.mean.T, peer.filtered_state, **close)
    np.testing.assert_allclose(filtered.predicted_mean.T, peer.predicted_state, **close)
    np.testing.assert_allclose(np.moveaxis(filtered.cov, 0, 2), peer.filtered_state_cov, **close)
    np.testing.assert_allclose(np.moveaxis(filtered.predicted_cov, 0, 2), peer.predicted_state_cov, **close)
    np.testing.assert_allclose(smoothed.mean.T, peer.smoothed_state, **close)
    np.testing.assert_allclose(np.moveaxis(smoothed.cov, 0, 2), peer.smoothed_state_cov, **close)


@pytest.mark.parametrize("model", MODELS[:4], ids=["d=1", "d=2", "d=4", "d=7"])
def test_predictive_variances_match_statsmodels(model: StateSpace) -> None:
    x = np.random.default_rng(0).normal(size=604)
    predicted = statsmodels_smoother(model, np.append(x, np.full(9, np.nan))).forecasts_error_cov[0, 0, 604:]
    np.testing.assert_allclose(predictive_variances(model, 9), predicted, rtol=1e-8)


def test_smoother_matches_the_joint_gaussian() -> None:
    # All five states and values have one joint normal distribution: condition on the values.
    model, steps, order = random_model(2, 5), 5, 2
    x = np.random.default_rng(6).normal(size=steps)
    powers = [np.linalg.matrix_power(model.transition, k) for k in range(steps)]
    shocks = [model.initial_cov] + [model.state_noise] * (steps - 1)
    prior = np.zeros((steps, order, steps, order))
    for i in range(steps):
        for j in range(steps):
            prior[i, :, j] = sum(powers[i - s] @ shocks[s] @ powers[j - s].T for s in range(min(i, j) + 1))
    prior = prior.reshape(steps * order, -1)
    design = np.kron(np.eye(steps), model.observation)
    gain = prior @ design.T @ np.linalg.inv(design @ prior @ design.T + model.observation_noise * np.eye(steps))
    posterior = (prior - gain @ design @ prior).reshape(steps, order, steps, order)

    smoothed = smooth(model, filter_states(model, x))

    np.testing.assert_allclose(smoothed.mean, (gain @ x).reshape(steps, order), atol=1e-10)
    for t in range(steps - 1):
        np.testing.assert_allclose(smoothed.lag_cov[t], posterior[t + 1, :, t], atol=1e-10)


def test_covariances_stay_positive_over_a_long_series() -> None:
    model = slow_oscillator()
    x = np.random.default_rng(0).normal(size=50_000)

    filtered = filter_states(model, x)
    smoothed = smooth(model, filtered)

    for cov in (filtered.predicted_cov, filtered.cov, smoothed.cov):
        np.testing.assert_allclose(cov, cov.swapaxes(1, 2), rtol=1e-9, atol=1e-15)
        assert np.linalg.eigvalsh(cov).min() > 0
    assert np.trace(smoothed.cov, axis1=1, axis2=2).max() <= np.trace(filtered.cov, axis1=1, axis2=2).max()


def test_empty_series_predicts_the_start() -> None:
    model = random_model(3, 7)

    filtered = filter_states(model, np.empty(0))

    np.testing.assert_array_equal(filtered.predicted_mean, np.zeros((1, 3)))
    np.testing.assert_array_equal(filtered.predicted_cov, model.initial_cov[None])
