"""Normalise the corpus and split it into tokens."""

from dataclasses import dataclass
from pathlib import Path

from stepahead import artifacts, params, stage
from stepahead.text import tokens


@dataclass(frozen=True)
class Config:
    normalize: str = params.param("tokens.normalize", params.choice(*tokens.NORMALIZATIONS))
    kind: str = params.param("tokens.kind", params.choice(*tokens.KINDS))


def main() -> None:
    config = params.load(Config)
    text = artifacts.read_text(Path("data/corpus/corpus.txt"))
    types, ids = tokens.tokenize(tokens.normalize(text, config.normalize), config.kind)
    artifacts.write_json(Path("data/tokens/types.json"), types)
    artifacts.write_array(Path("data/tokens/ids.npy"), ids)
    stage.say(f"{len(ids):,} {config.kind} tokens of {len(types):,} types")


if __name__ == "__main__":
    stage.run(main)
