"""Compare experiments: a table in the terminal, and reports/compare.html with the curves."""

import argparse
import shutil
from pathlib import Path

from stepahead.compare import tables
from stepahead.compare.comparison import compare
from stepahead.compare.page import comparison_page
from stepahead.compare.runs import read_runs
from stepahead.core import artifacts
from stepahead.report.page import read_assets, render

PAGE = Path("reports/compare.html")
SUMMARY = "Compare experiments: params, metrics and curves side by side."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "experiments",
        nargs="*",
        metavar="EXPERIMENT",
        help="experiments, revisions, or workspace; the others are compared with the first, and a single one with the "
        "workspace (default: HEAD, the workspace and all experiments of HEAD)",
    )
    parser.add_argument("--markdown", action="store_true", help="only print the metrics, as Markdown")


def run(arguments: argparse.Namespace) -> None:
    """Print the tables and write the page.

    Raises:
        StepaheadError: a name is unknown, or there is nothing to compare.
    """
    runs, notes = read_runs(arguments.experiments)
    comparison = compare(runs, notes, sort=not arguments.experiments)
    if arguments.markdown:
        print(tables.markdown(comparison))
        return
    print(tables.terminal(comparison, shutil.get_terminal_size().columns), flush=True)
    assets = read_assets(Path("stepahead/report/template"), Path("reports/vega.js"))
    artifacts.write_text(PAGE, render("compare.html", comparison_page(comparison), assets))
    print(f"\nThe curves: {PAGE}")
