"""Put the trained text networks into a form that the page's script reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, params, stage
from stepahead.report import networks
from stepahead.text.scoring.load import load_models
from stepahead.text.tokens.vocab import Vocabulary

SHOWN = 60  # tokens of unseen text to begin with


@dataclass(frozen=True)
class Config:
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))
    orders: tuple[int, ...] = params.param("models.ngram", params.list_of(params.integer(1, 16), empty=True))


def main() -> None:
    config = params.load(Config)
    about = artifacts.read_json(Path("data/vocab/vocab.json"))
    train, test = (artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "test"))
    paths = stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors")
    for path in paths.values():
        load_models(path, "cpu", 1)  # refuses a file that holds no network
    exported = networks.exported({name: first_seed(*artifacts.read_tensors(path)) for name, path in paths.items()})
    unseen = test if len(test) else train
    living = {
        "vocabulary": about,
        "text": Vocabulary(**about).decode(unseen[:SHOWN].tolist()),
        "networks": exported,
        "counted": networks.counted(train, max(config.orders, default=0)),
    }
    artifacts.write_json(Path("reports/networks.json"), living)
    stage.say(f"{', '.join(exported) or 'no network'} for the page")


def first_seed(weights: dict[str, artifacts.Array], about: dict[str, Any]) -> networks.Trained:
    """Of the networks in a file, whose weights are (S, …), that of the first weight seed."""
    return {name: weight[0] for name, weight in weights.items()}, about


if __name__ == "__main__":
    stage.run(main)
