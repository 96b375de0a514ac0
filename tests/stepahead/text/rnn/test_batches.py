from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stepahead.core.artifacts import read_array
from stepahead.core.errors import StepaheadError
from stepahead.text.rnn.batches import SAMPLING, check_length, random_batches, sequential_batches


class FixedOffset:
    """A generator whose every draw is known."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def integers(self, _: int) -> int:
        return self.offset

    def permutation(self, n: int) -> np.ndarray:
        return np.arange(n)[::-1]


def test_sequential_batches_by_hand() -> None:
    ids = torch.arange(12, dtype=torch.uint8)
    batches = list(sequential_batches(ids, 2, 2, FixedOffset(1)))  # type: ignore[arg-type]
    # after the offset, 10 of 11 tokens fill two rows of 5: 1…5 and 6…10; two steps at a time, the fifth is the tail
    assert [inputs.tolist() for inputs, _ in batches] == [[[1, 2], [6, 7]], [[3, 4], [8, 9]]]
    assert [targets.tolist() for _, targets in batches] == [[[2, 3], [7, 8]], [[4, 5], [9, 10]]]


def test_random_batches_by_hand() -> None:
    ids = torch.arange(12, dtype=torch.uint8)
    batches = list(random_batches(ids, 2, 3, FixedOffset(1)))  # type: ignore[arg-type]
    # three subsequences fit: 1…3, 4…6, 7…9, here drawn from the last; a batch of two, and one left over
    assert [inputs.tolist() for inputs, _ in batches] == [[[7, 8, 9], [4, 5, 6]]]
    assert [targets.tolist() for _, targets in batches] == [[[8, 9, 10], [5, 6, 7]]]


sizes = st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(0, 40), st.integers(0, 2**32 - 1))


@settings(max_examples=60)
@given(st.sampled_from(sorted(SAMPLING)), sizes)
def test_targets_follow_inputs_and_no_token_is_an_input_twice(sampling: str, size: tuple[int, int, int, int]) -> None:
    batch_size, num_steps, extra, seed = size
    ids = torch.arange((batch_size + 1) * num_steps + 1 + extra, dtype=torch.int32).to(torch.uint16)
    check_length(len(ids), batch_size, num_steps)
    batches = list(SAMPLING[sampling](ids, batch_size, num_steps, np.random.default_rng(seed)))
    assert batches
    for inputs, targets in batches:
        assert inputs.shape == targets.shape == (batch_size, num_steps)
        assert (targets == inputs + 1).all()
    counts = Counter(torch.cat([inputs.flatten() for inputs, _ in batches]).tolist())
    assert max(counts.values()) == 1


@settings(max_examples=30)
@given(sizes)
def test_sequential_rows_run_on_from_batch_to_batch(size: tuple[int, int, int, int]) -> None:
    batch_size, num_steps, extra, seed = size
    ids = torch.arange((batch_size + 3) * num_steps + 1 + extra, dtype=torch.int32).to(torch.uint16)
    batches = [inputs for inputs, _ in sequential_batches(ids, batch_size, num_steps, np.random.default_rng(seed))]
    for earlier, later in pairwise(batches):
        assert (later[:, 0] == earlier[:, -1] + 1).all()


@pytest.mark.parametrize("sampling", SAMPLING)
def test_batches_are_taken_from_a_map_without_loading_it(sampling: str, tmp_path: Path) -> None:
    n = 10**8  # a file with a hole, which takes no room on the disk
    np.lib.format.open_memmap(tmp_path / "ids.npy", "w+", np.uint8, (n,)).flush()
    process = psutil.Process()
    before = process.memory_info().rss
    ids = torch.from_numpy(read_array(tmp_path / "ids.npy"))
    inputs, _ = next(SAMPLING[sampling](ids, 4, 1000, np.random.default_rng(0)))
    assert inputs.shape == (4, 1000)
    assert process.memory_info().rss - before < n / 5


def test_too_few_tokens_are_refused() -> None:
    said = r"rnn.batch_size = 32 and rnn.num_steps = 35 need 1156 .* are 1155; lower either .*rnn.num_steps=577 would"
    with pytest.raises(StepaheadError, match=said):
        check_length(1155, 32, 35)
    check_length(1155, 1, 577)
