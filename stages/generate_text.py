"""Let every language model continue the prefix, and count which words it can have copied."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead.core import artifacts, params, stage
from stepahead.text.scoring.copied_words import classify_words, count_words
from stepahead.text.scoring.generation import generate
from stepahead.text.scoring.load import load_model, ngram_files
from stepahead.text.tokens.vocab import Vocabulary


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))
    prefix: str = params.param("generate.prefix", params.text)
    allow_unknown: bool = params.param("generate.allow_unknown", params.flag)
    length: int = params.param("generate.length", params.integer(1, 10**6))
    temperature: float = params.param("generate.temperature", params.number(low=0))
    top_k: int | None = params.param("generate.top_k", params.optional(params.integer(1)))


def main() -> None:
    config = params.load(Config)
    vocabulary = Vocabulary(**artifacts.read_json(Path("data/vocab/vocab.json")))
    prefix = vocabulary.encode_text(config.prefix)
    if not config.allow_unknown and (unknown := vocabulary.unknown(config.prefix)):
        # a text in another script should not need a prefix of its own before anything comes out
        stage.say(f"generate.prefix: the training span does not hold {', '.join(map(repr, unknown))}; left out")
        prefix = prefix[prefix != 0]
    spans = (artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "test"))
    train, test = (set(vocabulary.decode(ids.tolist()).split()) for ids in spans)
    start = len(vocabulary.decode(prefix.tolist()))
    continuations = {}
    networks = stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors")
    for name, path in {**networks, **ngram_files(Path("models/text/ngram"))}.items():
        model = load_model(path, config.device, config.threads)
        generator = np.random.default_rng(config.seed)
        ids = generate(model, prefix, config.length, config.temperature, config.top_k, generator)
        text = vocabulary.decode([*prefix.tolist(), *ids])
        counts = count_words(text, start, train, test)
        words = {kind: sorted(set(found)) for kind, found in classify_words(text, start, train, test).items()}
        continuations[name] = {"text": text, "start": start, **counts, "words": words}
        stage.say(f"{name}: {text}")
    artifacts.write_json(Path("reports/generated.json"), continuations)


if __name__ == "__main__":
    stage.run(main)
