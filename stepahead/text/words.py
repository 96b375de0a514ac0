"""Which words of a generated text the model can have copied."""

import re
from collections.abc import Collection


def count_words(text: str, start: int, train: Collection[str], test: Collection[str]) -> dict[str, int]:
    """Of the words (between white space) of `text` that end after position `start`: how many are in the training
    span, how many only in the test span, and how many in neither.

    A last word with no white space after it may be cut off and does not count.
    """
    words = [word[0] for word in re.finditer(r"\S+(?=\s)", text) if word.end() > start]
    in_train = sum(word in train for word in words)
    only_in_test = sum(word in test and word not in train for word in words)
    return {"in_train": in_train, "only_in_test": only_in_test, "new": len(words) - in_train - only_in_test}
