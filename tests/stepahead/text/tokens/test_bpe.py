import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from stepahead.text.tokens import bpe
from tests.project import ROOT

PROSE = (ROOT / "data/bundled/the_tide_clock.txt").read_text(encoding="utf-8")[:20000]


def test_the_most_frequent_pair_is_joined_first() -> None:
    assert bpe.train_merges(["abab abab cd cd ab"], 259)[0] == ["a", "b"]


def test_each_merge_is_the_most_frequent_pair_of_what_came_before() -> None:
    """Against a loop over the pairs within words, as the algorithm is defined."""
    text = "low lower lowest newer newest wide wider widest " * 3
    merges = bpe.train_merges([text], 262)
    words = [[*f"Ġ{word}"] for word in text.split()]
    words[0] = words[0][1:]
    for left, right in merges:
        counts = Counter(pair for word in words for pair in pairwise(word))
        assert counts[left, right] == max(counts.values())
        for word in words:
            for i in reversed(range(len(word) - 1)):
                if word[i : i + 2] == [left, right]:
                    word[i : i + 2] = [left + right]


@pytest.mark.parametrize("size", [3, 100, 5000])
def test_merges_of_a_text_in_chunks_are_those_of_the_whole(size: int) -> None:
    chunks = [PROSE[i : i + size] for i in range(0, len(PROSE), size)]
    assert bpe.train_merges(chunks, 500) == bpe.train_merges([PROSE], 500)


def test_merges_stop_where_no_pair_occurs_twice() -> None:
    assert bpe.train_merges(["abcdefg"], 1000) == []
    assert len(bpe.token_types([])) == bpe.N_BYTES


def test_the_size_is_a_bound() -> None:
    assert len(bpe.token_types(bpe.train_merges([PROSE], 400))) == 400


@pytest.mark.parametrize("threads", ["1", "4"])
def test_another_process_with_other_threads_and_hashes_learns_the_same(threads: str) -> None:
    code = "import sys; from stepahead.text.tokens import bpe; print(bpe.train_merges([sys.stdin.read()], 600))"
    environment = os.environ | {
        "RAYON_NUM_THREADS": threads,
        "PYTHONHASHSEED": threads,
        "TOKENIZERS_PARALLELISM": "true",
    }
    found = subprocess.check_output([sys.executable, "-c", code], input=PROSE, text=True, env=environment, cwd=ROOT)
    assert found.strip() == str(bpe.train_merges([PROSE], 600))


def test_tokens_stand_for_bytes() -> None:
    assert bpe.to_bytes("Ġthe") == b" the"
    assert [bpe.to_bytes(token) for token in bpe.token_types([])] == [bytes([i]) for i in range(256)]


def test_a_character_cut_in_two_counts_once() -> None:
    (ids,) = bpe.BytePairs([]).encode(["时x"])
    types = np.array(bpe.token_types([]))
    assert [bpe.n_characters(token) for token in types[ids]] == [1, 0, 0, 1]


def test_the_library_is_imported_only_where_it_is_used() -> None:
    code = "import sys, stepahead.text.tokens.tokens as t; t.tokenize('ab', 'char'); print('tokenizers' in sys.modules)"
    found = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert found.strip() == "False"
