import numpy as np
import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.series.networks.direct import DirectMLP, direct_windows
from stepahead.series.networks.ensemble import streams
from stepahead.series.networks.perceptron import initial_weights
from tests.stepahead.series.networks import torch_cells


def noisy_sine(length: int = 300, frequency: float = 0.05) -> np.ndarray:
    return np.sin(frequency * np.arange(length)) + np.random.default_rng(0).normal(0, 0.1, length)


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
    series = noisy_sine(frequency=0.2)
    origins = np.arange(200, 285)
    targets = series[origins[:, None] + np.arange(16)]

    forecast = fitted(series[:200], surgery=surgery, epochs=30).forecast(series, origins, 16)

    errors = np.mean((forecast - targets) ** 2, axis=(0, 1))  # (16,)
    persistence = np.mean((series[origins - 1, None] - targets) ** 2, axis=0)
    assert forecast.shape == (2, 85, 16)
    assert (errors[[0, 3, 15]] < 0.85 * persistence[[0, 3, 15]]).all()


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


def test_without_surgery_it_is_torchs_adam_on_the_summed_loss() -> None:
    series = noisy_sine(120)
    weights = fitted(series, epochs=3, hidden=4).weights
    x, y = (torch.from_numpy(array.copy()) for array in direct_windows(series, 4, (1, 4, 16), "drop"))
    for s, stream in enumerate(streams(0, 2)):
        generator = np.random.default_rng(stream)
        leaves = {n: torch.tensor(w, requires_grad=True) for n, w in initial_weights(4, 4, 3, generator).items()}
        optimizer, recorded = torch.optim.Adam(leaves.values(), lr=0.01), []
        for _ in range(3):
            for batch in torch.from_numpy(generator.permutation(len(x))).split(32):
                losses = (torch_cells.perceptron(**leaves, windows=x[batch]) - y[batch]).square().mean(0)
                bodies = [torch.autograd.grad(each, leaves["hidden"], retain_graph=True)[0].ravel() for each in losses]
                unit = torch.nn.functional.normalize(torch.stack(bodies), dim=1)
                recorded.append(unit @ unit.T)
                optimizer.zero_grad()
                losses.sum().backward()
                optimizer.step()
        for name, leaf in leaves.items():
            np.testing.assert_allclose(weights[name][s], leaf.detach(), atol=1e-6)
        steps = torch.stack(recorded).view(3, -1, 3, 3)  # (epochs, steps, tasks, tasks)
        np.testing.assert_allclose(weights["cosines"][s], steps.mean(1), atol=1e-9)
        np.testing.assert_allclose(weights["conflicts"][s], (steps < 0).double().mean(1), atol=1e-9)


def opposed(surgery: bool, **changed: object) -> dict[str, np.ndarray]:
    """Weights trained where the tasks want opposite things: the series turns its sign at every step."""
    series = np.where(np.arange(200) % 2, 1.0, -1.0) + np.random.default_rng(1).normal(0, 0.5, 200)
    return fitted(series, (1, 2, 3), surgery=surgery, **changed).weights


def test_conflicts_are_a_share_and_surgery_acts_on_them() -> None:
    plain, operated = opposed(False), opposed(True)

    assert 0 < plain["conflicts"].max() <= 1
    np.testing.assert_array_equal(plain["conflicts"], plain["conflicts"].swapaxes(2, 3))
    assert not plain["conflicts"][..., range(3), range(3)].any()
    assert not np.allclose(plain["hidden"], operated["hidden"])


def test_surgery_changes_neither_first_weights_nor_batches() -> None:
    plain, operated = (opposed(surgery, epochs=1, lr=1e-9) for surgery in (False, True))

    np.testing.assert_allclose(plain["hidden"], operated["hidden"], atol=1e-6)
    np.testing.assert_allclose(plain["cosines"], operated["cosines"], atol=1e-6)


def test_a_single_task_leaves_surgery_nothing_to_do() -> None:
    plain, operated = (fitted(noisy_sine(), (3,), surgery=surgery).weights for surgery in (False, True))

    np.testing.assert_allclose(plain["hidden"], operated["hidden"], rtol=1e-6)


def test_a_network_does_not_change_with_those_beside_it() -> None:
    few, many = opposed(True, n_seeds=2), opposed(True, n_seeds=4)

    for name, weight in few.items():
        np.testing.assert_array_equal(weight, many[name][:2])
    assert not np.allclose(few["hidden"][0], few["hidden"][1])


def test_learning_rate_too_high_names_the_param() -> None:
    with pytest.raises(StepaheadError, match=r"direct\.lr = 1e\+300"):
        fitted(noisy_sine(), lr=1e300)
