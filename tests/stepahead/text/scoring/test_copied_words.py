import pytest

from stepahead.text.scoring.copied_words import count_words

TRAIN, TEST = {"the", "cat", "sat"}, {"the", "mat"}


@pytest.mark.parametrize(
    ("prefix", "continuation", "counts"),
    [
        ("the ", "cat mat zat ", (1, 1, 1)),
        ("the ", "cat mat zat", (1, 1, 0)),  # the last word may go on
        ("the c", "at sat ", (2, 0, 0)),  # the prefix's last word is finished by the model
        ("the cat", " mat ", (0, 1, 0)),
        ("", "the\ncat ", (2, 0, 0)),
        ("the cat", "", (0, 0, 0)),
    ],
)
def test_words_are_sorted_by_where_they_occur(prefix: str, continuation: str, counts: tuple[int, int, int]) -> None:
    found = count_words(prefix + continuation, len(prefix), TRAIN, TEST)
    assert (found["in_train"], found["only_in_test"], found["new"]) == counts
