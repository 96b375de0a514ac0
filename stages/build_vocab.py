"""Split the tokens into train, val and test spans and index them by the vocabulary of the training span."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.text.tokens import tokens, vocab
from stepahead.text.tokens.encoders import look_up
from stepahead.text.tokens.normalization import NORMALIZATIONS
from stepahead.text.tokens.spelling import spelling_bits


@dataclass(frozen=True)
class Config:
    kind: str = params.param("tokens.kind", params.choice(*tokens.KINDS))
    normalize: str = params.param("tokens.normalize", params.choice(*NORMALIZATIONS))
    n_train: int = params.param("tokens.n_train", params.integer(-1))
    n_val: int = params.param("tokens.n_val", params.integer(0))
    n_test: int = params.param("tokens.n_test", params.integer(0))
    min_freq: int = params.param("vocab.min_freq", params.integer(0))
    reserved: tuple[str, ...] = params.param("vocab.reserved", params.list_of(params.text, empty=True))


def main() -> None:
    config = params.load(Config)
    tokenized = artifacts.read_json(Path("data/tokens/types.json"))
    types, merges = tokenized["types"], tokenized["merges"]
    path = Path("data/tokens/ids.npy")
    spans = vocab.split_spans(len(artifacts.read_array(path)), config.n_train, config.n_val, config.n_test)
    counts = {span: vocab.count_tokens(artifacts.read_array_chunks(path, spans[span]), len(types)) for span in spans}
    chosen = vocab.frequent_tokens(types, counts["train"], config.kind, config.min_freq, config.reserved)
    vocabulary = vocab.Vocabulary(chosen, config.kind, config.normalize, merges)
    indices, lengths = vocabulary.indices(types), tokens.lengths(types, config.kind)
    bits = spelling_bits(types, counts["train"], indices > 0, config.kind)
    unknown, characters, spelling = {}, {}, {}
    for span, where in spans.items():
        unknown[span] = float(counts[span][indices == 0].sum() / len(where)) if where else None
        characters[span] = int(counts[span] @ lengths)
        spelling[span] = round(float(counts[span] @ bits), 3)
        encoded = (look_up(indices, ids) for ids in artifacts.read_array_chunks(path, where))
        artifacts.write_array(Path(f"data/vocab/{span}.npy"), indices.dtype, encoded)
    artifacts.write_json(Path("data/vocab/vocab.json"), dataclasses.asdict(vocabulary))
    summary = {"size": len(vocabulary), "unknown_rate": unknown, "characters": characters, "spelling_bits": spelling}
    artifacts.write_json(Path("data/vocab/summary.json"), summary)
    stage.say(f"a vocabulary of {len(vocabulary):,} tokens")


if __name__ == "__main__":
    stage.run(main)
