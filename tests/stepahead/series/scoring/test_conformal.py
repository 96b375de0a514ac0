"""Half-widths of intervals: against independent implementations, and that no width knows an error before its time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.series.scoring.conformal import (
    RATE,
    RECENT,
    adaptive_half_widths,
    interval_scores,
    split_half_widths,
)

LEVELS = (0.8, 0.95)


def test_rank_by_hand() -> None:
    residuals = np.array([[9.0], [1.0], [4.0], [2.0]])

    # n + 1 = 5: level 0.4 is the 2nd smallest, 0.5 rounds up to the 3rd, 0.8 is the 4th.
    np.testing.assert_array_equal(split_half_widths(residuals, [0.4, 0.5, 0.8]), [[2.0], [4.0], [9.0]])


@pytest.mark.parametrize(("level", "fewest"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_fewest_residuals(level: float, fewest: int) -> None:
    residuals = np.arange(fewest, dtype=float)[:, None]

    assert split_half_widths(residuals, [level])[0, 0] == fewest - 1
    assert np.isnan(split_half_widths(residuals[1:], [level])[0, 0])


def test_each_horizon_takes_the_residuals_that_it_has() -> None:
    residuals = np.arange(1.0, 31).reshape(10, 3)
    residuals[4:, 2] = np.nan

    np.testing.assert_array_equal(split_half_widths(residuals, [0.8]), [[25, 26, 12]])
    residuals[3:, 1] = np.nan
    np.testing.assert_array_equal(split_half_widths(residuals, [0.8]), [[25, np.nan, 12]])


def test_covers_what_it_claims_on_exchangeable_data() -> None:
    # The expected coverage is ⌈(n + 1) level⌉ / (n + 1) exactly, whatever the distribution, here one a horizon.
    rng = np.random.default_rng(0)
    n_cal, scales = 30, np.array([1.0, 5.0, 0.1])
    covered = []
    for _ in range(400):
        errors = np.abs(rng.standard_t(2, size=(n_cal + 200, 3)) * scales)
        covered.append((errors[n_cal:] <= split_half_widths(errors[:n_cal], LEVELS)[:, None]).mean(axis=1))

    expected = np.ceil((n_cal + 1) * np.array(LEVELS)) / (n_cal + 1)
    np.testing.assert_allclose(np.mean(covered, axis=0), np.repeat(expected[:, None], 3, axis=1), atol=0.015)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), n_cal=st.integers(19, 200))
def test_widths_grow_with_the_level_and_cover_their_own_residuals(seed: int, n_cal: int) -> None:
    residuals = np.abs(np.random.default_rng(seed).normal(size=(n_cal, 4)))

    widths = split_half_widths(residuals, [0.5, 0.8, 0.95])

    assert (np.diff(widths, axis=0) >= 0).all()
    covered = (residuals <= widths[:, None]).mean(axis=1)
    assert (covered >= np.array([[0.5], [0.8], [0.95]])).all()


def test_split_conformal_equals_conformalforecast() -> None:
    peer = pytest.importorskip("conformalforecast.methods.split", reason="conformalforecast 0.1.0 is not installed")
    errors = np.random.default_rng(0).normal(size=(57, 6))
    fits = [peer.SplitConformal(alpha=1 - level).fit(errors[None], np.zeros((1, 57, 6))) for level in LEVELS]
    expected = [fit.score_quantile_[0] for fit in fits]
    np.testing.assert_allclose(split_half_widths(np.abs(errors), LEVELS), expected, rtol=1e-9)


def step_by_step(before: np.ndarray, after: np.ndarray, start: np.ndarray, rate: float) -> np.ndarray:
    """The quantile tracker written out for residuals (n, H) and (N, H): one horizon, one level, one origin after the
    other."""
    residuals, horizon = np.concatenate([before, after]), after.shape[1]
    issued = np.empty((len(after), len(LEVELS), horizon))
    for i, level in enumerate(LEVELS):
        for h in range(horizon):
            k, width = h + 1, start[i, h]
            for t in range(len(after)):
                if t > 0:  # what was known when the first width was issued is in the first width
                    last = len(before) + t - k
                    error, largest = residuals[last, h], max(residuals[max(last - RECENT + 1, 0) : last + 1, h])
                    bound = issued[t - k, i, h] if t >= k else start[i, h]
                    missed = 1.0 if error > bound else 0.0
                    width = max(width + rate * largest * (missed - (1 - level)), 0)
                issued[t, i, h] = width
    return issued


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    more=st.integers(0, 120),
    n=st.integers(1, 40),
    horizon=st.integers(1, 7),
    rate=st.floats(0, 0.5),
)
def test_the_tracker_is_the_one_written_out(seed: int, more: int, n: int, horizon: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    before, residuals = (np.abs(rng.standard_t(2, size=(length, horizon))) for length in (horizon + more, n))
    start = rng.uniform(0.5, 2, size=(len(LEVELS), horizon))
    found = adaptive_half_widths(before[:, None], residuals[:, None], start[:, None], LEVELS, rate)
    np.testing.assert_allclose(found[:, :, 0], step_by_step(before, residuals, start, rate), rtol=1e-12)


@settings(max_examples=50)
@given(data=st.data())
def test_a_value_changes_no_width_issued_before_it(data: st.DataObject) -> None:
    horizon, n = data.draw(st.integers(1, 9)), data.draw(st.integers(2, 60))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    values, forecasts = rng.normal(size=horizon + n + horizon), rng.normal(size=(horizon + n, horizon))
    start = np.full((len(LEVELS), 1, horizon), 1.0)

    def widths(values: np.ndarray) -> np.ndarray:
        targets = np.lib.stride_tricks.sliding_window_view(values, horizon)[: horizon + n]
        errors = np.abs(targets - forecasts)[:, None]
        return adaptive_half_widths(errors[:horizon], errors[horizon:], start, LEVELS)

    t = data.draw(st.integers(0, n - 1), label="origin")
    changed = values.copy()
    changed[horizon + t :] += 1e3  # the first that the forecasts from origin t predict
    np.testing.assert_array_equal(widths(changed)[: t + 1], widths(values)[: t + 1])
    if t + 1 < n:  # and from the next origin on it is known at k = 1
        inside = values.copy()
        inside[horizon + t] = forecasts[horizon + t, 0]
        assert (widths(changed)[t + 1, :, 0, 0] > widths(inside)[t + 1, :, 0, 0]).all()


def test_in_the_long_run_the_share_inside_is_the_level_however_the_errors_come() -> None:
    t = np.arange(6000)
    errors = np.abs(np.sin(t / 20))[:, None] * np.array([1.0, 3.0])  # far from independent, and 3 is thrice the start
    widths = adaptive_half_widths(errors[:2, None], errors[2:, None], np.ones((len(LEVELS), 1, 2)), LEVELS)
    covered = (errors[2:, None] <= widths[:, :, 0]).mean(axis=0)
    # After a first arch of the sine a step is RATE times its height, and the width stays between 0 and that, a step
    # more or less for each k.
    bound = (1 / RATE + 2 + 20 * np.pi) / len(t)
    np.testing.assert_allclose(covered, np.repeat(np.array(LEVELS)[:, None], 2, axis=1), atol=bound)


def test_interval_scores_by_hand() -> None:
    low, high, values = np.array([4.0, 4.0, 1.0]), np.array([8.0, 8.0, 8.0]), np.array([5.0, 10.0, 0.0])
    # inside: the width; outside by 2 above and by 1 below: 2 / 0.2 times as much on top
    np.testing.assert_allclose(interval_scores(low, high, values, 0.8), [4, 24, 17])
    np.testing.assert_allclose(interval_scores(low, high, values, 0.95), [4, 84, 47])


def test_no_other_width_scores_better_on_average_than_the_right_one() -> None:
    values = np.random.default_rng(0).normal(size=40_000)
    right, *others = (interval_scores(np.array(-q), np.array(q), values, 0.8).mean() for q in (1.2816, 1.0, 1.6))
    assert right < min(others)
