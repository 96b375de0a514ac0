"""The file of a trained forecaster: it brings back every fit, and knows the series they were fitted on."""

import dataclasses
import json

import numpy as np
import pytest

from stepahead.core import artifacts
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import sine, standardised
from stepahead.series.data.model_file import fit_family, read_model, read_model_of, write_model
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.scale import Scale
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import Mean

SERIES = standardised("waves", 40 + sine(120, 0.1, 0.2, 80, np.random.default_rng(0)).values, None, 80)
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


@pytest.fixture
def path(tmp_path):
    fit_family(tmp_path, {"ols": MODELS["ols"]}, SERIES, 20)
    return tmp_path / "ols.safetensors"


@pytest.mark.parametrize("name", MODELS)
def test_fits_come_back(name, tmp_path):
    path, fits = tmp_path / "model.safetensors", fit_all(MODELS[name], SERIES, 20)
    write_model(path, fits, SERIES)
    found, seen = read_model(path, CLASSES)
    assert list(found) == [80, 100]
    for end, model in fits.items():
        assert type(found[end]) is type(MODELS[name])
        for weight, array in model.weights.items():
            np.testing.assert_array_equal(found[end].weights[weight], array, strict=True)
    origins = np.arange(70, 110)
    before, after = (Fits(each, SERIES.scale).forecast(SERIES.values, origins, 6) for each in (fits, found))
    np.testing.assert_allclose(after, before, rtol=1e-6)
    assert (seen.name, seen.n_train, seen.scale) == ("waves", 80, SERIES.scale)
    content = path.read_bytes()
    write_model(path, found, SERIES)
    assert path.read_bytes() == content


def test_a_family_is_a_folder_with_a_file_each(tmp_path):
    fits = fit_family(tmp_path / "linear", {name: MODELS[name] for name in ("ols", "yule_walker")}, SERIES, 0)
    assert sorted(path.stem for path in (tmp_path / "linear").iterdir()) == list(fits) == ["ols", "yule_walker"]
    assert fit_family(tmp_path / "none", {}, SERIES, 0) == {}
    assert list((tmp_path / "none").iterdir()) == []


def test_a_file_knows_the_series_it_was_fitted_on(path):
    _, seen = read_model(path, CLASSES)
    longer = np.append(SERIES.values, [7.0, 8.0])
    assert seen.begins(longer)
    assert seen.begins(longer[:100])  # the last fit saw so many
    assert not seen.begins(longer[:99])
    assert not seen.begins(longer[1:])
    assert not seen.begins(longer + np.eye(122)[99] * 1e-12)
    assert seen.begins(longer + np.eye(122)[100])


@pytest.mark.parametrize(
    "changed", [{"n_train": 79}, {"scale": Scale()}, {"values": SERIES.values[::-1].copy()}], ids=str
)
def test_of_another_series_it_is_refused(changed, path):
    assert list(read_model_of(path, CLASSES, SERIES)) == [80, 100]
    message = r"ols\.safetensors was fitted on another series .*\(waves, its first 100 steps\); run dvc repro"
    with pytest.raises(StepaheadError, match=message):
        read_model_of(path, CLASSES, dataclasses.replace(SERIES, **changed))


@pytest.mark.parametrize(
    "change",
    [
        {"class": "Oracle"},
        {"class": "MLP"},
        {"class": None},
        {"hyperparameters": {"tau": 3, "method": "ols"}},
        {"hyperparameters": {"tau": 3, "method": "ols", "pad": "drop", "more": 1}},
        {"hyperparameters": [3]},
        {"ends": [60]},
        {"ends": []},
        {"series": {"name": "sine"}},
        {"series": None},
    ],
    ids=str,
)
def test_a_file_of_another_version_gives_one_clear_error(change, path):
    weights, about = artifacts.read_tensors(path)
    about = {name: value for name, value in (about | change).items() if value is not None}
    artifacts.write_tensors(path, weights, about)
    with pytest.raises(StepaheadError, match=r"ols\.safetensors holds no forecaster .*delete it and run dvc repro$"):
        read_model(path, CLASSES)


def test_weights_of_another_type_give_one_clear_error(path):
    weights, about = artifacts.read_tensors(path)
    artifacts.write_tensors(path, {name: array.astype(np.int64) for name, array in weights.items()}, about)
    with pytest.raises(StepaheadError, match=r"ols\.safetensors holds no forecaster .*delete it and run dvc repro$"):
        read_model(path, CLASSES)


@pytest.mark.parametrize("content", [b"", b"{}", json.dumps({"class": "MLP"}).encode()])
def test_a_damaged_file_gives_one_clear_error(content, path):
    path.write_bytes(content)
    with pytest.raises(StepaheadError, match=r"ols\.safetensors is damaged"):
        read_model(path, CLASSES)
