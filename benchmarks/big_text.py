"""Send long texts through the first stages of the text part: `python -m benchmarks.big_text` (a few minutes, 5 GB).

Each stage runs as its own process, its start included; the corpora are made in a temporary folder. Beside them the
book's way (d2l 9.2: lists of strings) on the smallest. Goes to benchmarks/big_text.json.
"""

import argparse
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clone import ROOT, Cost, machine, run, set_params
from stepahead.core.artifacts import write_json, write_text_chunks

SIZES = (10, 100, 1000)  # MB
KINDS = ("char", "word")
PASSAGE = 2000  # characters


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--book", nargs=2, metavar=("FILE", "KIND"), help="only tokenize one file the book's way")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="MB")
    arguments = parser.parse_args()
    if arguments.book:
        return book(Path(arguments.book[0]), arguments.book[1])
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        for size in arguments.sizes:
            corpus = folder / "data/local/big.txt"
            write_text_chunks(corpus, perturbed((ROOT / "data/bundled/the_tide_clock.txt").read_text("utf-8"), size))
            rows.append(row(size, "", "fetch_corpus", stage("fetch_corpus", folder)))
            for kind in KINDS:
                configure(folder, kind)
                rows += [row(size, kind, each, stage(each, folder)) for each in ("tokenize", "build_vocab")]
                if size == min(arguments.sizes):
                    command = (sys.executable, "-m", "benchmarks.big_text", "--book", str(corpus), kind)
                    rows.append(row(size, kind, "book", run(*command, cwd=ROOT)))
    write_json(ROOT / "benchmarks/big_text.json", {"machine": machine(), "rows": rows})  # machine() needs much memory
    return None


def project(folder: Path) -> Path:
    """What the stages need to run in a folder of its own."""
    for name in ("stages", "stepahead", "dvc.yaml"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "data/bundled", folder / "data/bundled")
    shutil.copy(ROOT / "data/catalog.yaml", folder / "data/catalog.yaml")
    configure(folder, KINDS[0])
    return folder


def configure(folder: Path, kind: str) -> None:
    """The defaults, but all of the corpus in the training span."""
    shutil.copy(ROOT / "params.yaml", folder / "params.yaml")
    set_params(folder / "params.yaml", {"corpus.name": "big.txt", "tokens.kind": kind, "tokens.n_train": -1})


def perturbed(text: str, size: int) -> Iterator[str]:
    """A text of `size` MB: passages from anywhere in `text`, with a wrong letter in each."""
    rng, n = random.Random(0), 0
    while n < size * 10**6:
        start, wrong = rng.randrange(len(text) - PASSAGE), rng.randrange(PASSAGE)
        passage = text[start : start + PASSAGE]
        passage = passage[:wrong] + rng.choice("abcdefghijklmnopqrstuvwxyz") + passage[wrong + 1 :]
        n += len(passage.encode())
        yield passage


def stage(name: str, folder: Path) -> Cost:
    return run(sys.executable, "-m", f"stages.{name}", cwd=folder)


def row(size: int, kind: str, what: str, cost: Cost) -> dict[str, str | float]:
    measured = {"s": round(cost.seconds, 2), "cpu_s": round(cost.cpu, 2), "mb": round(cost.memory)}
    print(f"{size} MB {kind} {what}: {size / cost.seconds:.0f} MB/s, {measured}", flush=True)
    return {"size_mb": size, "kind": kind, "what": what, **measured}


def book(path: Path, kind: str) -> None:
    """Lists of strings from the first line to the last."""
    with path.open(encoding="utf-8") as file:
        lines = [re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in file]
    tokens = [token for line in lines for token in (list(line) if kind == "char" else line.split())]
    index = {token: i for i, (token, _) in enumerate(Counter(tokens).most_common(), start=1)}
    print(len([index[token] for token in tokens]))


if __name__ == "__main__":
    main()
