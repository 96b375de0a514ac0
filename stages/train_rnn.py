"""Train one recurrent language model: the stage's matrix entry names its cell."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from stepahead.core import artifacts, params, stage
from stepahead.nn import runtime
from stepahead.text.rnn import architecture, checkpoint, neural, progress, training
from stepahead.text.rnn.batches import SAMPLING


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    num_hiddens: int = params.param("rnn.num_hiddens", params.integer(1))
    num_layers: int = params.param("rnn.num_layers", params.integer(1, 100))
    embedding_size: int = params.param("rnn.embedding_size", params.integer(0))
    tied: bool = params.param("rnn.tied", params.flag)
    readout: str = params.param("rnn.readout", params.choice(*architecture.READOUTS))
    forget_bias: float = params.param("rnn.forget_bias", params.number(low=-1e6, high=1e6))
    activation: str = params.param("rnn.activation", params.choice(*architecture.ACTIVATIONS))
    num_steps: int = params.param("rnn.num_steps", params.integer(1))
    batch_size: int = params.param("rnn.batch_size", params.integer(1))
    sampling: str = params.param("rnn.sampling", params.choice(*SAMPLING))
    optimizer: str = params.param("rnn.optimizer", params.choice(*training.OPTIMIZERS))
    lr: float = params.param("rnn.lr", params.number(above=0))
    weight_decay: float = params.param("rnn.weight_decay", params.number(low=0))
    schedule: str = params.param("rnn.schedule", params.choice(*training.SCHEDULES))
    lr_warmup: int = params.param("rnn.lr_warmup", params.integer(0))
    epochs: int = params.param("rnn.epochs", params.integer(0, 10**6))
    patience: int = params.param("rnn.patience", params.integer(0))
    clip: str = params.param("rnn.clip", params.choice(*training.CLIPPING))
    clip_bound: float = params.param("rnn.clip_bound", params.number(above=0, high=1e30))
    dropout_input: float = params.param("rnn.dropout_input", params.number(low=0, high=0.99))
    dropout_recurrent: float = params.param("rnn.dropout_recurrent", params.number(low=0, high=0.99))
    dropout_layers: float = params.param("rnn.dropout_layers", params.number(low=0, high=0.99))
    dropout_output: float = params.param("rnn.dropout_output", params.number(low=0, high=0.99))


def main() -> None:
    config = params.load(Config)
    cell = stage.matrix_entry("models.rnn", architecture.CELLS, refused=architecture.BIDIRECTIONAL)
    vocab_size = len(artifacts.read_json(Path("data/vocab/vocab.json"))["tokens"])
    shape = architecture.Architecture(**chosen(config, architecture.Architecture), cell=cell, vocab_size=vocab_size)
    settings = training.Settings(**chosen(config, training.Settings))
    device = runtime.prepare(config.device, config.threads)
    ids, val = (artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "val"))
    generator = torch.Generator().manual_seed(config.seed)
    network = neural.build_network(shape, generator, device)
    rng = np.random.default_rng(config.seed)
    table, unfinished = Path(f"reports/training/{cell}.csv"), checkpoint_of(config, cell, device.type)
    state = unfinished.read()
    earlier = len(state[1]["history"]) if state else 0
    history: list[training.Epoch] = []
    with progress.Progress(cell, len(ids), config.epochs, earlier, table) as follow:
        for epoch in training.train(network, ids, val, settings, rng, generator, state, unfinished.write):
            history.append(epoch)
            follow.tell(history)
    progress.write_history(table, history)
    outcome = result(history)
    if outcome.get("val") is not None:
        stage.say(f"{cell}: keeps the weights of epoch {outcome['epoch']}, validation {outcome['val']:.2f}")
    weights = {name: weight.detach().cpu().numpy() for name, weight in network.parameters().items()}
    about = dataclasses.asdict(shape) | {"device": device.type, "threads": config.threads, **outcome}
    artifacts.write_tensors(Path(f"models/text/rnn/{cell}.safetensors"), weights, about)
    unfinished.remove()


def result(history: Sequence[training.Epoch]) -> dict[str, float | int | None]:
    """The book's running perplexity of the last epoch; the epoch whose weights are kept, and their validation one."""
    if not history:
        return {}
    epoch = training.kept_epoch(history)
    return {"running": history[-1].perplexity, "epoch": epoch, "val": history[epoch - 1].val}


def checkpoint_of(config: Config, cell: str, device: str) -> checkpoint.Checkpoint:
    """Where this very training, of the same code and data, left off if it was stopped."""
    settings = {**vars(config), "cell": cell, "device": device, "torch": torch.__version__}
    key = checkpoint.fingerprint(params.declared_deps(), settings)
    return checkpoint.Checkpoint(Path(f".cache/checkpoints/{cell}-{key[:16]}.safetensors"))


def chosen(config: Config, wanted: type) -> dict[str, Any]:
    """The config's values for those fields of the dataclass `wanted` that the config has."""
    names = {field.name for field in dataclasses.fields(wanted)}
    return {name: value for name, value in vars(config).items() if name in names}


if __name__ == "__main__":
    stage.run(main)
