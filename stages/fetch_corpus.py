"""Bring the corpus here: the bundled text, a file of the user's, or a download checked against its checksum."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead.core import artifacts, params, stage
from stepahead.sources import markov
from stepahead.sources.corpora import MARKOV_SOURCE, read_corpus


@dataclass(frozen=True)
class Config:
    seed: int = params.param("markov.seed", params.integer(0))
    name: str = params.param("corpus.name", params.text)
    states: str = params.param("markov.states", params.text)
    transition: tuple[tuple[float, ...], ...] = params.param(
        "markov.transition", params.table_of(params.number(low=0, high=1))
    )
    length: int = params.param("markov.length", params.integer(1))


def main() -> None:
    config = params.load(Config)
    entropy_rate = None  # known only of a text whose source is known
    if config.name == MARKOV_SOURCE:
        transition = np.array(config.transition)
        rng = np.random.default_rng(config.seed)
        chunks = iter([markov.markov_text(config.states, transition, config.length, rng)])
        entropy_rate = markov.entropy_rate(transition)
    else:
        chunks = read(config.name)
    n_characters = artifacts.write_text_chunks(Path("data/corpus/corpus.txt"), chunks)
    artifacts.write_json(Path("data/corpus/about.json"), {"name": config.name, "entropy_rate": entropy_rate})
    stage.say(f"{config.name}: {n_characters:,} characters")


def read(name: str) -> Iterator[str]:
    return read_corpus(
        name,
        bundled=Path("data/bundled/the_tide_clock.txt"),
        catalog=Path("data/catalog.yaml"),
        local=Path("data/local"),
        cache=Path(".cache/downloads"),
        mirror=os.environ.get("STEPAHEAD_MIRROR"),
    )


if __name__ == "__main__":
    stage.run(main)
