import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.text.scoring.mixture import average_nll, mix_nll, mixture_weight


def nll(*probabilities: float) -> np.ndarray:
    return -np.log(probabilities)


def test_two_tokens_by_hand() -> None:
    # maximise (0.8 w + 0.2 (1 − w)) (0.1 w + 0.5 (1 − w)) = (0.2 + 0.6 w)(0.5 − 0.4 w): 0.22 = 0.48 w
    assert mixture_weight(nll(0.8, 0.1), nll(0.2, 0.5)) == pytest.approx(0.22 / 0.48, abs=1e-14)


def test_models_that_mirror_each_other_get_half_each() -> None:
    assert mixture_weight(nll(0.9, 0.3), nll(0.3, 0.9)) == pytest.approx(0.5, abs=1e-15)


def test_three_tokens_of_which_each_model_knows_its_own() -> None:
    # (w)² (1 − w) is largest at 2/3
    sure, lost = 0.0, 1e4
    assert mixture_weight(np.array([sure, sure, lost]), np.array([lost, lost, sure])) == pytest.approx(2 / 3, abs=1e-14)


def test_a_model_that_is_better_everywhere_takes_all() -> None:
    better, worse = nll(0.5, 0.6), nll(0.4, 0.6)
    assert mixture_weight(better, worse) == 1
    assert mixture_weight(worse, better) == 0


def test_equal_models_mix_to_themselves() -> None:
    same = nll(0.5, 0.25)
    assert mixture_weight(same, same) == 0
    np.testing.assert_allclose(mix_nll(same, same, 0.3), same, rtol=1e-15)


def test_an_average_by_hand() -> None:
    average = average_nll([nll(0.8, 0.1), nll(0.2, 0.5), nll(0.2, 0.3)])
    np.testing.assert_allclose(np.exp(-average), [0.4, 0.3], rtol=1e-14)
    # each model gives the token next to nothing, and exp(−1000) is 0
    np.testing.assert_allclose(average_nll([np.array([1000.0]), np.array([1000.0])]), [1000.0], rtol=1e-14)


def test_mix_nll_by_hand() -> None:
    mixed = mix_nll(nll(0.8, 0.1), nll(0.2, 0.5), 0.25)
    np.testing.assert_allclose(np.exp(-mixed), [0.35, 0.4], rtol=1e-14)


def test_weights_at_the_ends_give_back_one_model() -> None:
    a, b = np.array([0.1, 2000.0]), np.array([3000.0, 0.2])
    np.testing.assert_array_equal(mix_nll(a, b, 1.0), a)
    np.testing.assert_array_equal(mix_nll(a, b, 0.0), b)


scores = st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30)), min_size=1, max_size=8)


@settings(max_examples=100)
@given(scores)
def test_no_weight_on_a_fine_grid_does_better(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    best = mix_nll(a, b, mixture_weight(a, b)).sum()
    grid = min(mix_nll(a, b, w).sum() for w in np.linspace(0, 1, 201))
    assert best <= grid + 1e-9 * (1 + abs(grid))


@pytest.mark.parametrize(
    ("a", "b", "complaint"),
    [
        ([1.0], [1.0, 2.0], "1 and 2"),
        ([], [], "0 and 0"),
        ([np.inf], [1.0], "not a finite"),
        ([1.0], [np.nan], "not a fin"),
    ],
)
def test_bad_scores_are_refused(a: list[float], b: list[float], complaint: str) -> None:
    with pytest.raises(StepaheadError, match=complaint):
        mixture_weight(np.array(a), np.array(b))
    with pytest.raises(StepaheadError, match=complaint):
        mix_nll(np.array(a), np.array(b), 0.5)


@pytest.mark.parametrize("weight", [-0.1, 1.1, np.nan])
def test_a_weight_outside_the_unit_interval_is_refused(weight: float) -> None:
    with pytest.raises(StepaheadError, match="outside 0 … 1"):
        mix_nll(nll(0.5), nll(0.5), weight)
