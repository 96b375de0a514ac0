import numpy as np
import pytest

from stepahead.text.ngram.adaptive import adaptive_nll
from stepahead.text.ngram.ngram import NGram
from stepahead.text.scoring.combined import Combined, Dynamic, Scored, Scores, combine
from stepahead.text.scoring.mixture import average_nll, mix_nll, mixture_weight

STATIC = Dynamic(lr=0, decay=0, warmup=0)
IDS = np.random.default_rng(0).integers(0, 3, 90)
SPANS = {"train": IDS[:50], "val": IDS[50:70], "test": IDS[70:]}
EMPTY = {"train": IDS, "val": IDS[:0], "test": IDS[:0]}


def made_up(seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    return {span: rng.exponential(size=len(ids)) for span, ids in SPANS.items()}


def counted(order: int) -> Scored:
    model = NGram(order, 3)
    model.fit(SPANS["train"])
    return Scored([model], [{span: model.nll(ids) for span, ids in SPANS.items()}])


def networks(*seeds: int) -> Scored:
    return Scored([None for _ in seeds], [made_up(seed) for seed in seeds])


def test_all_seeds_of_all_networks_are_averaged_and_mixed_with_the_longest_n_gram() -> None:
    ngrams = {"ngram_1": counted(1), "ngram_2": counted(2)}
    found = combine({"rnn": networks(1, 2), "gru": networks(3, 4)}, ngrams, SPANS, STATIC)
    assert list(found) == ["ensemble", "adaptive_ngram_2", "mixture", "adaptive_mixture"]
    average = {span: average_nll([made_up(seed)[span] for seed in (1, 2, 3, 4)]) for span in ("val", "test")}
    adaptive = adaptive_nll(IDS, 2, 3)
    for name, ngram in {
        "mixture": ngrams["ngram_2"].scores[0],
        "adaptive_mixture": {"val": adaptive[50:70], "test": adaptive[70:]},
    }.items():
        weight = mixture_weight(average["val"], ngram["val"])
        assert found[name].neural == "ensemble"
        assert found[name].weight == weight
        for span in ("val", "test"):
            np.testing.assert_array_equal(found[name].scores[span], mix_nll(average[span], ngram[span], weight))


def test_a_single_network_is_mixed_itself() -> None:
    found = combine({"rnn": networks(1)}, {"ngram_1": counted(1)}, SPANS, STATIC)
    assert list(found) == ["adaptive_ngram_1", "mixture", "adaptive_mixture"]
    assert found["mixture"].neural == "rnn"


@pytest.mark.parametrize(
    ("n_networks", "orders", "names"),
    [(2, [], ["ensemble"]), (0, [1], ["adaptive_ngram_1"]), (1, [], []), (0, [], [])],
)
def test_what_is_not_there_is_not_combined(n_networks: int, orders: list[int], names: list[str]) -> None:
    cells = {"rnn": networks(*range(n_networks))} if n_networks else {}
    ngrams = {f"ngram_{order}": counted(order) for order in orders}
    assert list(combine(cells, ngrams, SPANS, STATIC)) == names


def test_nothing_is_combined_where_nothing_is_held_out_nor_mixed_without_a_span_to_fit_the_weight_on() -> None:
    cells, ngrams = {"rnn": networks(1, 2)}, {"ngram_1": counted(1)}
    assert combine(cells, ngrams, EMPTY, STATIC) == {}
    cells = {"rnn": Scored([None], [{**made_up(1), "val": np.zeros(0)}])}
    spans = {**SPANS, "val": SPANS["val"][:0]}
    found: dict[str, Combined] = combine(cells, ngrams, spans, STATIC)
    assert list(found) == ["adaptive_ngram_1"]
    assert found["adaptive_ngram_1"].scores["val"].size == 0
    assert len(found["adaptive_ngram_1"].scores["test"]) == 20
