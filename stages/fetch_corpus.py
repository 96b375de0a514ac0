"""Bring the corpus here: the bundled text, a file of the user's, or a download checked against its checksum."""

import os
from dataclasses import dataclass
from pathlib import Path

from stepahead import artifacts, params, stage
from stepahead.text.sources import read_corpus


@dataclass(frozen=True)
class Config:
    name: str = params.param("corpus.name", params.text)


def main() -> None:
    config = params.load(Config)
    text = read_corpus(
        config.name,
        bundled=Path("data/bundled/the_tide_clock.txt"),
        catalog=Path("data/catalog.yaml"),
        local=Path("data/local"),
        cache=Path(".cache/downloads"),
        mirror=os.environ.get("STEPAHEAD_MIRROR"),
    )
    artifacts.write_text(Path("data/corpus/corpus.txt"), text)
    stage.say(f"{config.name}: {len(text):,} characters")


if __name__ == "__main__":
    stage.run(main)
