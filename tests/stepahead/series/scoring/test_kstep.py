import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import Series, sine
from stepahead.series.data.scale import Scale
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.scoring import kstep
from stepahead.series.scoring.baselines import Oracle, Persistence
from stepahead.series.scoring.kstep import held_out_origins, kstep_metrics, squared_errors, training_mse

TINY = Series("tiny", np.array([1.0, 2, 4, 7, 11, 16]), None, None, None, Scale(), 3)


class Fixed:
    """Predicts the same numbers whatever it sees."""

    def __init__(self, forecast):
        self.values = np.array(forecast, dtype=float)

    def fit(self, series):
        pass

    def forecast(self, series, origins, horizon):  # noqa: ARG002
        return np.repeat(self.values[:, None, :horizon], len(origins), axis=1)


def test_held_out_origins_are_the_books_333():
    origins = held_out_origins(604, 1000, 64)
    assert len(origins) == 333
    assert (origins[0], origins[-1]) == (604, 936)


def test_one_origin_is_left_where_the_horizon_just_fits():
    np.testing.assert_array_equal(held_out_origins(3, 5, 2), [3])
    with pytest.raises(StepaheadError, match=r"^kstep\.horizons = 3 at most, but only 2 of the series' 5 steps"):
        held_out_origins(3, 5, 3)


def test_errors_by_hand_in_the_original_unit():
    errors = squared_errors(Persistence(), TINY, np.array([3, 4]), 2)
    # from 4: 7, 11 come; from 7: 11, 16
    np.testing.assert_allclose(errors, [[(9 + 16) / 2, (49 + 81) / 2]])


def test_each_seed_has_its_own_row():
    errors = squared_errors(Fixed([[7, 11], [7, 21]]), TINY, np.array([3]), 2)  # 7, 11 and 7, 21
    np.testing.assert_allclose(errors, [[0, 0], [0, 100]], atol=1e-12)


def test_chunks_change_nothing(monkeypatch):
    series = sine(300, 0.1, 0.2, 100, np.random.default_rng(0))
    origins, model = held_out_origins(100, 300, 8), LinearAR(4, "ols", "drop")
    model.fit(series.scaled[:100])
    whole = squared_errors(model, series, origins, 8)
    monkeypatch.setattr(kstep, "CHUNK", 50)
    np.testing.assert_allclose(squared_errors(model, series, origins, 8), whole, rtol=1e-12)


def test_the_oracle_reaches_the_floor():
    series = sine(20_000, 0.01, 0.2, 604, np.random.default_rng(0))
    errors = squared_errors(Oracle(series.signal), series, held_out_origins(604, 20_000, 64), 64)
    np.testing.assert_allclose(errors, 0.04, rtol=0.03)


def test_metrics_are_means_over_the_weight_seeds_at_the_reported_horizons():
    errors = {"persistence": np.array([[4.0, 8, 16]]), "model": np.array([[1.0, 9, 4], [3, 9, 8]])}
    assert kstep_metrics(errors, [1, 3], 0.5) == {
        "floor": 0.25,
        "persistence": {"k1": 4.0, "k3": 16.0},
        "model": {"k1": 2.0, "k3": 6.0},
    }
    assert "floor" not in kstep_metrics(errors, [1], None)


def test_a_series_that_stands_still_has_no_skill():
    with pytest.raises(StepaheadError, match=r"^series\.name: the series does not change"):
        kstep_metrics({"persistence": np.zeros((1, 3))}, [1], None)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_a_forecast_or_an_error_that_is_not_finite_is_refused(bad):
    with pytest.raises(StepaheadError, match="the forecasts of Fixed are not finite numbers"):
        squared_errors(Fixed([[0.5, bad]]), TINY, np.array([3]), 2)


def test_training_error_is_that_of_the_fitted_pairs():
    model = LinearAR(1, "ols", "drop")
    model.fit(np.array([0.0, 1, 0, 3]))  # 0 -> 1, 1 -> 0, 0 -> 3: predicts 2, 0, 2
    assert training_mse(model, np.array([0.0, 1, 0, 3])) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("horizon", "low", "high"), [(1, 0.045, 0.056), (64, 0.20, 0.30)])
def test_ols_meets_the_known_figures_on_the_sine(horizon, low, high):
    errors = []
    for seed in range(10):
        series, model = sine(1000, 0.01, 0.2, 604, np.random.default_rng(seed)), LinearAR(4, "ols", "drop")
        model.fit(series.scaled[:604])
        errors.append(squared_errors(model, series, held_out_origins(604, 1000, 64), 64)[0, horizon - 1])
    assert low < np.mean(errors) < high
