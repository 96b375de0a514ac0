import numpy as np
import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import sine
from stepahead.series.data.windows import lag_windows
from stepahead.series.networks import recurrent
from stepahead.series.networks.cells import CELLS
from stepahead.series.networks.ensemble import streams
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.kstep import training_mse
from tests.stepahead.series.networks import torch_cells

SERIES = sine(1000, 0.01, 0.2, 604, np.random.default_rng(0))
TRAIN = SERIES.scaled[:604]


@pytest.mark.parametrize("cell", CELLS)
def test_one_step_is_torchs_cell_over_the_window_and_a_linear_layer(cell):
    model = Recurrent(cell, 4, 8, 1, 64, 0.01, 2, 0, "drop")
    model.fit(TRAIN)
    windows = np.random.default_rng(1).normal(size=(5, 4)).astype(np.float32)
    for s in range(2):
        weights = {name: torch.from_numpy(weight[s]) for name, weight in model.weights.items()}
        expected = torch_cells.predict(cell, **weights, windows=torch.from_numpy(windows))
        np.testing.assert_allclose(model.one_step(windows)[s], expected, atol=1e-5)


@pytest.mark.parametrize(("tau", "horizon"), [(4, 1), (1, 4), (4, 9), (6, 3)])
@pytest.mark.parametrize("cell", CELLS)
def test_forecasts_are_single_steps_fed_back(cell, tau, horizon):
    model = Recurrent(cell, tau, 8, 1, 64, 0.01, 2, 0, "drop")
    model.fit(TRAIN)
    path = np.stack([TRAIN[origin - tau : origin] for origin in (600, 604, 50)])  # (3, tau)
    for _ in range(horizon):
        path = np.concatenate([path, model.one_step(path[:, -tau:])[:1].T], axis=1)  # of the first seed
    forecast = model.forecast(SERIES.scaled, np.array([600, 604, 50]), horizon)
    assert forecast.shape == (2, 3, horizon)
    np.testing.assert_allclose(forecast[0], path[:, tau:], atol=1e-5)


def test_blocks_change_nothing(monkeypatch):
    model, origins = Recurrent("gru", 4, 8, 1, 64, 0.01, 2, 0, "drop"), np.arange(604, 641)
    model.fit(TRAIN)
    whole = model.forecast(SERIES.scaled, origins, 8)
    monkeypatch.setattr(recurrent, "PRODUCT", 1)
    np.testing.assert_allclose(model.forecast(SERIES.scaled, origins, 8), whole, atol=1e-6)
    assert model.forecast(SERIES.scaled, origins[:0], 8).shape == (2, 0, 8)


@pytest.mark.parametrize("cell", CELLS)
def test_training_is_torchs_adam_on_torchs_cells(cell):
    """From the same weights and in the same order; an epoch's last minibatch has 23 windows, the others have 32."""
    model = Recurrent(cell, 4, 8, 3, 32, 0.01, 2, 5, "drop")
    model.fit(TRAIN[:123])
    x, y = (torch.from_numpy(array.copy()) for array in lag_windows(TRAIN[:123], 4))
    for s, stream in enumerate(streams(5, 2)):
        generator = np.random.default_rng(stream)
        drawn = model._initial_weights(generator)
        leaves = {name: torch.tensor(weight, requires_grad=True) for name, weight in drawn.items()}
        optimizer = torch.optim.Adam(leaves.values(), lr=0.01)
        for _ in range(3):
            for batch in torch.from_numpy(generator.permutation(len(x))).split(32):
                optimizer.zero_grad()
                torch.nn.functional.mse_loss(torch_cells.predict(cell, **leaves, windows=x[batch]), y[batch]).backward()
                optimizer.step()
        for name, leaf in leaves.items():
            np.testing.assert_allclose(model.weights[name][s], leaf.detach(), atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_initial_weights_fill_torchs_range(cell):
    model = Recurrent(cell, 4, 16, 0, 32, 0.01, 8, 0, "drop")
    model.fit(TRAIN)
    assert model.weights["readout"].shape == (8, 1, 17)
    for weight in model.weights.values():
        assert 0.22 < abs(weight).max() <= 0.25  # 1/√16


def test_it_learns_the_sine_almost_to_the_noise():
    model = Recurrent("rnn", 4, 32, 10, 32, 0.01, 3, 0, "drop")
    model.fit(TRAIN)
    assert (training_mse(model, TRAIN) < 0.065).all()


def test_the_error_names_the_param_to_lower():
    with pytest.raises(StepaheadError, match=r"^recurrent\.lr = 1e\+200: .* lower recurrent\.lr$"):
        Recurrent("rnn", 4, 4, 2, 64, 1e200, 2, 0, "drop").fit(TRAIN)
