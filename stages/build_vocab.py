"""Split the tokens into train, val and test spans and index them by the vocabulary of the training span."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead import artifacts, params, stage
from stepahead.text import tokens, vocab


@dataclass(frozen=True)
class Config:
    kind: str = params.param("tokens.kind", params.choice(*tokens.KINDS))
    normalize: str = params.param("tokens.normalize", params.choice(*tokens.NORMALIZATIONS))
    n_train: int = params.param("tokens.n_train", params.integer(-1))
    n_val: int = params.param("tokens.n_val", params.integer(0))
    n_test: int = params.param("tokens.n_test", params.integer(0))
    min_freq: int = params.param("vocab.min_freq", params.integer(0))
    reserved: tuple[str, ...] = params.param("vocab.reserved", params.list_of(params.text, empty=True))


def main() -> None:
    config = params.load(Config)
    tokenized = artifacts.read_json(Path("data/tokens/types.json"))
    types, merges = tokenized["types"], tokenized["merges"]
    ids = artifacts.read_array(Path("data/tokens/ids.npy"))
    spans = vocab.split_spans(ids, config.n_train, config.n_val, config.n_test)
    counted = vocab.count_tokens(types, spans["train"], config.kind, config.min_freq, config.reserved)
    vocabulary = vocab.Vocabulary(counted, config.kind, config.normalize, merges)
    lengths = tokens.lengths(types, config.kind)
    unknown, characters = {}, {}
    for span, span_ids in spans.items():
        encoded = vocabulary.encode(types, span_ids)
        unknown[span] = float(np.mean(encoded == 0)) if len(encoded) else None
        characters[span] = int(lengths[span_ids].sum())
        artifacts.write_array(Path(f"data/vocab/{span}.npy"), encoded)
    artifacts.write_json(Path("data/vocab/vocab.json"), dataclasses.asdict(vocabulary))
    metrics = {"size": len(vocabulary), "unknown_rate": unknown, "characters": characters}
    artifacts.write_json(Path("reports/metrics/vocab.json"), metrics)
    stage.say(f"a vocabulary of {len(vocabulary):,} tokens")


if __name__ == "__main__":
    stage.run(main)
