"""What a figure proposes starts from the run it shows."""

import copy
import shlex
from typing import Any

import numpy as np
import pytest

from stepahead.core.params import read_yaml
from stepahead.report.figures import CAPTIONS
from stepahead.report.try_next import commands, same_forecast
from stepahead.series.data.dataset import sine, standardised
from tests.project import DEFAULTS

ORDERS = {"tau": np.array([4, 8, 12]), "bic": np.array([3.0, 2.0, 1.0])}


@pytest.fixture
def params() -> dict[str, Any]:
    return copy.deepcopy(DEFAULTS)


def test_the_lags_that_the_criterion_asked_for_come_first(params: dict[str, Any]) -> None:
    assert commands(params, ORDERS, {}, has_signal=True, held_out=396)["orders"] == "dvc exp run -S tau=12"
    assert (
        commands(params | {"tau": 12}, ORDERS, {}, has_signal=True, held_out=396)["orders"] == "dvc exp run -S tau=24"
    )


def test_a_network_that_was_still_getting_better_is_given_more_epochs(params: dict[str, Any]) -> None:
    early, late = (commands(params, ORDERS, {"gru": epoch}, has_signal=True, held_out=396) for epoch in (9, 60))
    assert "rnn.lr=" in early["training_perplexity"]
    assert late["training_perplexity"] == "dvc exp run -S rnn.epochs=120"


def test_nothing_is_said_of_a_noise_that_is_not_known(params: dict[str, Any]) -> None:
    found = commands(params, ORDERS, {}, has_signal=False, held_out=36)
    assert not [command for command in found.values() if "noise_std" in command]


@pytest.mark.parametrize("noise", [0.2, 0.0])
def test_every_figure_has_a_command_that_changes_a_param_there_is(noise: float, params: dict[str, Any], root) -> None:
    params["series"]["noise_std"] = noise
    found = commands(params, ORDERS, {}, has_signal=True, held_out=396)
    assert set(found) == {*read_yaml(root / CAPTIONS), "generated"}
    for command in found.values():
        *start, change = shlex.split(command)
        key, _, value = change.partition("=")
        section, _, name = key.rpartition(".")
        old = params[section][name] if section else params[name]
        assert start == ["dvc", "exp", "run", "-S"]
        assert str(old) != value


@pytest.mark.parametrize("now", [0, 4, 9])
def test_a_refit_to_try_comes_within_the_held_out_part(now: int, params: dict[str, Any]) -> None:
    params["kstep"]["refit_every"] = now
    found = commands(params, ORDERS, {}, has_signal=False, held_out=36)
    tried = [int(command.partition("refit_every=")[2] or -1) for command in found.values()]
    assert {*tried} - {-1} <= {0, 4, 9} - {now}


AHEAD = {"model": np.array(["lvar"] * 3), "step": np.array([1, 2, 3])}
SINE = sine(100, 0.1, 0.1, 60, np.random.default_rng(0))
DATED = standardised("it's mine.csv", SINE.values, [f"d{i}" for i in range(100)], 60)


def test_a_forecast_is_repeated_from_the_file_that_its_model_saw() -> None:
    start = "python -m stepahead forecast --model lvar --steps 3 "
    for reverse in (False, True):
        assert same_forecast(AHEAD, SINE, reverse=reverse) == start + "data/series/series.csv --column value"
    own = same_forecast(AHEAD, DATED, reverse=False)
    assert shlex.split(own) == [*start.split(), "data/local/it's mine.csv"]


def test_no_file_has_a_dated_series_backwards_and_no_model_no_forecast() -> None:
    assert same_forecast(AHEAD, DATED, reverse=True) == ""
    assert same_forecast({"model": np.array([]), "step": np.array([])}, SINE, reverse=False) == ""
