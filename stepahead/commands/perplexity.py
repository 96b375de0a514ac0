"""How well the trained language models predict other texts: books by the same author, by another, or your own."""

import argparse
import sys
from pathlib import Path

import numpy as np

from stepahead.commands.arguments import vocabulary_of
from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError, printable
from stepahead.report.text_table import aligned
from stepahead.sources.corpora import read_file
from stepahead.text.scoring.load import load_models, ngram_files
from stepahead.text.scoring.perplexity import perplexity
from stepahead.text.tokens.normalization import normalize
from stepahead.text.tokens.tokens import kept_line
from stepahead.text.tokens.vocab import Vocabulary

SUMMARY = "Score the trained language models on other texts."
FOLDER = Path("models/text")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="+", help="a text file")


def run(arguments: argparse.Namespace) -> None:
    """Write a line for each model, its perplexity on each file; below them how much of each file is unknown.

    Raises:
        StepaheadError: there is no model, or one was trained with another vocabulary, or a file is no text or leaves
            no token.
    """
    paths = {path.stem: path for path in sorted((FOLDER / "rnn").glob("*.safetensors"))} | ngram_files(FOLDER / "ngram")
    if not paths:
        raise StepaheadError(f"{FOLDER}/ holds no trained model; dvc repro evaluate_perplexity trains them")
    vocabulary = vocabulary_of(paths.values())
    texts = {file: tokens_of(file, vocabulary) for file in arguments.file}
    rows = {}
    for name, path in paths.items():
        model = load_models(path, "cpu", threads=1)[0]
        rows[name] = [f"{perplexity(model.nll(ids)):.2f}" for ids in texts.values()]
    unknown = [f"{np.mean(ids == 0):.1%}" for ids in texts.values()]
    ordered = sorted(rows.items(), key=lambda row: float(row[1][0]))
    header = ["perplexity", *(printable(file.name) for file in texts)]
    print("\n".join(aligned([header, *([name, *cells] for name, cells in ordered), ["unknown tokens", *unknown]])))


def tokens_of(file: Path, vocabulary: Vocabulary) -> Ids:
    """The text in a file as the vocabulary's indices (T,), with a warning where normalising drops much of it.

    Raises:
        StepaheadError: it is no text, or leaves no token.
    """
    text = "".join(read_file(file, "file"))
    normalized = normalize(text, vocabulary.normalize)
    if not normalized.strip():
        raise StepaheadError(
            f"{file}: tokens.normalize = {vocabulary.normalize} leaves nothing of it; take another text"
        )
    kept = kept_line(len(text), len(normalized), vocabulary.normalize)
    if kept.startswith("warning"):
        print(printable(f"{file}: {kept}"), file=sys.stderr)
    return vocabulary.encode_text(text)
