"""Run the book's models with the book's settings: `python -m benchmarks.book` (about twenty minutes).

Each row is one command in a fresh clone of the last commit; what came out goes to benchmarks/book.json, from which
the table in docs/results.md is filled. The settings stand in presets/book; it has no validation span, so that the last
weights are kept. Without internet, set STEPAHEAD_MIRROR to a folder that holds timemachine.txt.
"""

import shlex
import tempfile
from pathlib import Path
from typing import cast

import numpy as np

from benchmarks.clone import ROOT, Cost, clone, machine, run
from stepahead.core.artifacts import write_json
from stepahead.report.results import read_perplexities
from stepahead.series.data.dataset import read_series
from stepahead.series.data.model_file import read_model
from stepahead.series.networks.mlp import MLP
from stepahead.series.scoring.kstep import training_mse

TEXT = "dvc exp run evaluate_perplexity $(cat presets/book)"
# model, the book's official builds (min / median / max), the cell whose figure is read, the command
ROWS = [
    ("RNN from scratch, 512", "1.0 / 1.0 / 1.2", "scratch", f"{TEXT} -S 'models.rnn=[scratch]' -S rnn.num_hiddens=512"),
    (
        "RNN from scratch, 512, random sampling",
        "1.2 / 1.4 / 1.6",
        "scratch",
        f"{TEXT} -S 'models.rnn=[scratch]' -S rnn.num_hiddens=512 -S rnn.sampling=random",
    ),
    ("RNN, 256", "1.2 / 1.3 / 1.4", "rnn", f"{TEXT} -S 'models.rnn=[rnn]'"),
    ("GRU, 256", "1.0 (median)", "gru", f"{TEXT} -S 'models.rnn=[gru]'"),
    ("LSTM, 256", "1.0 (median)", "lstm", f"{TEXT} -S 'models.rnn=[lstm]'"),
]
MLP_COMMAND = "dvc repro train_networks"


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        project = clone(Path(folder) / "stepahead")
        for model, published, cell, command in ROWS:
            cost = run("bash", "-c", command, cwd=project)
            here = read_perplexities(project / "reports/tables/perplexity.csv")[cell]["book"]
            rows.append(row(model, "training perplexity", published, f"{here:.2f}", command, cost))
            print(f"{model}: book {published}, here {here:.2f}, {cost.seconds:.0f} s", flush=True)
            run("git", "checkout", "--quiet", "params.yaml", cwd=project)
        cost = run(*shlex.split(MLP_COMMAND), cwd=project)
        series = read_series(project / "data/series/series.csv", project / "data/series/series.json")
        mlp = cast(MLP, read_model(project / "models/series/networks/mlp.safetensors", [MLP])[0][series.n_train])
        mse = np.sort(training_mse(mlp, series.train))
        here = f"{mse[0]:.3f} / {np.median(mse):.3f} / {mse[-1]:.3f}"
        rows.append(row("MLP, tau 4", "training MSE", "0.046 / 0.052 / 0.068", here, MLP_COMMAND, cost))
        print(f"MLP: training MSE {here} over {len(mse)} weight seeds")
    write_json(ROOT / "benchmarks/book.json", {"machine": machine(), "rows": rows})


def row(model: str, figure: str, book: str, here: str, command: str, cost: Cost) -> dict[str, str | int]:
    return {
        "model": model,
        "figure": figure,
        "book": book,
        "here": here,
        "command": command,
        "seconds": round(cost.seconds),
    }


if __name__ == "__main__":
    main()
