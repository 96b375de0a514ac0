"""Score every language model with fixed weights on the train, val and test spans, and the best two mixed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stepahead.core import artifacts, losses, params, stage
from stepahead.core.errors import StepaheadError
from stepahead.text.scoring.load import load_model, ngram_files
from stepahead.text.scoring.mixture import mix_nll, mixture_weight
from stepahead.text.scoring.perplexity import Floats, floor_row, perplexity_metrics, perplexity_table, score_row

Scores = dict[str, Floats]
"""the nll of each token of each span"""


@dataclass(frozen=True)
class Config:
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))
    warmup: int = params.param("evaluate.warmup", params.integer(0))


def main() -> None:
    config = params.load(Config)
    n_characters = artifacts.read_json(Path("data/vocab/summary.json"))["characters"]["test"]
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "val", "test")}
    networks = stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors")
    ngrams = ngram_files(Path("models/text/ngram"))
    nll, rows = {}, dict[str, dict[str, Any]]()
    for name, path in {**networks, **ngrams}.items():
        model, about = load_model(path, config.device, config.threads), artifacts.read_tensors(path)[1]
        nll[name] = score(model, spans, config.warmup)
        rows[name] = {"book": about.get("running"), "epoch": about.get("epoch"), **score_row(nll[name], n_characters)}
    if not rows:
        raise StepaheadError(
            "params.yaml: models.rnn and models.ngram are both empty, which leaves no language model to score; name "
            "one, such as -S 'models.ngram=[2]', or leave the text out: dvc repro evaluate_kstep"
        )
    if len(spans["val"]) and networks and ngrams:
        best = min(networks, key=lambda cell: rows[cell]["val"])
        neural, ngram = nll[best], nll[[*ngrams][-1]]
        weight = mixture_weight(neural["val"], ngram["val"])
        mixed = {span: mix_nll(neural[span], ngram[span], weight) for span, ids in spans.items() if len(ids)}
        nll["mixture"] = dict.fromkeys(spans, np.zeros(0)) | mixed
        row = score_row(nll["mixture"], n_characters)
        rows["mixture"] = {**row, "weight": weight, "neural": best}
    entropy_rate = artifacts.read_json(Path("data/corpus/about.json"))["entropy_rate"]
    if entropy_rate is not None and len(spans["test"]):
        rows["floor"] = floor_row(entropy_rate, len(spans["test"]), n_characters)
    artifacts.write_table(Path("reports/tables/perplexity.csv"), perplexity_table(rows))
    losses.write_losses(
        Path("reports/losses/perplexity.safetensors"),
        {model: losses.block_means(each["test"]) for model, each in nll.items()},
        scored_on=spans["test"],
        n_points=len(spans["test"]),
    )
    artifacts.write_metrics(Path("reports/metrics/perplexity.json"), perplexity_metrics(rows))


def score(model: Any, spans: dict[str, artifacts.Array], warmup: int) -> Scores:
    before, nll = spans["train"][:0], {}
    for span, ids in spans.items():
        context = before[max(len(before) - warmup, 0) :]
        nll[span] = model.nll(np.concatenate([context, ids]))[len(context) :]
        before = np.concatenate([before, ids])
    return nll


if __name__ == "__main__":
    stage.run(main)
