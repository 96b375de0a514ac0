import numpy as np
import pytest

from stepahead.errors import StepaheadError
from stepahead.text.tokens import tokenize
from stepahead.text.vocab import Vocabulary, build_vocabulary, split_spans


def vocabulary(text: str, min_freq: int = 0, reserved: tuple[str, ...] = ()) -> Vocabulary:
    types, ids = tokenize(text, "word")
    return build_vocabulary(types, ids, "word", min_freq, reserved)


def test_order_is_unk_reserved_then_by_frequency_then_alphabetical() -> None:
    built = vocabulary("b a c b d c b", reserved=("<pad>",))
    assert list(built.tokens) == ["<unk>", "<pad>", "b", "c", "a", "d"]


def test_rare_tokens_become_unk() -> None:
    types, ids = tokenize("b a c b d c b", "word")
    built = build_vocabulary(types, ids, "word", 2, [])
    assert list(built.tokens) == ["<unk>", "b", "c"]
    assert built.encode(types, ids).tolist() == [1, 0, 2, 1, 0, 2, 1]


def test_only_the_training_span_is_counted() -> None:
    types, ids = tokenize("aaab zz", "char")
    built = build_vocabulary(types, ids[:4], "char", 0, [])
    assert list(built.tokens) == ["<unk>", "a", "b"]
    assert built.encode(types, ids).tolist() == [1, 1, 1, 2, 0, 0, 0]


def test_a_reserved_token_in_the_text_has_one_index() -> None:
    built = vocabulary("<pad> a <pad>", reserved=("<pad>",))
    assert list(built.tokens) == ["<unk>", "<pad>", "a"]


def test_text_is_encoded_and_decoded() -> None:
    built = vocabulary("the cat sat")
    assert built.decode(built.encode_text("sat the dog").tolist()) == "sat the <unk>"


def test_min_freq_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(StepaheadError, match=r"vocab.min_freq = 5 leaves no token; the most frequent occurs 3 times"):
        vocabulary("b a c b d c b", min_freq=5)


def test_unk_cannot_be_reserved() -> None:
    with pytest.raises(StepaheadError, match=r"vocab.reserved"):
        vocabulary("a", reserved=("<unk>",))


def test_spans_follow_each_other() -> None:
    spans = split_spans(np.arange(10, dtype=np.uint8), 5, 2, 1)
    assert {name: span.tolist() for name, span in spans.items()} == {
        "train": [0, 1, 2, 3, 4],
        "val": [5, 6],
        "test": [7],
    }


def test_minus_one_trains_on_all_that_val_and_test_leave() -> None:
    spans = split_spans(np.arange(10, dtype=np.uint8), -1, 2, 1)
    assert [len(span) for span in spans.values()] == [7, 2, 1]


@pytest.mark.parametrize("n_train", [8, -1])
def test_spans_longer_than_the_text_are_refused(n_train: int) -> None:
    with pytest.raises(StepaheadError, match=f"tokens.n_train = {n_train}, .*has 10; lower them"):
        split_spans(np.arange(10, dtype=np.uint8), n_train, 5, 5)
