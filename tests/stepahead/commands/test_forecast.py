"""python -m stepahead forecast: from the model's file alone, and plain about what it cannot do."""

import argparse
import csv
import io
from collections.abc import Callable
from dataclasses import replace
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
SCALE = SERIES.scale
MODELS = {
    "ols": LinearAR(4, "ols", "drop"),
    "mlp": MLP(4, 8, 2, 16, 0.01, 3, 0, "drop"),
    "mlp_direct": DirectMLP(4, 8, (1, 10), 2, 16, 0.01, 3, 0, False, "drop"),
    "gru": Recurrent("gru", 4, 4, 2, 16, 0.01, 3, 0, "drop"),
    "lvar": LatentAR(2, 5),
}
Forecast = Callable[..., list[dict[str, Any]]]


PIPELINE = "stages: {train: {cmd: 'true', outs: [models/series/linear, models/series/others]}}"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the models and what the pipeline says of them, and models that it does not name:
    an earlier version's, of the same name."""
    root = tmp_path_factory.mktemp("project")
    (root / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    folder = root / "models/series"
    fit_family(folder / "linear", {"ols": MODELS["ols"]}, SERIES, 0)
    fit_family(folder / "others", {name: model for name, model in MODELS.items() if name != "ols"}, SERIES, 0)
    fit_family(folder / "recurrent", {name: LinearAR(1, "ols", "drop") for name in (*MODELS, "old")}, SERIES, 0)
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
        "intervals from the errors on the values from step 201 on, which follow those of training"
    ]
    model, origins = MODELS[name], np.arange(200, 301)
    model.fit(SERIES.scaled[:200])
    paths = model.forecast(SERIES.scaled, origins, 10).reshape(-1, 101, 10).mean(axis=0) * SCALE.std + SCALE.mean
    np.testing.assert_allclose([row["forecast"] for row in rows], paths[-1], atol=0.001)
    for k, row in enumerate(rows, start=1):
        known = origins[: 101 - k]
        errors = np.sort(np.abs(paths[: len(known), k - 1] - VALUES[known + k - 1]))
        for level in (80, 95):
            half = errors[int(np.ceil((len(known) + 1) * level / 100 - 1e-9)) - 1]
            assert row[f"high_{level}"] - row["forecast"] == pytest.approx(half, abs=0.002)
            assert row["forecast"] - row[f"low_{level}"] == pytest.approx(half, abs=0.002)


def test_with_refits_the_errors_are_those_of_the_fits_that_predicted_then(fitted: Path, forecast: Forecast) -> None:
    fit_family(fitted / "models/series/linear", {"refitted": MODELS["ols"]}, SERIES, 30)
    rows = forecast(VALUES, "refitted", 1)
    fits = Fits(fit_all(MODELS["ols"], SERIES, 30), SERIES.scale)
    errors = np.abs(fits.forecast(VALUES, np.arange(200, 300), 1)[:, 0] - VALUES[200:])
    half = np.sort(errors)[int(np.ceil(101 * 0.8)) - 1]
    assert rows[0]["high_80"] - rows[0]["forecast"] == pytest.approx(half, abs=0.002)


def test_a_model_that_no_stage_writes_is_none(forecast: Forecast) -> None:
    with pytest.raises(StepaheadError, match=r"--model = 'old' is no trained model; models/series/ has ols"):
        forecast(VALUES, "old", 1)


def test_a_model_of_another_version_says_so(fitted: Path, forecast: Forecast) -> None:
    series = replace(SERIES, reading={"column": "y", "no_such_option": 1})
    fit_family(fitted / "models/series/others", {"ancient": MODELS["ols"]}, series, 0)
    with pytest.raises(StepaheadError, match=r"ancient\.safetensors holds no forecaster of this version; delete it"):
        forecast(VALUES, "ancient", 1)


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
        "intervals from the errors on the values from step 201 on, which follow those of training",
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


def test_the_fitted_series_backwards_is_refused(forecast: Forecast) -> None:
    with pytest.raises(StepaheadError, match=r"backwards, the newest value first; turn it round with --order newest"):
        forecast(VALUES[::-1], "ols", 3)


def test_digits_are_those_of_the_data(forecast: Forecast) -> None:
    rows = forecast(VALUES.round(1), "lvar", 3)
    assert all(value == round(value, 2) for row in rows for value in row.values())


MONTHS = [f"{1990 + i // 12}-{i % 12 + 1:02}" for i in range(340)]


@pytest.fixture
def monthly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., list[str]]:
    """Runs the command on a dated file, with a model of its first 200 months; gives what it says and what it writes."""
    series = replace(standardised("mine.csv", VALUES, MONTHS[:300], 200), spacing="month", reading={"column": "y"})
    (tmp_path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    fit_family(tmp_path / "models/series/linear", {"ols": MODELS["ols"]}, series, 0)
    monkeypatch.chdir(tmp_path)

    def run(values: Array, dates: list[str], *options: str) -> list[str]:
        write_table(tmp_path / "my.csv", {"month": dates, "y": values, "z": 2 * values})
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        command.run(parser.parse_args([str(tmp_path / "my.csv"), "--model", "ols", "--steps", "2", *options]))
        captured = capsys.readouterr()
        return [*captured.err.splitlines(), *captured.out.splitlines()]

    return run


def test_the_dates_go_on(monthly: Callable[..., list[str]]) -> None:
    said, header, first, second = monthly(VALUES, MONTHS[:300])
    assert said == "intervals from the errors on the values from 2006-09 on, which follow those of training"
    assert header.startswith("step,date,forecast,low_80")
    assert [row.split(",")[:2] for row in (first, second)] == [["1", "2015-01"], ["2", "2015-02"]]


@pytest.mark.parametrize(
    ("values", "dates", "options", "told"),
    [
        (VALUES, MONTHS[:300], ["--column", "z"], "it was column y, here it is z; its level is +"),
        (
            VALUES[:90],
            MONTHS[250:],
            [],
            "; it was fitted up to 2006-08, and the file begins after that, at 2010-11; so",
        ),
        (
            VALUES[:9],
            [f"2020-01-{i:02}" for i in range(1, 10)],
            [],
            "there a step was a month, here it is a day; it was",
        ),
        (VALUES - 100, MONTHS[:300], [], "; its level is -"),
    ],
    ids=["column", "gap", "spacing", "level"],
)
def test_what_differs_from_the_fitted_series_is_told(
    values: Array, dates: list[str], options: list[str], told: str, monthly: Callable[..., list[str]]
) -> None:
    said, header, *_ = monthly(values, dates, *options)
    assert "warning: ols was fitted on mine.csv, not on " in said
    assert told in said
    assert header == "step,date,forecast"
