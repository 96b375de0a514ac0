import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepahead.text.scoring.memory import GIVEN, longest_copy, passage, shared_start


@pytest.mark.parametrize(
    ("text", "source", "run"),
    [
        ("the cat sat", "a cat ran; the dog sat", " cat "),
        ("时间旅行者对我们说", "旅行者对他说，时间", "旅行者对"),
        ("xyz", "abc", ""),
        ("", "abc", ""),
        ("abc", "", ""),
        ("ab ba", "ba ab", "ab"),  # the first of two
    ],
)
def test_the_longest_run_that_is_copied(text: str, source: str, run: str) -> None:
    begin, end = longest_copy(text, source)
    assert text[begin:end] == run


@given(st.text("ab ", max_size=15), st.text("ab ", max_size=30))
def test_no_longer_run_is_in_the_source(text: str, source: str) -> None:
    begin, end = longest_copy(text, source)
    assert text[begin:end] in source
    runs = [text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1)]
    assert end - begin == max((len(run) for run in runs if run in source), default=0)


def test_how_far_two_texts_agree() -> None:
    assert [shared_start(*pair) for pair in (("abc", "abd"), ("abc", "ab"), ("", "a"), ("x", "y"))] == [2, 2, 0, 0]


@pytest.mark.parametrize("n", [0, 5, GIVEN + 3, 500])
def test_a_passage_lies_in_its_span(n: int) -> None:
    ids = np.arange(n, dtype=np.uint16)
    known, follows = passage(ids, 20)
    assert len(known) == min(n, GIVEN)
    assert len(follows) == min(max(n - GIVEN, 0), 20)
    joined = np.concatenate([known, follows])
    np.testing.assert_array_equal(joined, ids[slice(joined[0], joined[-1] + 1) if n else slice(0)])
