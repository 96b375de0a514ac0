import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.series.scoring.conformal import coverage, half_widths


def test_rank_by_hand() -> None:
    residuals = np.array([[9.0], [1.0], [4.0], [2.0]])

    # n + 1 = 5: level 0.4 is the 2nd smallest, 0.5 rounds up to the 3rd, 0.8 is the 4th.
    np.testing.assert_array_equal(half_widths(residuals, [0.4, 0.5, 0.8]), [[2.0], [4.0], [9.0]])


@pytest.mark.parametrize(("level", "fewest"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_fewest_residuals(level: float, fewest: int) -> None:
    residuals = np.arange(fewest, dtype=float)[:, None]

    assert half_widths(residuals, [level])[0, 0] == fewest - 1
    with pytest.raises(StepaheadError, match=f"need {fewest} or more calibration origins, and there are {fewest - 1}"):
        half_widths(residuals[1:], [level])


def test_covers_what_it_claims_on_exchangeable_data() -> None:
    # The expected coverage is ⌈(n + 1) level⌉ / (n + 1) exactly, whatever the distribution, here one a horizon.
    rng = np.random.default_rng(0)
    n_cal, levels, scales = 30, [0.8, 0.95], np.array([1.0, 5.0, 0.1])
    covered = []
    for _ in range(400):
        errors = rng.standard_t(2, size=(n_cal + 200, 3)) * scales
        covered.append(coverage(errors[n_cal:], half_widths(np.abs(errors[:n_cal]), levels)))

    expected = np.ceil((n_cal + 1) * np.array(levels)) / (n_cal + 1)
    np.testing.assert_allclose(np.mean(covered, axis=0), np.repeat(expected[:, None], 3, axis=1), atol=0.015)
    assert (np.mean(covered, axis=0) > np.array(levels)[:, None] - 0.01).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_cal=st.integers(19, 200))
def test_widths_grow_with_the_level_and_cover_their_own_residuals(seed: int, n_cal: int) -> None:
    residuals = np.abs(np.random.default_rng(seed).normal(size=(n_cal, 4)))

    widths = half_widths(residuals, [0.5, 0.8, 0.95])

    assert (np.diff(widths, axis=0) >= 0).all()
    assert (coverage(residuals, widths) >= np.array([[0.5], [0.8], [0.95]])).all()


def test_coverage_by_hand() -> None:
    errors = np.array([[-1.0, 3.0], [0.5, -4.0]])

    np.testing.assert_array_equal(coverage(errors, np.array([[0.5, 3.5], [2.0, 9.0]])), [[0.5, 0.5], [1.0, 1.0]])


def test_shapes_that_would_broadcast_are_refused() -> None:
    with pytest.raises(ValueError, match="same horizon"):
        coverage(np.zeros((5, 1)), np.zeros((2, 4)))
