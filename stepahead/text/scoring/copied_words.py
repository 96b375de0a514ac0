"""Which words of a generated text the model can have copied."""

import re
from collections.abc import Collection

KINDS = ("in_train", "only_in_test", "new")


def classify_words(text: str, start: int, train: Collection[str], test: Collection[str]) -> dict[str, list[str]]:
    """The words (between white space) of `text` that end after position `start`, by where they occur: in the training
    span, only in the test span, or in neither (`KINDS`).

    A last word with no white space after it may be cut off and does not count.
    """
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for word in re.finditer(r"\S+(?=\s)", text):
        if word.end() > start:
            kind = "in_train" if word[0] in train else "only_in_test" if word[0] in test else "new"
            found[kind].append(word[0])
    return found


def count_words(text: str, start: int, train: Collection[str], test: Collection[str]) -> dict[str, int]:
    """How many words `classify_words` finds of each kind."""
    return {kind: len(words) for kind, words in classify_words(text, start, train, test).items()}
