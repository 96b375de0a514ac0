"""What models see of a series, and the way back: exact, from the past alone."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.artifacts import Array
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.data.scale import TRANSFORMS, Scale, fit_scale
from stepahead.series.data.windows import lag_windows
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import Persistence, SeasonalNaive

RNG = np.random.default_rng(0)
VALUES = np.exp(3 + 0.01 * np.arange(90) + 0.3 * np.sin(np.arange(90) * np.pi / 3) + RNG.normal(0, 0.05, 90))
ORIGINS = np.arange(70, 80)
CHAINS = [
    (),
    ("log",),
    ("difference",),
    ("seasonal_difference",),
    ("last_value",),
    ("log", "difference"),
    ("seasonal_difference", "difference"),
    ("last_value", "difference", "seasonal_difference", "log"),
]


def series(*transforms: str, values: Array = VALUES) -> Series:
    return Series("waves", values, None, None, None, fit_scale("waves", values, 70, transforms, 6), 70, season=6)


class Seen:
    """Foretells what models will see, which is known here; or zeros."""

    def __init__(self, seen: Array, factor: float = 1.0) -> None:
        self.seen, self.factor = seen, factor

    def forecast(self, series: Array, origins: Array, horizon: int) -> Array:  # noqa: ARG002
        return self.factor * np.lib.stride_tricks.sliding_window_view(self.seen, horizon)[origins]


@pytest.mark.parametrize("transforms", CHAINS, ids=str)
@pytest.mark.parametrize("horizon", [1, 5, 6, 14])
def test_what_comes_back_is_what_went_in(transforms: tuple[str, ...], horizon: int) -> None:
    each = series(*transforms)
    origins = np.arange(20, 90 - horizon)
    back = Fits({20: Seen(each.scaled)}, each.scale).forecast(each.values, origins, horizon)
    np.testing.assert_allclose(back, np.lib.stride_tricks.sliding_window_view(VALUES, horizon)[origins], rtol=1e-11)


@settings(max_examples=50)
@given(data=st.data())
def test_any_series_comes_back(data: st.DataObject) -> None:
    lags = tuple(data.draw(st.lists(st.integers(1, 9), max_size=3), label="lags"))
    values = np.array(data.draw(st.lists(st.floats(0.1, 1e3), min_size=40, max_size=60), label="values"))
    scale = Scale(data.draw(st.booleans(), label="log"), lags, False, 0.3, 1.7)
    origin = data.draw(st.integers(scale.lost, len(values) - 1), label="origin")
    horizon = len(values) - origin
    future = scale.seen(values)[origin - scale.lost :][None]
    back = scale.in_unit(future, values, np.array([origin]))
    np.testing.assert_allclose(back[0], values[-horizon:], rtol=1e-7, atol=1e-7)


def test_a_log_and_a_difference_by_hand() -> None:
    values = np.array([1.0, 2, 6, 12])
    scale = fit_scale("doubling", values, 3, ("difference", "log"))
    assert scale.mean == pytest.approx(np.log(6) / 2)
    np.testing.assert_allclose(scale.seen(values) * scale.std + scale.mean, np.log([2, 3, 2]))
    constant = (np.log(2) - scale.mean) / scale.std  # doubles at every step
    np.testing.assert_allclose(scale.in_unit(np.full((1, 3), constant), values, np.array([3])), [[12, 24, 48]])


@pytest.mark.parametrize(
    ("transforms", "naive"), [(("difference",), Persistence()), (("seasonal_difference",), SeasonalNaive(6))]
)
def test_a_forecast_of_no_change_is_a_naive_one(transforms: tuple[str, ...], naive: Persistence) -> None:
    scale = Scale(differences=fit_scale("waves", VALUES, 70, transforms, 6).differences)
    still = Fits({20: Seen(scale.seen(VALUES), 0.0)}, scale)
    np.testing.assert_allclose(still.forecast(VALUES, ORIGINS, 9), naive.forecast(VALUES, ORIGINS, 9), rtol=1e-12)


def models(scale: Scale) -> dict[str, object]:
    last, lags = scale.from_last, scale.differences
    return {
        "ols": LinearAR(4, "ols", "drop", last),
        "yule_walker": LinearAR(4, "yule_walker", "zero", last),
        "mlp": MLP(4, 4, 1, 16, 0.01, 2, 0, "drop", last),
        "gru": Recurrent("gru", 4, 4, 1, 16, 0.01, 2, 0, "drop", last),
        "direct": DirectMLP(4, 4, (1, 4, 8), 1, 16, 0.01, 2, 0, False, "drop", last, lags),
        "lvar": LatentAR(2, 2, last),
    }


NAMES = list(models(Scale()))


@pytest.mark.parametrize("transforms", CHAINS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_every_model_forecasts_in_the_unit_from_the_past_alone(name: str, transforms: tuple[str, ...]) -> None:
    before = series(*transforms)
    fits = Fits(fit_all(models(before.scale)[name], before, 0), before.scale)  # type: ignore[type-var]
    after = VALUES.copy()
    after[75:] = 1.0
    forecasts = [fits.forecast(values, np.array([75]), 8) for values in (VALUES, after)]
    np.testing.assert_array_equal(*forecasts)
    assert np.isfinite(forecasts[0]).all()
    if len(transforms) < 3:  # sums of sums run away from a network that is hardly trained
        assert (abs(np.log(forecasts[0] / VALUES.mean())) < 2).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("transforms", [("difference",), ("last_value",)])
def test_models_of_change_follow_a_series_that_is_moved(name: str, transforms: tuple[str, ...]) -> None:
    """Without a transform they would be drawn back to the mean of the training part."""
    each = series(*transforms)
    fits = Fits(fit_all(models(each.scale)[name], each, 0), each.scale)  # type: ignore[type-var]
    here, there = (fits.forecast(VALUES + shift, ORIGINS, 8) for shift in (0.0, 1000.0))
    np.testing.assert_allclose(there, here + 1000, rtol=1e-4)


@pytest.mark.parametrize("method", ["ols", "yule_walker"])
def test_a_linear_model_from_the_last_value_is_one_of_differences(method: str) -> None:
    """tau values less the last are sums of tau - 1 differences."""
    last, differences = series("last_value"), series("difference")
    one = Fits(fit_all(LinearAR(5, method, "drop", True), last, 0), last.scale)
    other = Fits(fit_all(LinearAR(4, method, "drop"), differences, 0), differences.scale)
    np.testing.assert_allclose(one.forecast(VALUES, ORIGINS, 8), other.forecast(VALUES, ORIGINS, 8), rtol=1e-9)


def test_windows_from_the_last_value_by_hand() -> None:
    windows, labels = lag_windows(np.array([1.0, 2, 4, 7]), 2, from_last=True)
    np.testing.assert_array_equal(windows, [[-1, 0], [-2, 0]])
    np.testing.assert_array_equal(labels, [2, 3])


def refusal(transforms: tuple[str, ...], values: Array, season: int | None) -> Callable[[], Scale]:
    return lambda: fit_scale("mine.csv", values, 20, transforms, season)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (refusal(("log",), VALUES - VALUES[80], 6), r"transform = log, but step \d+ of mine.csv is -?\d.*above zero"),
        (refusal(("log",), np.where(np.arange(90) == 89, 0, VALUES), 6), "step 90 of mine.csv is 0"),
        (refusal(("seasonal_difference",), VALUES, None), "no season that is known; say its steps with series.season"),
        (refusal(("seasonal_difference",), VALUES, 19), "needs more than 20 training steps, and series.n_train is 20"),
        (refusal(("difference",), np.arange(90.0), None), "after series.transform = difference, are all the same"),
        (refusal((), np.ones(90), None), r"mine.csv: its first 20 steps \(series.n_train\) are all the same"),
    ],
)
def test_what_cannot_be_done_is_one_line(call: Callable[[], Scale], message: str) -> None:
    with pytest.raises(StepaheadError, match=message):
        call()


def test_every_transform_is_tried_here() -> None:
    assert {each for chain in CHAINS for each in chain} == set(TRANSFORMS)
