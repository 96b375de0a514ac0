"""python -m stepahead forecast: from the model's file alone, and plain about what it cannot do."""

import argparse
import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stepahead.commands import forecast as command
from stepahead.core.artifacts import Array, write_table
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import sine, standardised
from stepahead.series.data.model_file import fit_family
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent

VALUES = 40 + 5 * sine(300, 0.1, 0.2, 200, np.random.default_rng(0)).values
SERIES = standardised("mine.csv", VALUES, None, 200)
MODELS = {
    "ols": LinearAR(4, "ols", "drop"),
    "mlp": MLP(4, 8, 2, 16, 0.01, 3, 0, "drop"),
    "mlp_direct": DirectMLP(4, 8, (1, 10), 2, 16, 0.01, 3, 0, False, "drop"),
    "gru": Recurrent("gru", 4, 4, 2, 16, 0.01, 3, 0, "drop"),
    "lvar": LatentAR(2, 5),
}
Forecast = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the models, each in its family's folder."""
    root = tmp_path_factory.mktemp("project")
    for name, model in MODELS.items():
        fit_family(root / "models/series" / f"of_{name}", {name: model}, SERIES, 0)
    return root


@pytest.fixture
def forecast(fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Forecast:
    """Runs the command on these values, and gives the rows that it writes."""
    monkeypatch.chdir(fitted)

    def run(values: Array, model: str, steps: int) -> list[dict[str, Any]]:
        write_table(tmp_path / "my.csv", {"y": np.asarray(values, dtype=float)})
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        command.run(parser.parse_args([str(tmp_path / "my.csv"), "--model", model, "--steps", str(steps)]))
        captured = capsys.readouterr()
        run.warnings = captured.err.splitlines()  # type: ignore[attr-defined]
        rows = csv.DictReader(io.StringIO(captured.out))
        return [{name: float(value) if value else None for name, value in row.items()} for row in rows]

    return run


@pytest.mark.parametrize("name", MODELS)
def test_it_goes_on_from_the_end_with_intervals_from_its_errors_since_training(name: str, forecast: Forecast) -> None:
    rows = forecast(VALUES, name, 10)
    assert forecast.warnings == [  # type: ignore[attr-defined]
        "intervals from the errors on values 201 to 300, which follow those of training"
    ]
    model = MODELS[name]
    model.fit(SERIES.scaled[:200])
    origins = np.arange(200, 301)
    scale = SERIES.scale
    paths = np.atleast_3d(model.forecast(SERIES.scaled, origins, 10).reshape(-1, 101, 10)) * scale.std + scale.mean
    np.testing.assert_allclose([row["forecast"] for row in rows], paths[:, -1].mean(axis=0), rtol=1e-6)
    for k, row in enumerate(rows, start=1):
        known = origins[: 101 - k]
        errors = np.sort(np.abs(paths[:, : len(known), k - 1] - VALUES[known + k - 1]), axis=1)  # (S, n)
        for level in (80, 95):
            half = errors[:, int(np.ceil((len(known) + 1) * level / 100 - 1e-9)) - 1].mean()
            assert row[f"high_{level}"] - row["forecast"] == pytest.approx(half, rel=1e-5)
            assert row["forecast"] - row[f"low_{level}"] == pytest.approx(half, rel=1e-5)


def test_with_refits_the_errors_are_those_of_the_fits_that_predicted_then(fitted: Path, forecast: Forecast) -> None:
    fit_family(fitted / "models/series/refitted", {"refitted": MODELS["ols"]}, SERIES, 30)
    rows = forecast(VALUES, "refitted", 1)
    fits = Fits(fit_all(MODELS["ols"], SERIES, 30), SERIES.scale)
    errors = np.abs(fits.forecast(VALUES, np.arange(200, 300), 1)[:, 0] - VALUES[200:])
    half = np.sort(errors)[int(np.ceil(101 * 0.8)) - 1]
    assert rows[0]["high_80"] - rows[0]["forecast"] == pytest.approx(half, rel=1e-6)


OTHERS = {
    "shorter": VALUES[:199],
    "cut at the start": VALUES[1:],
    "changed": np.append(VALUES[:150] + 1e-9, VALUES[150:]),
    "large": VALUES * 1e40,
    "flat": np.append(np.full(30, 2.0), 3.0),
    "few": VALUES[:4],
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("other", OTHERS)
def test_on_another_series_one_line_says_so_and_how_to_fit(name: str, other: str, forecast: Forecast) -> None:
    end = "put the file in data/local/ and run: dvc exp run -S series.name=my.csv"
    try:
        rows = forecast(OTHERS[other], name, 10)
    except StepaheadError as error:
        assert other == "large"
        message = str(error)
        assert message.startswith(f"the forecast is not a finite number: {name} was fitted on mine.csv, not on ")
    else:
        assert rows[0].keys() == {"step", "forecast"}
        assert np.isfinite([row["forecast"] for row in rows]).all()
        [message] = forecast.warnings  # type: ignore[attr-defined]
        assert message.startswith(f"warning: {name} was fitted on mine.csv, not on ")
        assert "no intervals" in message
    assert message.endswith(end)
    assert "\n" not in message


def test_intervals_end_where_there_are_too_few_errors(forecast: Forecast) -> None:
    rows = forecast(VALUES[:230], "ols", 28)
    reached = {level: [row["step"] for row in rows if row[f"low_{level}"] is not None] for level in (80, 95)}
    assert reached == {80: list(range(1, 28)), 95: list(range(1, 13))}
    assert forecast.warnings == [  # type: ignore[attr-defined]
        "warning: 80% intervals reach 27 steps ahead at most, as only 30 values follow the 200 of training",
        "warning: 95% intervals reach 12 steps ahead at most, as only 30 values follow the 200 of training",
        "intervals from the errors on values 201 to 230, which follow those of training",
    ]


def test_a_file_that_ends_where_training_did_has_no_intervals(forecast: Forecast) -> None:
    assert forecast(VALUES[:200], "ols", 3)[0].keys() == {"step", "forecast"}
    assert forecast.warnings == [  # type: ignore[attr-defined]
        "warning: 80% intervals cannot be had, as only 0 values follow the 200 of training",
        "warning: 95% intervals cannot be had, as only 0 values follow the 200 of training",
    ]


def test_a_direct_model_says_how_far_it_goes(forecast: Forecast) -> None:
    with pytest.raises(StepaheadError, match=r"^--steps = 11, but the model predicts 10 steps at most .*ask for fewer"):
        forecast(VALUES, "mlp_direct", 11)
