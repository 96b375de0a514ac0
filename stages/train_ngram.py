"""Count one n-gram model: the stage's matrix entry is its order."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.text.ngram.file import save_ngram
from stepahead.text.ngram.ngram import MAX_ORDER, NGram


@dataclass(frozen=True)
class Config:
    """The order is the matrix entry; counting needs nothing else."""


def main() -> None:
    params.load(Config)
    order = int(stage.matrix_entry("ngram.orders", map(str, range(1, MAX_ORDER + 1))))
    model = NGram(order, len(artifacts.read_json(Path("data/vocab/vocab.json"))["tokens"]))
    model.fit(artifacts.read_array(Path("data/vocab/train.npy")))
    save_ngram(Path(f"models/text/ngram_{order}.safetensors"), model)


if __name__ == "__main__":
    stage.run(main)
