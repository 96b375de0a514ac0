"""Score every language model with fixed weights on the train, val and test spans."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepahead import artifacts, params, stage
from stepahead.nn import runtime
from stepahead.text import neural
from stepahead.text.perplexity import bits_per_token, perplexity


@dataclass(frozen=True)
class Config:
    device: str = params.param("device", params.choice("auto", "cpu", "cuda"))
    threads: int = params.param("threads", params.integer(1))
    cells: tuple[str, ...] = params.param("rnn.cells", params.list_of(params.text))


def main() -> None:
    config = params.load(Config)
    device = runtime.prepare(config.device, config.threads)
    spans = {span: artifacts.read_array(Path(f"data/vocab/{span}.npy")) for span in ("train", "val", "test")}
    rows: dict[str, dict[str, Any]] = {}
    for cell in config.cells:
        network = neural.load_network(*artifacts.read_tensors(Path(f"models/text/{cell}.safetensors")), device)
        model = neural.NeuralLM(network, device)
        history = artifacts.read_table(Path(f"reports/training/{cell}.csv"))["perplexity"]
        nll = {span: model.nll(ids) for span, ids in spans.items()}
        rows[cell] = {
            "book": float(history[-1]) if history else None,
            **{span: perplexity(values) for span, values in nll.items()},
            "bits_per_token": bits_per_token(nll["test"]),
        }
    artifacts.write_json(Path("reports/metrics/perplexity.json"), rows)


if __name__ == "__main__":
    stage.run(main)
