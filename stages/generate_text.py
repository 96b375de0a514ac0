"""Let every language model continue the prefix, and a passage of the training and of the test span."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stepahead.core import artifacts, params, stage
from stepahead.text.scoring.generation import generate
from stepahead.text.scoring.language_model import LanguageModel
from stepahead.text.scoring.load import load_models, ngram_files
from stepahead.text.scoring.memory import longest_copy, passage, shared_start
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
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "test")}
    train = vocabulary.decode(spans["train"].tolist())
    passages = {span: passage(ids, config.length) for span, ids in spans.items() if len(ids)}
    continuations = {}
    networks = stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors")
    for name, path in {**networks, **ngram_files(Path("models/text/ngram"))}.items():
        model = load_models(path, config.device, config.threads)[0]
        row = continued(model, prefix, vocabulary, train, config)
        stage.say(f"{name}: {row['text']}")
        continuations[name] = row | {"passages": {}}
        for span, (known, follows) in passages.items():
            found = continued(model, known, vocabulary, train, config)
            truth = vocabulary.decode([*known.tolist(), *follows.tolist()])[found["start"] :]
            recited = shared_start(found["text"][found["start"] :], truth)
            continuations[name]["passages"][span] = {**found, "truth": truth, "recited": recited}
    artifacts.write_json(Path("reports/generated.json"), continuations)


def continued(
    model: LanguageModel, prefix: artifacts.Ids, vocabulary: Vocabulary, train: str, config: Config
) -> dict[str, Any]:
    """A prefix as text with what the model adds from `start` on, and the longest run of that which `train` holds."""
    rng = np.random.default_rng(config.seed)
    ids = generate(model, prefix, config.length, config.temperature, config.top_k, rng)
    text, start = vocabulary.decode([*prefix.tolist(), *ids]), len(vocabulary.decode(prefix.tolist()))
    begin, end = longest_copy(text[start:], train)
    return {"text": text, "start": start, "copied": [start + begin, start + end]}


if __name__ == "__main__":
    stage.run(main)
