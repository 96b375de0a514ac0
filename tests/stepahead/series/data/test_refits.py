"""Fits on ever longer starts of a series: which predicts what, and the file that brings them back."""

import json

import numpy as np
import pytest

from stepahead.core import artifacts
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import sine
from stepahead.series.data.refits import Fits, fit_all, load_fits, save_fits
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import Mean
from stepahead.series.scoring.kstep import squared_errors

SERIES = sine(120, 0.1, 0.2, 80, np.random.default_rng(0))
MODELS = {
    "mean": Mean(),
    "ols": LinearAR(3, "ols", "drop"),
    "yule_walker": LinearAR(3, "yule_walker", "zero"),
    "mlp": MLP(3, 4, 1, 16, 0.01, 2, 0, "zero"),
    "direct": DirectMLP(3, 4, (1, 6), 1, 16, 0.01, 2, 0, True, "drop"),
    "lstm": Recurrent("lstm", 3, 4, 1, 16, 0.01, 1, 0, "drop"),
    "lvar": LatentAR(2, 2),
}
CLASSES = (Mean, LinearAR, MLP, DirectMLP, Recurrent, LatentAR)


def test_without_refits_there_is_one_fit_for_training_and_one_for_calibration():
    assert sorted(fit_all(Mean(), SERIES, 0)) == [60, 80]
    assert sorted(fit_all(Mean(), SERIES, 15)) == [60, 80, 95, 110]


def test_each_origin_gets_the_latest_fit_that_had_ended():
    forecast = Fits(fit_all(Mean(), SERIES, 15)).forecast(SERIES.scaled, np.array([110, 60, 94, 79, 95]), 2)
    expected = [SERIES.scaled[:end].mean() for end in (110, 60, 80, 60, 95)]
    np.testing.assert_allclose(forecast, np.repeat(np.array(expected)[:, None], 2, axis=1))


def test_an_origin_before_the_first_fit_is_refused():
    with pytest.raises(ValueError, match="before step 60"):
        Fits(fit_all(Mean(), SERIES, 0)).forecast(SERIES.scaled, np.array([70, 59]), 1)


def test_refitting_at_every_origin_is_fitting_by_hand():
    horizon, origins = 5, np.arange(80, 116)
    by_hand = []
    for origin in origins:
        model = LinearAR(3, "ols", "drop")
        model.fit(SERIES.values[:origin])
        by_hand.append(model.forecast(SERIES.values[:origin], np.array([origin]), horizon)[0])
    targets = np.lib.stride_tricks.sliding_window_view(SERIES.values, horizon)[80:]
    errors = squared_errors(Fits(fit_all(LinearAR(3, "ols", "drop"), SERIES, 1)), SERIES, origins, horizon)
    np.testing.assert_allclose(errors[0], np.mean((np.array(by_hand) - targets) ** 2, axis=0))


def test_seeds_keep_their_place_when_fits_change_on_the_way():
    fits = fit_all(MODELS["mlp"], SERIES, 10)
    together = Fits(fits).forecast(SERIES.scaled, np.array([95, 85, 105]), 4)
    assert together.shape == (2, 3, 4)
    np.testing.assert_allclose(together[:, 1], fits[80].forecast(SERIES.scaled, np.array([85]), 4)[:, 0], atol=1e-6)


def test_a_calibration_part_that_cannot_be_fitted_is_named():
    with pytest.raises(StepaheadError, match=r"tau = 70 needs more than 60 .*calibrate its .* first 60 of 80"):
        fit_all(LinearAR(70, "ols", "drop"), SERIES, 0)


@pytest.mark.parametrize("name", MODELS)
def test_saved_fits_come_back(name, tmp_path):
    path, fits = tmp_path / "model.safetensors", fit_all(MODELS[name], SERIES, 20)
    save_fits(path, fits)
    found = load_fits(path, CLASSES)
    assert list(found) == [60, 80, 100]
    for end, model in fits.items():
        assert type(found[end]) is type(MODELS[name])
        for weight, array in model.weights.items():
            np.testing.assert_array_equal(found[end].weights[weight], array, strict=True)
    origins = np.arange(70, 110)
    before, after = (Fits(each).forecast(SERIES.scaled, origins, 6) for each in (fits, found))
    np.testing.assert_allclose(after, before, rtol=1e-6)
    content = path.read_bytes()
    save_fits(path, found)
    assert path.read_bytes() == content


@pytest.mark.parametrize("change", [{"class": "Oracle"}, {"class": "MLP"}, {"tau": None}, {"more": 1}, {"ends": [60]}])
def test_a_file_of_another_version_gives_one_clear_error(change, tmp_path):
    path = tmp_path / "ols.safetensors"
    save_fits(path, fit_all(MODELS["ols"], SERIES, 0))
    weights, about = artifacts.read_tensors(path)
    about = {name: value for name, value in (about | change).items() if value is not None}
    artifacts.write_tensors(path, weights, about)
    with pytest.raises(StepaheadError, match=r"ols\.safetensors holds no forecaster .*delete it and run dvc repro$"):
        load_fits(path, CLASSES)


def test_weights_of_another_type_give_one_clear_error(tmp_path):
    path = tmp_path / "ols.safetensors"
    save_fits(path, fit_all(MODELS["ols"], SERIES, 0))
    weights, about = artifacts.read_tensors(path)
    artifacts.write_tensors(path, {name: array.astype(np.int64) for name, array in weights.items()}, about)
    with pytest.raises(StepaheadError, match=r"ols\.safetensors holds no forecaster .*delete it and run dvc repro$"):
        load_fits(path, CLASSES)


@pytest.mark.parametrize("content", [b"", b"{}", json.dumps({"class": "MLP"}).encode()])
def test_a_damaged_file_gives_one_clear_error(content, tmp_path):
    path = tmp_path / "ols.safetensors"
    path.write_bytes(content)
    with pytest.raises(StepaheadError, match=r"ols\.safetensors is damaged"):
        load_fits(path, CLASSES)
