"""Score every language model on the train, val and test spans: alone, averaged, mixed, and learning as it reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, losses, params, stage
from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.scoring.combined import HELD_OUT, Dynamic, Scored, combine
from stepahead.text.scoring.load import load_models, ngram_files
from stepahead.text.scoring.perplexity import (
    floor_row,
    perplexity_metrics,
    perplexity_table,
    score,
    score_row,
    seeds_row,
)

MOST = 20_000
"""tokens of the training span that are scored, its last ones; a network reads them one after another"""


@dataclass(frozen=True)
class Config:
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("models.rnn", params.list_of(params.text, empty=True))
    warmup: int = params.param("evaluate.warmup", params.integer(0))
    dynamic_lr: float = params.param("evaluate.dynamic_lr", params.number(low=0, high=1e30))
    dynamic_decay: float = params.param("evaluate.dynamic_decay", params.number(low=0, high=1))


def main() -> None:
    config = params.load(Config)
    cells = stage.matrix_outputs(Path("models/text/rnn"), config.cells, ".safetensors")
    ngrams = ngram_files(Path("models/text/ngram"))
    if not cells and not ngrams:
        raise StepaheadError(
            "params.yaml: models.rnn and models.ngram are both empty, which leaves no language model to score; name "
            "one, such as -S 'models.ngram=[2]', or leave the text out: dvc repro evaluate_kstep"
        )
    summary = artifacts.read_json(Path("data/vocab/summary.json"))
    of_test = summary["characters"]["test"], summary["spelling_bits"]["test"]
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", *HELD_OUT)}
    alone = {name: scored(path, config, spans) for name, path in {**cells, **ngrams}.items()}
    networks, counts = ({name: alone[name] for name in names} for names in (cells, ngrams))
    dynamic = Dynamic(config.dynamic_lr, config.dynamic_decay, config.warmup)
    together = combine(networks, counts, spans, dynamic)
    nll = {name: each.mean() for name, each in alone.items()} | {name: each.scores for name, each in together.items()}
    rows = {name: row_alone({**cells, **ngrams}[name], each, *of_test) for name, each in alone.items()}
    for name, each in together.items():
        rows[name] = {**score_row(each.scores, *of_test), "neural": each.neural, "weight": each.weight}
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


def scored(path: Path, config: Config, spans: Mapping[str, Ids]) -> Scored:
    """The models in a file, and what they score on each span, of the training span its last tokens."""
    models = load_models(path, config.device, config.threads)
    some = {**spans, "train": spans["train"][-MOST:]}
    return Scored(models, [score(model, some, config.warmup) for model in models])


def row_alone(path: Path, models: Scored, n_characters: int, spelling_bits: float) -> dict[str, Any]:
    """The row of the models in a file: means over its weight seeds, and how they were trained."""
    about = artifacts.read_tensors(path)[1]
    running, epochs = (about.get(key, [None]) for key in ("running", "epoch"))
    pairs = zip(running, models.scores, strict=True)
    seeds = [{"book": book, **score_row(scores, n_characters, spelling_bits)} for book, scores in pairs]
    return {"epoch": epochs[0], **seeds_row(seeds)}


if __name__ == "__main__":
    stage.run(main)
