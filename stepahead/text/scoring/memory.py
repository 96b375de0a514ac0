"""What of a generated text the model can have copied, in any script: by characters, not by words."""

from stepahead.core.artifacts import Ids

GIVEN = 30
"""tokens of a span that a model is given, to see whether it goes on as the span does"""


def longest_copy(text: str, source: str) -> tuple[int, int]:
    """Where the longest run of characters of `text` that `source` holds begins and ends; the first of several."""
    begin = end = start = 0
    for stop in range(1, len(text) + 1):
        while text[start:stop] not in source:  # the empty text is in every source
            start += 1
        if stop - start > end - begin:
            begin, end = start, stop
    return begin, end


def shared_start(a: str, b: str) -> int:
    """How many characters from the start two texts have in common."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def passage(ids: Ids, length: int) -> tuple[Ids, Ids]:
    """Tokens from the middle of a span (T,), GIVEN or as many as there are, and up to `length` that follow them."""
    start = max((len(ids) - GIVEN - length) // 2, 0)
    return ids[start : start + GIVEN], ids[start + GIVEN : start + GIVEN + length]
