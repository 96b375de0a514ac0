"""Normalise the corpus and split it into tokens, a piece of it in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.text.tokens import bpe, tokens
from stepahead.text.tokens.encoders import look_up
from stepahead.text.tokens.normalization import NORMALIZATIONS, normalize_chunks

CORPUS = Path("data/corpus/corpus.txt")


@dataclass(frozen=True)
class Config:
    normalize: str = params.param("tokens.normalize", params.choice(*NORMALIZATIONS))
    kind: str = params.param("tokens.kind", params.choice(*tokens.KINDS))
    bpe_vocab_size: int = params.param("tokens.bpe_vocab_size", params.integer(bpe.N_BYTES, 10**6))
    n_train: int = params.param("tokens.n_train", params.integer(-1))
    n_val: int = params.param("tokens.n_val", params.integer(0))
    n_test: int = params.param("tokens.n_test", params.integer(0))


def main() -> None:
    config = params.load(Config)

    def text() -> Iterator[str]:
        return normalize_chunks(artifacts.read_text_chunks(CORPUS), config.normalize)

    given, kept = (sum(map(len, chunks)) for chunks in (artifacts.read_text_chunks(CORPUS), text()))
    stage.say(tokens.kept_line(given, kept, config.normalize))
    tokens.check_not_empty(text(), config.normalize)
    merges: bpe.Merges = ()
    if config.kind == "bpe":
        merges = tokens.learn_merges(text, config.bpe_vocab_size, config.n_train, config.n_val + config.n_test)
    encoder = tokens.encoder(config.kind, ascii_only=config.normalize == "letters", merges=merges)
    path = Path("data/tokens/ids.npy")
    n_tokens = artifacts.write_array(path, encoder.dtype, encoder.encode(text()))
    types, places = tokens.final_types(encoder.types, config.kind)
    if encoder.types != types or encoder.dtype != places.dtype:
        renumbered = (look_up(places, ids) for ids in artifacts.read_array_chunks(path, range(n_tokens)))
        artifacts.write_array(path, places.dtype, renumbered)
    artifacts.write_json(Path("data/tokens/types.json"), {"types": types, "merges": merges})
    stage.say(f"{n_tokens:,} {config.kind} tokens of {len(types):,} types")


if __name__ == "__main__":
    stage.run(main)
