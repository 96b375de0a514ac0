"""Split the tokens into train, val and test spans and index them by the vocabulary of the training span."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead import artifacts, params, stage
from stepahead.text import tokens, vocab


@dataclass(frozen=True)
class Config:
    kind: str = params.param("tokens.kind", params.choice(*tokens.KINDS))
    n_train: int = params.param("tokens.n_train", params.integer(-1))
    n_val: int = params.param("tokens.n_val", params.integer(1))
    n_test: int = params.param("tokens.n_test", params.integer(1))
    min_freq: int = params.param("vocab.min_freq", params.integer(0))
    reserved: tuple[str, ...] = params.param("vocab.reserved", params.list_of(params.text))


def main() -> None:
    config = params.load(Config)
    types = artifacts.read_json(Path("data/tokens/types.json"))
    ids = artifacts.read_array(Path("data/tokens/ids.npy"))
    spans = vocab.split_spans(ids, config.n_train, config.n_val, config.n_test)
    vocabulary = vocab.build_vocabulary(types, spans["train"], config.kind, config.min_freq, config.reserved)
    unknown = {}
    for span, span_ids in spans.items():
        encoded = vocabulary.encode(types, span_ids)
        unknown[span] = float(np.mean(encoded == 0))
        artifacts.write_array(Path(f"data/vocab/{span}.npy"), encoded)
    artifacts.write_json(Path("data/vocab/vocab.json"), {"kind": vocabulary.kind, "tokens": vocabulary.tokens})
    artifacts.write_json(Path("reports/metrics/vocab.json"), {"size": len(vocabulary), "unknown_rate": unknown})
    stage.say(f"a vocabulary of {len(vocabulary):,} tokens")


if __name__ == "__main__":
    stage.run(main)
