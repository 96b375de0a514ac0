import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.networks.direct import DirectMLP, direct_windows


def noisy_sine(length: int = 300) -> np.ndarray:
    return np.sin(0.05 * np.arange(length)) + np.random.default_rng(0).normal(0, 0.1, length)


def model(horizons: tuple[int, ...] = (1, 4, 16), *, surgery: bool = False, **changed: object) -> DirectMLP:
    chosen = {"tau": 4, "hidden": 16, "epochs": 8, "batch_size": 32, "lr": 0.01, "n_seeds": 2, "seed": 0, "pad": "drop"}
    return DirectMLP(horizons=horizons, surgery=surgery, **{**chosen, **changed})  # type: ignore[arg-type]


def fitted(series: np.ndarray, *args: object, **kwargs: object) -> DirectMLP:
    made = model(*args, **kwargs)  # type: ignore[arg-type]
    made.fit(series)
    return made


def test_windows_by_hand() -> None:
    features, labels = direct_windows(np.arange(1.0, 8.0), 2, (3, 1), "drop")

    np.testing.assert_array_equal(features, [[1, 2], [2, 3], [3, 4]])
    np.testing.assert_array_equal(labels, [[3, 5], [4, 6], [5, 7]])

    features, labels = direct_windows(np.arange(1.0, 8.0), 2, (3, 1), "zero")

    np.testing.assert_array_equal(features, [[0, 0], [0, 1], [1, 2], [2, 3], [3, 4]])
    np.testing.assert_array_equal(labels, [[1, 3], [2, 4], [3, 5], [4, 6], [5, 7]])


@pytest.mark.parametrize("surgery", [False, True])
def test_beats_persistence_where_there_is_something_to_learn(surgery: bool) -> None:
    series = noisy_sine()
    origins = np.arange(200, 285)
    targets = series[origins[:, None] + np.arange(16)]

    forecast = fitted(series[:200], surgery=surgery, epochs=30).forecast(series, origins, 16)

    errors = np.mean((forecast - targets) ** 2, axis=(0, 1))  # (16,)
    persistence = np.mean((series[origins - 1, None] - targets) ** 2, axis=0)
    assert forecast.shape == (2, 85, 16)
    assert (errors[[0, 3, 15]] < 0.9 * persistence[[0, 3, 15]]).all()


def test_between_trained_horizons_it_interpolates_from_the_last_value_on() -> None:
    series = noisy_sine()
    origins = np.array([250, 260])
    trained = fitted(series[:200], (2, 6))

    forecast = trained.forecast(series, origins, 6)

    np.testing.assert_allclose(forecast[..., 0], (series[origins - 1] + forecast[..., 1]) / 2)
    np.testing.assert_allclose(forecast[..., 2], 0.75 * forecast[..., 1] + 0.25 * forecast[..., 5])
    np.testing.assert_allclose(trained.forecast(series, origins, 3), forecast[..., :3])


def test_order_of_the_horizons_does_not_matter() -> None:
    series, origins = noisy_sine(), np.array([250])

    np.testing.assert_array_equal(
        fitted(series[:200], (16, 1, 4)).forecast(series, origins, 16),
        fitted(series[:200], (1, 4, 16)).forecast(series, origins, 16),
    )


def test_values_from_the_origin_on_are_never_read() -> None:
    series, origins = noisy_sine(), np.array([220, 250])
    trained = fitted(series[:200])
    before = trained.forecast(series, origins, 16)
    changed = series.copy()
    changed[250:] = np.nan

    np.testing.assert_array_equal(trained.forecast(changed, origins, 16), before)


def test_tau_and_horizon_that_do_not_fit() -> None:
    series = noisy_sine(20)

    with pytest.raises(StepaheadError, match=r"kstep\.horizons = 17 at most and tau = 4 need more than 20"):
        fitted(series, (1, 17))
    assert fitted(series, (1, 16)).weights["cosines"].shape == (2, 8, 2, 2)
    with pytest.raises(StepaheadError, match=r"kstep\.horizons = 17 lies beyond 16"):
        fitted(series, (1, 16)).forecast(series, np.array([10]), 17)
