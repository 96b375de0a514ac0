"""What is kept of a model's losses."""

import numpy as np
import pytest

from stepahead.core import losses


def test_few_losses_are_kept_as_they_are() -> None:
    each = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(losses.block_means(each), each)


def test_of_many_the_means_of_successive_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "MOST", 3)
    assert losses.block_size(7) == 3
    np.testing.assert_array_equal(losses.block_means(np.arange(7.0)), [1, 4])


def test_a_span_without_a_token_has_none() -> None:
    assert losses.block_means(np.empty(0)).shape == (0,)


def test_a_fingerprint_tells_other_numbers_and_no_other_processors() -> None:
    numbers = np.array([0.1, 2.0, 3.0])
    assert losses.fingerprint(numbers) == losses.fingerprint(np.nextafter(numbers, 9))
    assert losses.fingerprint(numbers) != losses.fingerprint(numbers[::-1])
    assert losses.fingerprint(np.array([3, 1], np.uint8)) == losses.fingerprint(np.array([3, 1], np.uint16))
