"""Count the n-gram models."""

from dataclasses import dataclass
from pathlib import Path

from stepahead.core import artifacts, params, stage
from stepahead.text.ngram.file import save_ngram
from stepahead.text.ngram.ngram import CHUNK, MAX_ORDER, NGram


@dataclass(frozen=True)
class Config:
    orders: tuple[int, ...] = params.param("models.ngram", params.list_of(params.integer(1, MAX_ORDER), empty=True))


def main() -> None:
    config = params.load(Config)
    vocab_size = len(artifacts.read_json(Path("data/vocab/vocab.json"))["tokens"])
    text = Path("data/vocab/train.npy")
    span = range(len(artifacts.read_array(text)))
    folder = Path("models/text/ngram")
    folder.mkdir(parents=True, exist_ok=True)  # it is an output also where there is no order
    for order in config.orders:
        model = NGram(order, vocab_size)
        model.fit_chunks(artifacts.read_array_chunks(text, span, CHUNK))
        save_ngram(folder / f"ngram_{order}.safetensors", model)


if __name__ == "__main__":
    stage.run(main)
