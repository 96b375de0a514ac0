"""What a benchmark makes of its rounds: medians, ratios with their range, and how they stand to the committed ones."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

TOLERANCE = 1e-4  # relative, between two implementations' perplexities
FALL = 0.15  # the share of a committed ratio that is lost before it is called a fall


def disagreement(ours: Sequence[float], peers: Sequence[float]) -> float:
    """The largest relative difference between the perplexities of the same epochs."""
    return max(abs(mine / theirs - 1) for mine, theirs in zip(ours, peers, strict=True))


def summary(ours: Sequence[float], peers: Sequence[float], work: float) -> dict[str, float]:
    """Of seconds paired by round: medians as `work` per second, and how many times as fast ours is.

    A ratio is taken within each round, so that a machine that slows down slows both; its median and range are over the
    rounds.
    """
    ratios = [theirs / mine for mine, theirs in zip(ours, peers, strict=True)]
    return {
        "ours_per_s": work / statistics.median(ours),
        "peer_per_s": work / statistics.median(peers),
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }


def against(rows: Mapping[str, Any], committed: Mapping[str, Any]) -> dict[str, float]:
    """Each row's ratio over the committed one, where there is one."""
    return {name: row["ratio"] / committed[name]["ratio"] for name, row in rows.items() if name in committed}


def fallen(changes: Mapping[str, float]) -> list[str]:
    """The rows whose ratio is more than FALL below the committed one."""
    return [name for name, change in changes.items() if change < 1 - FALL]
