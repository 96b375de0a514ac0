"""What every forecaster owes the scoring: the shape, and the past alone."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.series.data.dataset import sine
from stepahead.series.data.forecaster import as_ensemble
from stepahead.series.data.refits import Fits, fit_all
from stepahead.series.latent.lvar import LatentAR
from stepahead.series.linear.linear_ar import LinearAR
from stepahead.series.networks.direct import DirectMLP
from stepahead.series.networks.mlp import MLP
from stepahead.series.networks.recurrent import Recurrent
from stepahead.series.scoring.baselines import Mean, Oracle, Persistence

SERIES = sine(120, 0.1, 0.2, 80, np.random.default_rng(0))
LENGTH = len(SERIES.values)
MODELS = {
    "persistence": Persistence(),
    "mean": Mean(),
    "oracle": Oracle(SERIES.signal),
    "ols": LinearAR(3, "ols", "drop"),
    "yule_walker": LinearAR(3, "yule_walker", "drop"),
    "mlp": MLP(3, 4, 1, 16, 0.01, 2, 0, "zero"),
    "rnn": Recurrent("rnn", 3, 4, 1, 16, 0.01, 2, 0, "drop"),
    "gru": Recurrent("gru", 3, 4, 1, 16, 0.01, 2, 0, "drop"),
    "lstm": Recurrent("lstm", 3, 4, 1, 16, 0.01, 1, 0, "drop"),
    "mlp_direct": DirectMLP(3, 16, (1, 4, 40), 1, 16, 0.01, 2, 0, False, "drop"),
    "mlp_pcgrad": DirectMLP(3, 16, (1, 4, 40), 1, 16, 0.01, 2, 0, True, "drop"),
    "lvar": LatentAR(2, 2),
    "refitted": Fits(fit_all(LinearAR(3, "ols", "drop"), SERIES, 7), SERIES.scale),
}


@functools.cache
def fitted(name):
    if name != "refitted":
        MODELS[name].fit(SERIES.scaled[: SERIES.n_train])
    return MODELS[name]


@pytest.mark.parametrize("name", MODELS)
def test_forecast_has_a_shape_that_scoring_takes(name):
    forecast = fitted(name).forecast(SERIES.scaled, np.array([80, 90, 85]), 5)
    assert as_ensemble(forecast, 3, 5).shape[0] == getattr(MODELS[name], "n_seeds", 1)
    assert forecast.dtype == np.float64


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(data=st.data())
def test_changing_the_future_moves_no_forecast(name, data):
    model = fitted(name)
    first, longest = (SERIES.n_train, LENGTH) if name == "refitted" else (4, 40)
    origin = data.draw(st.integers(first, LENGTH - 1), label="origin")
    horizon = data.draw(st.integers(1, min(longest, LENGTH - origin)), label="horizon")
    changed = SERIES.scaled.copy()
    position = data.draw(st.integers(origin, LENGTH - 1), label="position")
    changed[position:] = data.draw(st.floats(-1e3, 1e3), label="value")
    origins = np.array([origin])
    before, after = (model.forecast(values, origins, horizon) for values in (SERIES.scaled, changed))
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("mean", "oracle")])
def test_changing_the_last_value_before_the_origin_moves_the_forecast(name):
    changed = SERIES.scaled.copy()
    changed[89] += 1
    before, after = (fitted(name).forecast(values, np.array([90]), 1) for values in (SERIES.scaled, changed))
    assert (abs(before - after) > 1e-6).all()


@pytest.mark.parametrize("name", MODELS)
def test_an_origin_is_forecast_alone_as_among_others(name):
    together = fitted(name).forecast(SERIES.scaled, np.arange(80, 110), 8)
    alone = fitted(name).forecast(SERIES.scaled, np.array([97]), 8)
    np.testing.assert_allclose(together[..., 17, :], alone[..., 0, :], atol=1e-5)


@pytest.mark.parametrize("shape", [(3,), (1, 5), (3, 1), (5, 3), (3, 5, 1), (2, 3, 1), (0, 3, 5), (1, 2, 3, 5)])
def test_a_forecast_that_would_broadcast_in_silence_is_refused(shape):
    with pytest.raises(ValueError, match=r"not \(3, 5\) or \(n_seeds, 3, 5\)"):
        as_ensemble(np.zeros(shape), 3, 5)
