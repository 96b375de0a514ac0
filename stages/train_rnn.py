"""Train one recurrent language model: the stage's matrix entry names its cell."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stepahead import artifacts, params, stage
from stepahead.nn import runtime
from stepahead.text import neural, training
from stepahead.text.batches import SAMPLING


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    num_hiddens: int = params.param("rnn.num_hiddens", params.integer(1))
    num_layers: int = params.param("rnn.num_layers", params.integer(1))
    num_steps: int = params.param("rnn.num_steps", params.integer(1))
    batch_size: int = params.param("rnn.batch_size", params.integer(1))
    sampling: str = params.param("rnn.sampling", params.choice(*SAMPLING))
    optimizer: str = params.param("rnn.optimizer", params.choice(*training.OPTIMIZERS))
    lr: float = params.param("rnn.lr", params.number(above=0))
    epochs: int = params.param("rnn.epochs", params.integer(0))
    clip_norm: float | None = params.param("rnn.clip_norm", params.optional(params.number(above=0)))


def main() -> None:
    config, cell = params.load(Config), stage.matrix_entry("rnn.cells", neural.CELLS)
    device = runtime.prepare(config.device, config.threads)
    ids = artifacts.read_array(Path("data/vocab/train.npy"))
    shape: dict[str, Any] = {
        "cell": cell,
        "vocab_size": len(artifacts.read_json(Path("data/vocab/vocab.json"))["tokens"]),
        "num_hiddens": config.num_hiddens,
        "num_layers": config.num_layers,
    }
    network = neural.build_network(**shape, generator=torch.Generator().manual_seed(config.seed), device=device)
    perplexities = []
    started = time.monotonic()
    for perplexity in training.train(
        network,
        ids,
        batch_size=config.batch_size,
        num_steps=config.num_steps,
        sampling=config.sampling,
        optimizer=config.optimizer,
        lr=config.lr,
        epochs=config.epochs,
        clip_norm=config.clip_norm,
        generator=np.random.default_rng(config.seed),
    ):
        perplexities.append(perplexity)
        epoch = len(perplexities)
        if epoch % max(config.epochs // 10, 1) == 0:
            rate = epoch * len(ids) / (time.monotonic() - started)
            stage.say(f"{cell}: epoch {epoch}/{config.epochs}, perplexity {perplexity:.2f}, {rate:,.0f} tokens/s")
    weights = {name: weight.detach().cpu().numpy() for name, weight in network.parameters().items()}
    about = shape | {"device": device.type, "threads": config.threads}
    artifacts.write_tensors(Path(f"models/text/{cell}.safetensors"), weights, about)
    epochs = range(1, len(perplexities) + 1)
    artifacts.write_table(Path(f"reports/training/{cell}.csv"), {"epoch": epochs, "perplexity": perplexities})


if __name__ == "__main__":
    stage.run(main)
