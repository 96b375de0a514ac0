from dataclasses import replace

import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import (
    Series,
    check_horizons,
    read_series,
    sine,
    standardised,
    training_steps,
    write_series,
)
from stepahead.series.data.scale import Scale


def test_sine_is_signal_plus_noise_of_the_asked_size():
    series = sine(20_000, 0.01, 0.2, 604, np.random.default_rng(0))
    np.testing.assert_allclose(series.signal[:2], [np.sin(0.01), np.sin(0.02)])
    noise = series.values - series.signal
    assert noise.std() == pytest.approx(0.2, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.005)
    np.testing.assert_array_equal(series.scaled, series.values)


def test_reversed_sine_is_the_same_series_backwards():
    forwards, backwards = (sine(50, 0.3, 0.2, 10, np.random.default_rng(1), reverse) for reverse in (False, True))
    np.testing.assert_array_equal(backwards.values, forwards.values[::-1])
    np.testing.assert_array_equal(backwards.signal, forwards.signal[::-1])


def test_standardised_scales_by_the_training_part_alone():
    values = np.array([1.0, 2, 3, 4, 1000, -1000])
    series = standardised("file", values, None, 4)
    assert series.scaled[:4].mean() == pytest.approx(0)
    assert series.scaled[:4].std() == pytest.approx(1)
    np.testing.assert_allclose(series.scaled * series.scale.std + series.scale.mean, values)
    np.testing.assert_array_equal(series.train, series.scaled[:4])


def test_standardised_refuses_a_constant_training_part():
    with pytest.raises(StepaheadError, match=r"^series\.name = flat: its first 3 steps \(series\.n_train\) are all"):
        standardised("flat", np.array([5.0, 5, 5, 6]), None, 3)


def test_a_constant_is_one_whatever_rounding_makes_of_its_mean():
    with pytest.raises(StepaheadError, match="are all the same"):
        standardised("flat", np.array([0.1] * 604 + [1.0]), None, 604)


def test_reversed_values_take_their_dates_along_and_are_scaled_by_what_is_then_first():
    series = standardised("file", np.array([9.0, 8, 3, 1]), ["2020", "2021", "2022", "2023"], 2, reverse=True)
    np.testing.assert_array_equal(series.values, [1, 3, 8, 9])
    assert series.dates == ["2023", "2022", "2021", "2020"]
    assert series.scale.mean == 2


@pytest.mark.parametrize(
    ("n_train", "length", "steps"), [(0.604, 1000, 604), (0.604, 100, 60), (0.5, 9, 4), (1, 9, 1), (604, 1000, 604)]
)
def test_n_train_is_a_number_of_steps_or_a_share_of_them(n_train, length, steps):
    found = training_steps(n_train, length)
    assert (found, type(found)) == (steps, int)


def test_a_horizon_longer_than_the_held_out_part_is_refused_with_those_that_fit():
    series = sine(20, 0.01, 0.2, 12, np.random.default_rng(0))
    check_horizons(series, [1, 8])
    with pytest.raises(
        StepaheadError, match=r"^kstep\.horizons = 16 at most, but of the 20 steps .* only 8 are held out"
    ):
        check_horizons(series, [16, 1, 8])
    with pytest.raises(StepaheadError, match=r"use -S 'kstep\.horizons=\[1,8\]', or lower series\.n_train$"):
        check_horizons(series, [16, 1, 8])


@pytest.mark.parametrize("n_train", [0, 10, 11])
def test_n_train_must_leave_something_on_both_sides(n_train):
    with pytest.raises(StepaheadError, match=rf"^series\.n_train = {n_train}, but .* sine has 10 steps: .*from 1 to 9"):
        sine(10, 0.01, 0.2, n_train, np.random.default_rng(0))


def test_a_hole_in_the_values_is_named():
    with pytest.raises(StepaheadError, match=r"series\.name = holes: step 3 is not a finite number"):
        Series("holes", np.array([1, 2, np.nan, 4]), None, None, None, Scale(), 2)


@pytest.mark.parametrize(
    "series",
    [
        sine(30, 0.01, 0.2, 20, np.random.default_rng(2)),
        standardised(
            "gs10",
            np.array([1 / 3, 2.0, 0.1]),
            ["2020-01-01", "2020-02-01", "2020-03-01"],
            2,
            unit="percent",
            sha256="0" * 64,
        ),
    ],
    ids=["sine", "dated"],
)
def test_written_and_read_series_is_the_same_to_the_bit(tmp_path, series):
    paths = tmp_path / "series.csv", tmp_path / "series.json"
    write_series(*paths, series)
    found = read_series(*paths)
    for name in ("values", "signal", "scaled"):
        np.testing.assert_array_equal(getattr(found, name), getattr(series, name))
    for name in ("name", "dates", "noise_std", "scale", "n_train", "unit", "sha256"):
        assert getattr(found, name) == getattr(series, name)


def test_how_a_file_was_read_is_kept_with_the_series(tmp_path):
    about = {"spacing": "week", "season": 52, "filled": 3, "notes": ["3 values filled in"], "reading": {"id": "A"}}
    series = replace(sine(30, 0.01, 0.2, 20, np.random.default_rng(2)), **about)
    paths = tmp_path / "series.csv", tmp_path / "series.json"
    write_series(*paths, series)
    assert {name: getattr(read_series(*paths), name) for name in about} == about


@pytest.mark.parametrize(("old", "new"), [("value", "valve"), ("signal", "value"), ("0", "zero")])
def test_damaged_files_give_one_clear_error(tmp_path, old, new):
    paths = tmp_path / "series.csv", tmp_path / "series.json"
    write_series(*paths, sine(30, 0.01, 0.2, 20, np.random.default_rng(2)))
    content = paths[0].read_text(encoding="utf-8")
    paths[0].write_text(content.replace(old, new), encoding="utf-8")
    if (old, new) == ("signal", "value"):
        paths[1].write_text('{"name": "sine"}', encoding="utf-8")
    with pytest.raises(StepaheadError, match=r"series\.csv and .*delete them and run dvc repro$"):
        read_series(*paths)
