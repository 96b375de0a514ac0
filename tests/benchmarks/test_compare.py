"""What the benchmarks make of their rounds."""

import pytest

from benchmarks.compare import against, disagreement, fallen, summary


def test_ratios_are_taken_within_a_round() -> None:
    # the machine is four times as slow in the last round, which either side feels
    row = summary(ours=[1.0, 2.0, 4.0], peers=[2.0, 3.0, 8.0], work=100)
    assert row == {"ours_per_s": 50, "peer_per_s": 100 / 3, "ratio": 2, "ratio_low": 1.5, "ratio_high": 2}


def test_a_round_without_its_pair_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        summary([1.0, 2.0], [1.0], work=1)


def test_disagreement_is_the_largest_relative_difference() -> None:
    assert disagreement([10.0, 5.0], [10.0, 5.0]) == 0
    assert disagreement([10.0, 5.5, 2.0], [10.0, 5.0, 2.1]) == pytest.approx(0.1)


def test_a_fall_of_more_than_15_percent_is_named() -> None:
    committed = {"rnn 256": {"ratio": 2.0}, "gru 256": {"ratio": 2.0}, "gone": {"ratio": 1.0}}
    rows = {"rnn 256": {"ratio": 1.72}, "gru 256": {"ratio": 1.6}, "new": {"ratio": 0.1}}
    changes = against(rows, committed)
    assert changes == {"rnn 256": pytest.approx(0.86), "gru 256": pytest.approx(0.8)}
    assert fallen(changes) == ["gru 256"]
