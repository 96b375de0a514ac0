"""Tests of equal scores, beside independent implementations of them."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from stepahead.compare.verdicts import believed, losses_p, seeds_p

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("n_old", "n_new"), [(10, 10), (2, 2), (10, 4), (2, 64)])
def test_over_seeds_it_is_scipys_t_test(n_old: int, n_new: int) -> None:
    old, new = RNG.normal(1, 0.1, n_old), RNG.normal(1.1, 0.2, n_new)
    theirs = stats.ttest_rel(old, new) if n_old == n_new else stats.ttest_ind(old, new, equal_var=False)
    assert seeds_p(list(old), list(new)) == pytest.approx(theirs.pvalue, rel=1e-10)


def test_a_change_of_all_seeds_alike_is_seen_where_the_error_bars_overlap() -> None:
    old = np.linspace(0.4, 0.6, 10)
    p = seeds_p(list(old), list(old - 0.01 + 0.0058 * (-1.0) ** np.arange(10)))
    assert p is not None
    assert p == pytest.approx(6e-4, rel=0.1)  # old ± one standard deviation is 0.43 … 0.57, new 0.42 … 0.56
    assert p <= believed([p, 0.2, 0.4, 0.9])


@pytest.mark.parametrize(("old", "new"), [([], []), ([1.0], [2.0]), ([1.0, 2.0], [3.0]), ([1.0, 2.0], [1.0, 2.0])])
def test_too_few_seeds_or_none_that_differs_give_no_p_value(old: list[float], new: list[float]) -> None:
    assert seeds_p(old, new) is None


def test_seeds_that_all_change_by_the_same_leave_no_doubt() -> None:
    assert seeds_p([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]) == 0


def by_brute_force(difference: list[float], steps: float) -> float:
    """The mean over its long-run standard error, term by term, and the t density integrated."""
    n = len(difference)
    degrees = math.floor(min(0.4 * n ** (2 / 3), n / steps))
    squares = [
        2 / n * sum(d * math.cos(math.pi * j * (i + 0.5) / n) for i, d in enumerate(difference)) ** 2
        for j in range(1, degrees + 1)
    ]
    t = sum(difference) / n / math.sqrt(sum(squares) / degrees / n)
    scale = math.gamma((degrees + 1) / 2) / math.gamma(degrees / 2) / math.sqrt(degrees * math.pi)
    tail, _ = integrate.quad(lambda x: scale * (1 + x * x / degrees) ** (-(degrees + 1) / 2), abs(t), math.inf)
    return float(2 * tail)


@pytest.mark.parametrize(("n", "steps"), [(50, 1), (333, 1), (333, 16), (333, 64), (340, 2.5)])
def test_over_losses_it_is_diebolds_and_marianos(n: int, steps: float) -> None:
    old, new = RNG.normal(size=n) ** 2, RNG.normal(size=n) ** 2 + 0.1
    assert losses_p(old, new, steps) == pytest.approx(by_brute_force(list(new - old), steps), rel=1e-6)


@pytest.mark.parametrize("steps", [1, 4, 16, 64])
def test_true_equality_is_rejected_about_as_often_as_it_should_be(steps: int) -> None:
    """Errors that overlap as those of forecasts `steps` ahead do; a test that takes them as independent fails here."""
    n, rounds = 400, 300
    noise = np.random.default_rng(1).normal(size=(2, rounds, n + steps - 1))
    errors = np.apply_along_axis(np.convolve, 2, noise, np.ones(steps) / math.sqrt(steps), "valid")
    p_values = [losses_p(old, new, steps) for old, new in zip(*errors**2, strict=True)]
    assert 0.02 <= np.mean([p is not None and p < 0.05 for p in p_values]) <= 0.09


def test_a_real_difference_is_found() -> None:
    shared = RNG.normal(size=1000)
    p = losses_p(shared**2, shared**2 + 0.02 + 0.1 * RNG.normal(size=1000), 4)
    assert p is not None
    assert p < 0.001


@pytest.mark.parametrize(("n", "steps"), [(0, 1), (10, 1), (100, 64)])
def test_too_short_a_row_gives_no_p_value(n: int, steps: int) -> None:
    assert losses_p(np.zeros(n), np.ones(n), steps) is None or n == 10


def test_equal_losses_give_no_p_value() -> None:
    row = RNG.normal(size=100)
    assert losses_p(row, row, 1) is None


@pytest.mark.parametrize("count", [1, 5, 40])
def test_what_is_believed_is_benjaminis_and_hochbergs(count: int) -> None:
    p_values = np.concatenate([RNG.uniform(size=count), RNG.uniform(size=count) / 50])
    adjusted = stats.false_discovery_control(p_values)
    assert list(p_values <= believed(list(p_values))) == list(adjusted <= 0.05)


def test_of_nothing_nothing_is_believed() -> None:
    assert believed([]) == 0
