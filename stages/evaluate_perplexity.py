"""Score every language model with fixed weights on the train, val and test spans, and the best two mixed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stepahead.core import artifacts, params, stage
from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.ngram import MAX_ORDER
from stepahead.text.scoring.load import load_model
from stepahead.text.scoring.mixture import mix_nll, mixture_weight
from stepahead.text.scoring.perplexity import Floats, floor_row, score_row

Scores = dict[str, Floats]
"""the nll of each token of each span"""


@dataclass(frozen=True)
class Config:
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("rnn.cells", params.list_of(params.text, empty=True))
    orders: tuple[int, ...] = params.param("ngram.orders", params.list_of(params.integer(1, MAX_ORDER), empty=True))
    warmup: int = params.param("evaluate.warmup", params.integer(0))


def main() -> None:
    config = params.load(Config)
    n_characters = artifacts.read_json(Path("reports/metrics/vocab.json"))["characters"]["test"]
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "val", "test")}
    cells, ngrams = list(config.cells), [f"ngram_{order}" for order in sorted(config.orders)]
    nll, rows = {}, dict[str, dict[str, Any]]()
    for name in cells + ngrams:
        nll[name] = score(name, spans, config)
        rows[name] = {"book": book_figure(name) if name in cells else None, **score_row(nll[name], n_characters)}
    if not rows:
        raise StepaheadError(
            "params.yaml: rnn.cells and ngram.orders are both empty, which leaves no language model to score; name "
            "one, such as -S 'ngram.orders=[2]', or leave the text wing out: dvc repro evaluate_kstep"
        )
    if len(spans["val"]) and cells and ngrams:
        best = min(cells, key=lambda cell: rows[cell]["val"])
        neural, ngram = nll[best], nll[ngrams[-1]]
        weight = mixture_weight(neural["val"], ngram["val"])
        mixed = {span: mix_nll(neural[span], ngram[span], weight) for span, ids in spans.items() if len(ids)}
        row = score_row(dict.fromkeys(spans, np.zeros(0)) | mixed, n_characters)
        rows["mixture"] = {"book": None, **row, "weight": weight, "neural": best}
    entropy_rate = artifacts.read_json(Path("data/corpus/about.json"))["entropy_rate"]
    if entropy_rate is not None and len(spans["test"]):
        rows["floor"] = floor_row(entropy_rate, len(spans["test"]), n_characters)
    artifacts.write_json(Path("reports/metrics/perplexity.json"), rows)


def score(name: str, spans: dict[str, artifacts.Array], config: Config) -> Scores:
    model = load_model(Path(f"models/text/{name}.safetensors"), config.device, config.threads)
    before, nll = spans["train"][:0], {}
    for span, ids in spans.items():
        context = before[max(len(before) - config.warmup, 0) :]
        nll[span] = model.nll(np.concatenate([context, ids]))[len(context) :]
        before = np.concatenate([before, ids])
    return nll


def book_figure(cell: str) -> float | None:
    history = artifacts.read_table(Path(f"reports/training/{cell}.csv"))["perplexity"]
    return float(history[-1]) if history else None


if __name__ == "__main__":
    stage.run(main)
