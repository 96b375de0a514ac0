"""Score every language model on the train, val and test spans: alone, averaged, mixed, and learning as it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from stepahead.core import artifacts, losses, params, stage
from stepahead.core.errors import StepaheadError
from stepahead.text.ngram.adaptive import adaptive_nll
from stepahead.text.scoring.load import load_models, ngram_files
from stepahead.text.scoring.mixture import average_nll, mix_nll, mixture_weight
from stepahead.text.scoring.perplexity import (
    Floats,
    floor_row,
    perplexity_metrics,
    perplexity_table,
    score,
    score_row,
    seeds_row,
)

Scores = Mapping[str, Floats]
"""The nll of each token of each span."""
HELD_OUT = ("val", "test")
MOST = 20_000
"""tokens of the training span that are scored, its last ones; a network reads them one after another"""


@dataclass(frozen=True)
class Config:
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))
    warmup: int = params.param("evaluate.warmup", params.integer(0))
    dynamic_lr: float = params.param("evaluate.dynamic_lr", params.number(low=0))
    dynamic_decay: float = params.param("evaluate.dynamic_decay", params.number(low=0, high=1))


def main() -> None:
    config = params.load(Config)
    summary = artifacts.read_json(Path("data/vocab/summary.json"))
    of_test = summary["characters"]["test"], summary["spelling_bits"]["test"]
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", *HELD_OUT)}
    scored = {**spans, "train": spans["train"][-MOST:]}
    cells = stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors")
    ngrams = ngram_files(Path("models/text/ngram"))
    if not cells and not ngrams:
        raise StepaheadError(
            "params.yaml: models.rnn and models.ngram are both empty, which leaves no language model to score; name "
            "one, such as -S 'models.ngram=[2]', or leave the text out: dvc repro evaluate_kstep"
        )
    nll, rows = dict[str, Scores](), dict[str, dict[str, Any]]()

    def add(name: str, scores: Scores, **about: Any) -> None:
        nll[name], rows[name] = scores, {**score_row(scores, *of_test), **about}

    # each model alone; of a cell, the means over its weight seeds
    networks, of_networks, longest = list[Any](), list[Scores](), cast(Any, None)
    for name, path in {**cells, **ngrams}.items():
        models, about = load_models(path, config.device, config.threads), artifacts.read_tensors(path)[1]
        scores = [score(model, scored, config.warmup) for model in models]
        running, epochs = (about.get(key, [None]) for key in ("running", "epoch"))
        seeds = [{"book": book, **score_row(each, *of_test)} for book, each in zip(running, scores, strict=True)]
        nll[name] = {span: np.mean([each[span] for each in scores], axis=0) for span in HELD_OUT}
        rows[name] = {"epoch": epochs[0], **seeds_row(seeds)}
        if name in cells:
            networks += models
            of_networks += [{span: each[span] for span in HELD_OUT} for each in scores]
        else:
            longest = models[0]

    # all networks as one, and what learns as it reads
    neural, counted = "ensemble" if len(networks) > 1 else [*cells, None][0], [None, *ngrams][-1]
    unseen = len(spans["val"]) + len(spans["test"])
    if neural == "ensemble" and unseen:
        add(neural, {span: average_nll([each[span] for each in of_networks]) for span in HELD_OUT})
    if counted and longest and unseen:
        text = np.concatenate([*spans.values()])
        add(f"adaptive_{counted}", held_out(adaptive_nll(text, longest.order, longest.vocab_size), spans))
    if neural and config.dynamic_lr and unseen:
        add(f"adaptive_{neural}", held_out(dynamic(networks, spans, config), spans))

    # a network and an n-gram, with the weight that fits the validation span best
    if neural and counted and len(spans["val"]):
        pairs = {"mixture": (neural, counted), "adaptive_mixture": (f"adaptive_{neural}", f"adaptive_{counted}")}
        for name, (a, b) in pairs.items():
            one, other = nll.get(a, nll[neural]), nll[b]
            weight = mixture_weight(one["val"], other["val"])
            mixed = {span: mix_nll(one[span], other[span], weight) for span in HELD_OUT if len(spans[span])}
            add(name, dict.fromkeys(HELD_OUT, np.zeros(0)) | mixed, weight=weight, neural=a if a in nll else neural)

    entropy_rate = artifacts.read_json(Path("data/corpus/about.json"))["entropy_rate"]
    if entropy_rate is not None and len(spans["test"]):
        rows["floor"] = floor_row(entropy_rate, len(spans["test"]), summary["characters"]["test"])
    artifacts.write_table(Path("reports/tables/perplexity.csv"), perplexity_table(rows))
    losses.write_losses(
        Path("reports/losses/perplexity.safetensors"),
        {model: losses.block_means(each["test"]) for model, each in nll.items()},
        scored_on=spans["test"],
        n_points=len(spans["test"]),
    )
    artifacts.write_metrics(Path("reports/metrics/perplexity.json"), perplexity_metrics(rows))


def dynamic(networks: Sequence[Any], spans: Mapping[str, artifacts.Array], config: Config) -> Floats:
    """The nll of the validation span, then of the test span, by the networks averaged, each learning as it reads."""
    from stepahead.text.rnn.dynamic import dynamic_nll  # takes torch

    context = spans["train"][max(len(spans["train"]) - config.warmup, 0) :]
    text, settings = np.concatenate([spans[span] for span in HELD_OUT]), (config.dynamic_lr, config.dynamic_decay)
    return average_nll([dynamic_nll(each.network, spans["train"], context, text, *settings) for each in networks])


def held_out(nll: Floats, spans: Mapping[str, artifacts.Array]) -> Scores:
    """The validation and the test span's part of the nll of a text that ends with them."""
    read_on = nll[len(nll) - len(spans["val"]) - len(spans["test"]) :]
    return dict(zip(HELD_OUT, np.split(read_on, [len(spans["val"])]), strict=True))


if __name__ == "__main__":
    stage.run(main)
