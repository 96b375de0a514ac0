"""Normalise the corpus and split it into tokens."""

from dataclasses import dataclass
from pathlib import Path

from stepahead import artifacts, params, stage
from stepahead.text import bpe, tokens


@dataclass(frozen=True)
class Config:
    normalize: str = params.param("tokens.normalize", params.choice(*tokens.NORMALIZATIONS))
    kind: str = params.param("tokens.kind", params.choice(*tokens.KINDS))
    bpe_vocab_size: int = params.param("tokens.bpe_vocab_size", params.integer(bpe.N_BYTES))
    n_train: int = params.param("tokens.n_train", params.integer(-1))
    n_val: int = params.param("tokens.n_val", params.integer(0))
    n_test: int = params.param("tokens.n_test", params.integer(0))


def main() -> None:
    config = params.load(Config)
    text = tokens.normalize(artifacts.read_text(Path("data/corpus/corpus.txt")), config.normalize)
    tokens.check_not_empty(text, config.normalize)
    merges: bpe.Merges = ()
    if config.kind == "bpe":
        merges = tokens.learn_merges(text, config.bpe_vocab_size, config.n_train, config.n_val + config.n_test)
    types, ids = tokens.tokenize(text, config.kind, merges)
    artifacts.write_json(Path("data/tokens/types.json"), {"types": types, "merges": merges})
    artifacts.write_array(Path("data/tokens/ids.npy"), ids)
    stage.say(f"{len(ids):,} {config.kind} tokens of {len(types):,} types")


if __name__ == "__main__":
    stage.run(main)
