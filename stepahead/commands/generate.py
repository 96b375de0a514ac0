"""Let a trained language model continue a text in the terminal, token by token."""

import argparse
import sys
from pathlib import Path

import numpy as np

from stepahead.commands.arguments import checked, model_path, vocabulary_of
from stepahead.core import params
from stepahead.core.errors import printable
from stepahead.text.scoring.generation import generate
from stepahead.text.scoring.load import load_models

SUMMARY = "Let a trained language model continue a text."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    number = params.number(low=0)
    parser.add_argument("--cell", required=True, help="the model: lstm, ngram_6, … as in models/text/")
    parser.add_argument("--prefix", default="", help="the text to continue (default: none)")
    parser.add_argument("--length", type=checked(params.integer(1)), default=200, help="tokens to add (default: 200)")
    parser.add_argument(
        "--temperature", type=checked(number), default=0.0, help="0: the most probable token (default); 1: as the model"
    )
    parser.add_argument("--top-k", type=checked(params.integer(1)), help="draw from the k most probable tokens only")
    parser.add_argument("--seed", type=checked(params.integer(0)), default=0, help="of the draws (default: 0)")
    parser.add_argument("--allow-unknown", action="store_true", help="let unknown characters in the prefix be <unk>")


def run(arguments: argparse.Namespace) -> None:
    """Write the prefix and, as they come, the tokens that follow it.

    Raises:
        StepaheadError: there is no such model, it was trained with another vocabulary, or the prefix holds tokens that
            it does not know.
    """
    path = model_path(Path("models/text"), arguments.cell, "--cell")
    vocabulary = vocabulary_of([path])
    if arguments.allow_unknown:
        prefix = vocabulary.encode_text(arguments.prefix)
    else:
        prefix = vocabulary.encode_prefix(arguments.prefix, "--prefix", "add --allow-unknown")
    model = load_models(path, "cpu", threads=1)[0]
    write(vocabulary.decode(prefix.tolist()))
    generator = np.random.default_rng(arguments.seed)
    ids = generate(model, prefix, arguments.length, arguments.temperature, arguments.top_k, generator)
    for piece in vocabulary.stream(ids):
        write(piece)
    write("\n")


def write(text: str) -> None:
    """Show text at once, line breaks as they are, and nothing that could act on the terminal."""
    sys.stdout.write("\n".join(printable(line) for line in text.split("\n")))
    sys.stdout.flush()
