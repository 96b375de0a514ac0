"""The experiments in a table that fits the terminal."""

import argparse
import shutil

from stepahead.compare import tables
from stepahead.compare.comparison import compare
from stepahead.compare.runs import read_runs

SUMMARY = "List the experiments of HEAD: the params that vary, and the scores that changed."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: compare takes names."""


def run(arguments: argparse.Namespace) -> None:  # noqa: ARG001
    """Print a line an experiment.

    Raises:
        StepaheadError: there is no experiment.
    """
    comparison = compare(*read_runs([]), sort=True)
    print(tables.overview(comparison, shutil.get_terminal_size().columns))
