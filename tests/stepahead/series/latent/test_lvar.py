import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.series.latent.lvar import LatentAR, subspace_estimate


def noisy_sine(seed: int, length: int = 1000, noise_std: float = 0.2) -> np.ndarray:
    return np.sin(0.01 * np.arange(1, length + 1)) + np.random.default_rng(seed).normal(0, noise_std, length)


def fitted(series: np.ndarray, order: int = 2, iterations: int = 20) -> LatentAR:
    model = LatentAR(order, iterations)
    model.fit(series)
    return model


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), order=st.integers(1, 4), noise_std=st.sampled_from([0.01, 0.2, 2.0]))
def test_log_likelihood_never_falls(seed: int, order: int, noise_std: float) -> None:
    trace = fitted(noisy_sine(seed, 300, noise_std), order).weights["log_likelihood"]

    assert len(trace) == 21
    assert np.diff(trace).min() >= -1e-8 * np.abs(trace).max()
    assert trace[-1] > trace[0]


def test_near_the_floor_64_steps_ahead() -> None:
    # The full target (300 iterations, ten seeds, at most 1.08) is a benchmark; here 40 iterations on three seeds.
    origins = np.arange(604, 937)
    targets = origins[:, None] + np.arange(64)
    signal = np.sin(0.01 * (targets + 1))
    error, floor = 0.0, 0.0
    for seed in range(3):
        series = noisy_sine(seed)
        forecasts = fitted(series[:604], iterations=40).forecast(series, origins, 64)
        error += np.mean((forecasts - series[targets])[:, -1] ** 2)
        floor += np.mean((signal - series[targets])[:, -1] ** 2)

    assert error <= 1.1 * floor


def test_subspace_estimate_finds_the_rotation_of_a_pure_sine() -> None:
    x = np.sin(0.1 * np.arange(500))

    turns = np.angle(np.linalg.eigvals(subspace_estimate(x, 2).transition))

    np.testing.assert_allclose(sorted(turns), [-0.1, 0.1], atol=1e-10)


def test_noiseless_series_is_continued() -> None:
    series = 3 + np.sin(0.1 * np.arange(700))  # 628 steps are ten periods, so their mean is 3

    forecasts = fitted(series[:628]).forecast(series, np.array([628]), 64)

    np.testing.assert_allclose(forecasts[0], series[628:692], atol=1e-3)


def test_forecast_steps_the_expected_state() -> None:
    series = 10 + noisy_sine(1)
    model = fitted(series[:604])
    origins = np.array([700, 604, 999])

    forecasts = model.forecast(series, origins, 5)

    one_step = model.forecast(series, origins, 1)
    A, C, mean = (model.weights[name] for name in ("transition", "observation", "mean"))
    # A two-state model obeys x_{k+2} = tr(A) x_{k+1} − det(A) x_k in expectation (Cayley–Hamilton).
    x = forecasts - mean
    np.testing.assert_allclose(x[:, 2:], np.trace(A) * x[:, 1:-1] - np.linalg.det(A) * x[:, :-2], atol=1e-12)
    np.testing.assert_array_equal(forecasts[:, :1], one_step)
    assert C.shape == (2,)


def test_scale_and_offset_carry_over() -> None:
    series = noisy_sine(2)
    origins = np.array([604, 800])

    plain = fitted(series[:604]).forecast(series, origins, 16)
    moved = fitted(100 + 50 * series[:604]).forecast(100 + 50 * series, origins, 16)

    np.testing.assert_allclose(moved, 100 + 50 * plain, rtol=1e-6)


def test_values_from_the_origin_on_are_never_read() -> None:
    series = noisy_sine(3)
    model = fitted(series[:604])
    origins = np.array([700, 620, 650])
    before = model.forecast(series, origins, 8)
    changed = series.copy()
    changed[650:] = np.nan

    np.testing.assert_allclose(model.forecast(changed, origins, 8)[1:], before[1:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.forecast(series[:650], origins[1:], 8), before[1:], rtol=0, atol=1e-12)


def test_skipping_the_distant_past_changes_nothing() -> None:
    # Far origins alone let the filter start late; an origin at 0 makes it run over everything.
    series = noisy_sine(5, 20_000)
    model = fitted(series[:604])
    far = np.array([15_000, 19_990])

    late = model.forecast(series, far, 8)

    np.testing.assert_allclose(late, model.forecast(series, np.array([0, *far]), 8)[1:], rtol=0, atol=1e-11)
    changed = series.copy()
    changed[:100] = np.nan
    np.testing.assert_array_equal(model.forecast(changed, far, 8), late)


def test_origins_at_the_ends() -> None:
    series = noisy_sine(4)
    model = fitted(series[:604])

    forecasts = model.forecast(series, np.array([0, len(series)]), 3)

    np.testing.assert_allclose(forecasts[0], model.weights["mean"])
    assert np.isfinite(forecasts[1]).all()
    assert model.forecast(series, np.empty(0, dtype=int), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("series", "message"), [(np.arange(11.0), "lvar.order = 2 needs 12"), (np.full(50, 3.0), "constant")]
)
def test_refuses_what_has_no_answer(series: np.ndarray, message: str) -> None:
    with pytest.raises(StepaheadError, match=message):
        fitted(series)
