"""A process that waits for work."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.worker import Worker

SERVER = """
from benchmarks.worker import serve

def add(a, b):
    print("chatter")
    return a + b

serve({"add": add})
"""


@pytest.fixture
def worker(root: Path) -> Iterator[Worker]:
    started = Worker([sys.executable, "-c", SERVER], root)
    yield started
    started.close()


def test_it_answers_one_task_after_the_other(worker: Worker) -> None:
    assert [worker("add", a=1, b=2), worker("add", a="x", b="y")] == [3, "xy"]


def test_a_task_that_fails_is_an_error_here(worker: Worker) -> None:
    with pytest.raises(RuntimeError, match="ended with 1"):
        worker("add", a=1, b="y")
