"""Time to quality: `python -m benchmarks.quality` (about three minutes).

Two goals, each one command run in a fresh clone of the last commit: the book's training perplexity of the concise RNN
with 256 hidden units, beside d2l's own training of it; and the lowest held-out perplexity in about a minute. The
settings were chosen on the training and the validation span. Results go to benchmarks/quality.json.
"""

import os
import shlex
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.clone import ROOT, clone, machine
from benchmarks.peer import environment
from benchmarks.whole_job import stages, timed
from benchmarks.worker import Worker
from stepahead.core.artifacts import write_json
from stepahead.report.results import read_perplexities

TEXT = "dvc exp run evaluate_perplexity -S corpus.name=time_machine"
BOOK_COMMAND = f"{TEXT} -S 'models.rnn=[rnn]' -S rnn.n_seeds=1"
HELD_OUT_COMMAND = (
    f"{TEXT} -S tokens.n_train=-1 -S tokens.n_val=17343 -S tokens.n_test=17343 -S 'models.ngram=[6,12]' "
    "-S 'models.rnn=[lstm]' -S rnn.forget_bias=1 -S rnn.num_steps=32 -S rnn.lr=0.01 -S rnn.lr_warmup=100 "
    "-S rnn.epochs=8 -S rnn.dropout_output=0.2 -S evaluate.dynamic_lr=0.0002"
)
HELD_OUT_MODELS = ("ngram_12", "adaptive_ngram_12", "lstm", "ensemble", "mixture", "adaptive_mixture")
EPOCHS, THREADS, SEED = 500, 2, 0  # of d2l's training


def main() -> None:
    where = machine() | {"threads": str(THREADS)}
    with tempfile.TemporaryDirectory() as folder:
        rows = [by_d2l(environment.prepare(), Path(folder) / "start.npz")]
        rows += by_command(BOOK_COMMAND, ["rnn"], Path(folder) / "book")
        rows += by_command(HELD_OUT_COMMAND, HELD_OUT_MODELS, Path(folder) / "held_out")
    write_json(ROOT / "benchmarks/quality.json", {"machine": where, "rows": rows})


def by_d2l(python: Path, start: Path) -> dict[str, Any]:
    """The book's training, in a process that has started: seconds of its epochs alone."""
    peer = Worker([str(python), "-m", "benchmarks.peer.train"], environment.WORK, environment.variables())
    peer("start", threads=THREADS)
    peer("initial", path=str(start), cell="rnn", num_hiddens=256, seed=SEED)
    done = peer("train", path=str(start), cell="rnn", num_hiddens=256, seed=SEED, epochs=EPOCHS)
    peer.close()
    row = {"model": f"d2l, nn.RNN, {EPOCHS} epochs", "training_s": done["seconds"], "book": done["perplexities"][-1]}
    print(f"{row['model']}: training perplexity {row['book']:.2f} after {row['training_s']:.1f} s", flush=True)
    return row | {"command": None, "seconds": None, "val": None, "test": None}


def by_command(command: str, models: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """A row for each of the models: seconds of its training stage, start-up and DVC included, and of the command."""
    project = clone(folder)
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "STEPAHEAD_MIRROR": str(environment.DATA),
        "PYTHONUNBUFFERED": "1",
    }
    seconds, lines = timed(shlex.split(command), project, env)
    print(f"{command}: {seconds:.1f} s", flush=True)
    took, scores = stages(lines, seconds), read_perplexities(project / "reports/tables/perplexity.csv")
    rows = []
    for model in models:
        training = sum(took[stage] for stage in training_stages(model, took))
        row = {"model": model, "command": command, "training_s": training, "seconds": seconds}
        rows.append(row | {key: scores[model][key] for key in ("book", "val", "test")})
        print(f"  {model}: {scores[model]}", flush=True)
    return rows


def training_stages(model: str, ran: Iterable[str]) -> list[str]:
    """Those of the stages `ran` that a row of perplexity.csv needs: of an ensemble all networks, of a mixture all."""
    what = model.removeprefix("adaptive_")
    wanted = {"ensemble": "train_rnn@", "mixture": "train_"}.get(what, f"train_rnn@{what}")
    return [stage for stage in ran if stage.startswith("train_ngram" if what.startswith("ngram_") else wanted)]


if __name__ == "__main__":
    main()
