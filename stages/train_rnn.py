"""Train one recurrent language model, from each of its weight seeds: the stage's matrix entry names its cell."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from stepahead.core import artifacts, memory, params, processes, stage
from stepahead.text.rnn import architecture, checkpoint, neural, progress, ranks, runtime, training
from stepahead.text.rnn.batches import SAMPLING


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    n_seeds: int = params.param("rnn.n_seeds", params.integer(1, 1000))
    num_hiddens: int = params.param("rnn.num_hiddens", params.integer(1))
    num_layers: int = params.param("rnn.num_layers", params.integer(1, 100))
    embedding_size: int = params.param("rnn.embedding_size", params.integer(0))
    tied: bool = params.param("rnn.tied", params.flag)
    readout: str = params.param("rnn.readout", params.choice(*architecture.READOUTS))
    forget_bias: float = params.param("rnn.forget_bias", params.number(low=-1e6, high=1e6))
    activation: str = params.param("rnn.activation", params.choice(*architecture.ACTIVATIONS))
    num_steps: int = params.param("rnn.num_steps", params.integer(1))
    batch_size: int = params.param("rnn.batch_size", params.integer(1))
    shards: int = params.param("rnn.shards", params.integer(1, 1024))
    sampling: str = params.param("rnn.sampling", params.choice(*SAMPLING))
    optimizer: str = params.param("rnn.optimizer", params.choice(*training.OPTIMIZERS))
    lr: float = params.param("rnn.lr", params.number(above=0, high=1e30))
    weight_decay: float = params.param("rnn.weight_decay", params.number(low=0, high=1e30))
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


class Trained(NamedTuple):
    """A network's weights at the end of its training, how it went, and the checkpoint that is no longer needed."""

    weights: dict[str, artifacts.Array]
    history: Sequence[training.Epoch]
    unfinished: checkpoint.Checkpoint


def main() -> None:
    if ranks.launched("stages.train_rnn"):
        return
    config = params.load(Config)
    cell = stage.matrix_entry("models.rnn", architecture.CELLS, refused=architecture.BIDIRECTIONAL)
    vocab_size = len(artifacts.read_json(Path("data/vocab/vocab.json"))["tokens"])
    shape = architecture.Architecture(**chosen(config, architecture.Architecture), cell=cell, vocab_size=vocab_size)
    networks = f"rnn.n_seeds = {config.n_seeds:,} networks of {shape.n_weights:,} weights"
    memory.check(12 * config.n_seeds * shape.n_weights, networks, "lower either")  # theirs, stacked, and as a file
    device = runtime.prepare(config.device, config.threads)
    group = ranks.join(device)
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "val")}
    seeds, train = range(config.n_seeds), partial(train_seed, config, shape, spans, device, group)
    here_alone = group.size == 1 and device.type == "cpu"  # what talks to others, or to a GPU, must not be forked
    trained = processes.each(train, seeds, config.threads) if here_alone else [train(i) for i in seeds]
    if group.writes:
        write(config, shape, device, trained)
    group.leave()


def train_seed(
    config: Config,
    shape: architecture.Architecture,
    spans: Mapping[str, artifacts.Ids],
    device: torch.device,
    group: ranks.Ranks,
    i: int,
) -> Trained:
    """Train the network of the i-th weight seed; only a rank that writes tells, and shows the history of the first."""
    seed, cell = weight_seeds(config.seed, config.n_seeds)[i], shape.cell
    name = f"{cell}, seed {i + 1} of {config.n_seeds}" if config.n_seeds > 1 else cell
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    network = neural.build_network(shape, generator, device)
    unfinished = checkpoint_of(config, seed, cell, device.type)
    state = group.furthest(unfinished.read(), lambda found: len(found[1]["history"]) if found else 0)
    save = unfinished.write if group.writes else lambda _: None
    settings = training.Settings(**chosen(config, training.Settings))
    epochs = training.train(network, spans["train"], spans["val"], settings, rng, generator, state, save, group)
    history: list[training.Epoch] = []
    if not group.writes:
        history.extend(epochs)
        return Trained({}, history, unfinished)
    earlier, table = len(state[1]["history"]) if state else 0, Path(f"reports/training/{cell}.csv")
    with progress.Progress(name, len(spans["train"]), config.epochs, earlier, None if i else table) as follow:
        for epoch in epochs:
            history.append(epoch)
            follow.tell(history)
    found = result(history)
    if found["val"] is not None:
        stage.say(f"{name}: keeps the weights of epoch {found['epoch']}, validation {found['val']:.2f}")
    weights = {key: tensor.detach().cpu().numpy() for key, tensor in network.parameters().items()}
    return Trained(weights, history, unfinished)


def write(config: Config, shape: architecture.Architecture, device: torch.device, trained: Sequence[Trained]) -> None:
    """Write the history of the first weight seed, the networks of all into one file, and forget their checkpoints."""
    progress.write_history(Path(f"reports/training/{shape.cell}.csv"), trained[0].history)
    weights = {name: np.stack([each.weights[name] for each in trained]) for name in trained[0].weights}
    results = [result(each.history) for each in trained]
    outcome = {key: [each[key] for each in results] for key in results[0]}
    about = dataclasses.asdict(shape) | {"device": device.type, "threads": config.threads, **outcome}
    path = Path(f"models/text/rnn/{shape.cell}.safetensors")
    artifacts.write_tensors(path, weights, about | {"n_seeds": config.n_seeds})
    for each in trained:
        each.unfinished.remove()


def weight_seeds(seed: int, n_seeds: int) -> list[int]:
    """The seed of each network: `seed` itself, then others, which neither `n_seeds` nor another `seed` shares."""
    others = np.random.SeedSequence(seed).spawn(n_seeds - 1)
    return [seed, *(int(other.generate_state(1)[0]) for other in others)]


def result(history: Sequence[training.Epoch]) -> dict[str, float | int | None]:
    """The book's running perplexity of the last epoch; the epoch whose weights are kept, and their validation one."""
    if not history:
        return {"running": None, "epoch": None, "val": None}
    epoch = training.kept_epoch(history)
    return {"running": history[-1].perplexity, "epoch": epoch, "val": history[epoch - 1].val}


def checkpoint_of(config: Config, seed: int, cell: str, device: str) -> checkpoint.Checkpoint:
    """Where this very training, of the same code and data, left off if it was stopped."""
    settings = {**vars(config), "seed": seed, "cell": cell, "device": device, "torch": torch.__version__}
    key = checkpoint.fingerprint(params.declared_deps(), settings)
    return checkpoint.Checkpoint(Path(f".cache/checkpoints/{cell}-{key[:16]}.safetensors"))


def chosen(config: Config, wanted: type) -> dict[str, Any]:
    """The config's values for those fields of the dataclass `wanted` that the config has."""
    names = {field.name for field in dataclasses.fields(wanted)}
    return {name: value for name, value in vars(config).items() if name in names}


if __name__ == "__main__":
    stage.run(main)
