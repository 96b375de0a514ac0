"""Compute how soon the present token stops mattering to the first-order Markov model of the text."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead.core import artifacts, params, stage
from stepahead.sources.markov import distribution_entropy, entropy_of_horizon, stationary_distribution
from stepahead.text.ngram.ngram import NGram

HORIZONS = range(1, 17)
MAX_STATES = 2000  # a step takes their cube in operations, and memory their square


@dataclass(frozen=True)
class Config:
    """The training span is all there is to know."""


def main() -> None:
    params.load(Config)
    table = Path("reports/tables/horizon_entropy.csv")
    vocab_size = len(artifacts.read_json(Path("data/vocab/vocab.json"))["tokens"])
    if vocab_size > MAX_STATES:
        stage.say(f"a vocabulary of {vocab_size:,} tokens is too large for its matrix of transitions; none is computed")
        artifacts.write_table(table, {"k": [], "entropy": [], "limit": []})
        return
    model = NGram(2, vocab_size)
    model.fit(artifacts.read_array(Path("data/vocab/train.npy")))
    transition = model.transition_matrix()
    bits = entropy_of_horizon(transition, HORIZONS) / math.log(2)
    limit = distribution_entropy(stationary_distribution(transition)) / math.log(2)
    artifacts.write_table(table, {"k": HORIZONS, "entropy": bits, "limit": np.full(len(bits), limit)})


if __name__ == "__main__":
    stage.run(main)
