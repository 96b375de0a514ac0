import numpy as np
import pytest

from stepahead.core.errors import StepaheadError
from stepahead.series.data.windows import BLOCK, lag_windows, recurse, windows_before

X = np.array([10.0, 20, 30, 40, 50])


def test_dropping_leaves_out_the_first_tau_steps():
    features, labels = lag_windows(X, 2)
    np.testing.assert_array_equal(features, [[10, 20], [20, 30], [30, 40]])
    np.testing.assert_array_equal(labels, [30, 40, 50])


def test_padding_keeps_every_step_and_sets_missing_lags_to_zero():
    features, labels = lag_windows(X, 2, "zero")
    np.testing.assert_array_equal(features, [[0, 0], [0, 10], [10, 20], [20, 30], [30, 40]])
    np.testing.assert_array_equal(labels, X)


def test_the_book_has_600_pairs():
    features, labels = lag_windows(np.arange(604.0), 4)
    assert features.shape == (600, 4)
    assert labels.shape == (600,)


@pytest.mark.parametrize("pad", ["drop", "zero"])
def test_tau_must_fit_the_training_part(pad):
    message = r"^tau = 700 needs more than 604 training steps \(series\.n_train\); lower tau or raise series\.n_train$"
    with pytest.raises(StepaheadError, match=message):
        lag_windows(np.zeros(604), 700, pad)
    assert len(lag_windows(np.zeros(5), 4, pad)[1]) >= 1


def test_windows_before_end_where_the_origin_begins():
    windows = windows_before(X, np.array([5, 2, 3]), 2)
    np.testing.assert_array_equal(windows, [[40, 50], [10, 20], [20, 30]])


@pytest.mark.parametrize("origin", [1, 6])
def test_windows_before_refuses_origins_without_tau_values_before_them(origin):
    with pytest.raises(ValueError, match="origins must be from tau = 2 to 5"):
        windows_before(X, np.array([3, origin]), 2)


def test_recursion_feeds_predictions_back():
    fibonacci = recurse(lambda windows: windows.sum(-1), np.array([[1.0, 1], [2, 5]]), 4)
    np.testing.assert_array_equal(fibonacci, [[2, 3, 5, 8], [7, 12, 19, 31]])


def test_recursion_keeps_each_seed_apart_and_blocks_in_order():
    factors = np.array([1.0, 2, 3])
    n = 2 * BLOCK + 1
    paths = recurse(lambda windows: factors[:, None] * windows[..., -1], np.arange(n, dtype=float)[:, None], 3)
    expected = factors[:, None, None] ** [1, 2, 3] * np.arange(n)[None, :, None]
    np.testing.assert_array_equal(paths, expected)


def test_recursion_from_no_window_gives_no_path():
    assert recurse(lambda windows: windows.sum(-1), np.empty((0, 2)), 3).shape == (0, 3)
