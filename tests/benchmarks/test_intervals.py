"""Adaptive conformal inference as the benchmark measures it."""

import numpy as np
import pytest

from benchmarks.intervals import GAMMA, aci

RNG = np.random.default_rng(0)
BEFORE, SINCE = np.abs(RNG.normal(size=(60, 1, 3))), np.abs(2 * RNG.normal(size=(40, 1, 3)))


def test_one_step_ahead_it_is_the_one_written_out():
    known, aim, expected = list(BEFORE[:, 0, 0]), 0.2, []
    for error in SINCE[:, 0, 0]:
        expected.append(np.quantile(known, min(max(1 - aim, 0), 1)))
        aim += 0.05 * (0.2 - (aim > 0 and error > expected[-1]))
        known.append(error)
    np.testing.assert_allclose(aci(BEFORE, SINCE, [1], 0.05)[:, 0, 0, 0], expected, rtol=1e-12)


def test_one_step_ahead_it_is_conformalforecasts():
    peer = pytest.importorskip("conformalforecast.methods.aci", reason="conformalforecast 0.1.0 is not installed")
    both = [each[None, :, 0, :1] for each in (BEFORE, SINCE)]
    fitted = peer.AdaptiveConformalInference(alpha=0.2, gamma=GAMMA).fit(both[0], 0 * both[0])
    fitted.alpha_t_ = np.full((1, 1), 0.2)  # it has adapted to the errors before; ours begins at the first interval
    expected = []
    for t in range(len(SINCE)):
        error = both[1][:, t : t + 1]
        low, high = fitted.interval(0 * error)[0, 0, 0]
        expected.append((high - low) / 2)
        fitted.update(0 * error, error)
    np.testing.assert_allclose(aci(BEFORE, SINCE, [1])[:, 0, 0, 0], expected, rtol=1e-9)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_an_error_changes_no_width_before_it_is_known(k):
    changed = SINCE.copy()
    changed[20, :, k - 1] += 100
    before, after = (aci(BEFORE, each, [k], 0.05)[:, 0, 0, k - 1] for each in (SINCE, changed))
    np.testing.assert_array_equal(after[: 20 + k], before[: 20 + k])
    assert after[20 + k] > before[20 + k]
