"""python -m stepahead forecast: from the model's file alone, and plain about what it cannot do."""

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stepahead import __main__ as cli
from stepahead.core.artifacts import Array, write_table
from stepahead.series.data.dataset import sine, standardised
from stepahead.series.data.model_file import fit_family
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.intervals import score

VALUES = 40 + 5 * sine(300, 0.1, 0.2, 200, np.random.default_rng(0)).values
SERIES = standardised("mine.csv", VALUES, None, 200)
MODELS = {
    "ols": LinearAR(4, "ols", "drop"),
    "mlp": MLP(4, 8, 2, 16, 0.01, 3, 0, "drop"),
    "mlp_direct": DirectMLP(4, 8, (1, 10), 2, 16, 0.01, 3, 0, False, "drop"),
    "gru": Recurrent("gru", 4, 4, 2, 16, 0.01, 3, 0, "drop"),
    "lvar": LatentAR(2, 5),
}
Forecast = Callable[..., list[dict[str, float]]]


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

    def run(values: Array, model: str, steps: int) -> list[dict[str, float]]:
        write_table(tmp_path / "my.csv", {"y": np.asarray(values, dtype=float)})
        argv = ["stepahead", "forecast", str(tmp_path / "my.csv"), "--model", model, "--steps", str(steps)]
        monkeypatch.setattr(sys, "argv", argv)
        cli.main()
        captured = capsys.readouterr()
        run.warnings = captured.err.splitlines()  # type: ignore[attr-defined]
        rows = csv.DictReader(io.StringIO(captured.out))
        return [{name: float(value) for name, value in row.items()} for row in rows]

    return run


@pytest.mark.parametrize("name", MODELS)
def test_it_goes_on_from_the_end_with_the_intervals_of_the_scoring(name: str, forecast: Forecast) -> None:
    rows = forecast(VALUES, name, 10)
    assert forecast.warnings == []  # type: ignore[attr-defined]
    MODELS[name].fit(SERIES.scaled[:200])
    expected = np.atleast_3d(MODELS[name].forecast(SERIES.scaled, np.array([300]), 10)).reshape(-1, 10).mean(0)
    np.testing.assert_allclose([row["forecast"] for row in rows], expected * SERIES.std + SERIES.mean, rtol=1e-6)
    widths = score(Fits(fit_all(MODELS[name], SERIES, 0)), SERIES, np.arange(200, 291), [10]).intervals.width
    for level, width in zip((80, 95), widths, strict=True):
        found = [row[f"high_{level}"] - row[f"low_{level}"] for row in rows]
        np.testing.assert_allclose(found, width, rtol=1e-5)


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
    except SystemExit as stopped:
        assert other == "large"
        message = str(stopped)
        assert message.startswith(f"error: the forecast is not a finite number: {name} was fitted on mine.csv, not on ")
    else:
        assert rows[0].keys() == {"step", "forecast"}
        assert np.isfinite([row["forecast"] for row in rows]).all()
        [message] = forecast.warnings  # type: ignore[attr-defined]
        assert message.startswith(f"warning: {name} was fitted on mine.csv, not on ")
        assert "no intervals" in message
    assert message.endswith(end)
    assert "\n" not in message


def test_intervals_end_where_calibration_does(forecast: Forecast) -> None:
    assert forecast(VALUES, "ols", 32)[0].keys() == {"step", "forecast", "low_80", "high_80", "low_95", "high_95"}
    assert forecast(VALUES, "ols", 33)[0].keys() == {"step", "forecast", "low_80", "high_80"}
    assert forecast.warnings == [  # type: ignore[attr-defined]
        "warning: 95% intervals reach 32 steps ahead at most, as the training part of mine.csv is short"
    ]
    rows = forecast(VALUES, "ols", 100)
    assert rows[0].keys() == {"step", "forecast"}
    assert len(rows) == 100
    assert forecast.warnings == [  # type: ignore[attr-defined]
        "warning: 80% intervals reach 47 steps ahead at most, as the training part of mine.csv is short",
        "warning: 95% intervals reach 32 steps ahead at most, as the training part of mine.csv is short",
    ]


def test_a_direct_model_says_how_far_it_goes(forecast: Forecast) -> None:
    with pytest.raises(
        SystemExit, match=r"^error: --steps = 11, but the model predicts 10 steps at most .*ask for fewer"
    ):
        forecast(VALUES, "mlp_direct", 11)
