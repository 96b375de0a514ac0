import numpy as np
import pytest
import torch

from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import sine
from stepahead.series.networks.mlp import MLP
from stepahead.series.scoring.kstep import training_mse
from tests.stepahead.series.networks import torch_cells

SERIES = sine(1000, 0.01, 0.2, 604, np.random.default_rng(0))
TRAIN = SERIES.scaled[:604]


def test_forecast_is_the_torch_network_of_each_seed_fed_its_own_predictions():
    model = MLP(4, 10, 1, 16, 0.01, 2, 0, "drop")
    model.fit(TRAIN)
    for s in range(2):
        weights = {name: torch.from_numpy(weight[s]) for name, weight in model.weights.items()}
        path = list(TRAIN)
        for _ in range(20):
            window = torch.tensor([path[-4:]], dtype=torch.float32)
            path.append(torch_cells.perceptron(**weights, windows=window).item())
        forecast = model.forecast(SERIES.scaled, np.array([604]), 20)
        np.testing.assert_allclose(forecast[s, 0], path[604:], atol=1e-5)


def test_training_error_is_the_books():
    """d2l prints 0.046 / 0.052 / 0.068 (min / median / max of its builds) after 5 epochs."""
    model = MLP(4, 10, 5, 16, 0.01, 10, 0, "drop")
    model.fit(TRAIN)
    mse = training_mse(model, TRAIN)
    assert mse.shape == (10,)
    low, median, high = np.quantile(mse, [0, 0.5, 1])
    assert 0.04 < low <= high < 0.08
    assert 0.045 < median < 0.058


def test_the_error_names_the_param_to_lower():
    with pytest.raises(StepaheadError, match=r"^mlp\.lr = 1e\+200: .* lower mlp\.lr$"):
        MLP(4, 10, 2, 16, 1e200, 2, 0, "drop").fit(TRAIN)
