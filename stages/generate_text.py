"""Let every language model continue the prefix."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stepahead import artifacts, params, stage
from stepahead.nn import runtime
from stepahead.text import neural
from stepahead.text.generation import generate
from stepahead.text.vocab import Vocabulary


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("rnn.cells", params.list_of(params.text))
    prefix: str = params.param("generate.prefix", params.text)
    length: int = params.param("generate.length", params.integer(1))
    temperature: float = params.param("generate.temperature", params.number(low=0))
    top_k: int | None = params.param("generate.top_k", params.optional(params.integer(1)))


def main() -> None:
    config = params.load(Config)
    device = runtime.prepare(config.device, config.threads)
    vocabulary = Vocabulary(**artifacts.read_json(Path("data/vocab/vocab.json")))
    prefix = vocabulary.encode_text(config.prefix)
    continuations = {}
    for cell in config.cells:
        network = neural.load_network(*artifacts.read_tensors(Path(f"models/text/{cell}.safetensors")), device)
        generator = np.random.default_rng(config.seed)
        ids = generate(
            neural.NeuralLM(network, device), prefix, config.length, config.temperature, config.top_k, generator
        )
        continuations[cell] = vocabulary.decode([*prefix.tolist(), *ids])
        stage.say(f"{cell}: {continuations[cell]}")
    artifacts.write_json(Path("reports/generated.json"), continuations)


if __name__ == "__main__":
    stage.run(main)
