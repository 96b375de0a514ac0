"""Measure how far back gradients reach in each recurrent network, before and after training."""

from dataclasses import dataclass
from pathlib import Path

import torch

from stepahead.core import artifacts, params, stage
from stepahead.text.rnn import neural, runtime
from stepahead.text.scoring.gradient_flow import gradient_norms, spectral_radius, windows


@dataclass(frozen=True)
class Config:
    seed: int = params.param("seed", params.integer(0))
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))


def main() -> None:
    config = params.load(Config)
    device = runtime.prepare(config.device, config.threads)
    pieces = windows(artifacts.read_array(Path("data/vocab/train.npy")))
    columns: dict[str, list[object]] = {"cell": [], "weights": [], "k": [], "norm": [], "power": []}
    for cell, path in stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors").items():
        weights, about = artifacts.read_tensors(path)
        trained = neural.load_networks(weights, about, device)[0]
        generator = torch.Generator().manual_seed(config.seed)
        untrained = neural.build_network(trained.architecture, generator, device)
        for name, network in (("untrained", untrained), ("trained", trained)):
            norms = gradient_norms(network, pieces).tolist()
            radius = spectral_radius(network, pieces)
            columns["cell"] += [cell] * len(norms)
            columns["weights"] += [name] * len(norms)
            columns["k"] += range(1, len(norms) + 1)
            columns["norm"] += norms
            columns["power"] += [norms[0] * radius**lag for lag in range(len(norms))]
    artifacts.write_table(Path("reports/tables/gradient_flow.csv"), columns)


if __name__ == "__main__":
    stage.run(main)
