"""The results from a terminal: python -m stepahead generate, fit, forecast, compare, sweep, …"""

import argparse
import os
import sys

from stepahead.core import numerics, stage

numerics.pin()

from stepahead.commands import (  # noqa: E402 (they load NumPy)
    compare,
    exps,
    fit,
    forecast,
    generate,
    perplexity,
    score_many,
    sweep,
)

COMMANDS = {
    "generate": generate,
    "perplexity": perplexity,
    "fit": fit,
    "forecast": forecast,
    "compare": compare,
    "exps": exps,
    "sweep": sweep,
    "score-many": score_many,
}


def main() -> None:
    """Run the command that the arguments name; a person's mistake costs one line."""
    parser = argparse.ArgumentParser(prog="python -m stepahead", description="Use what dvc repro made.")
    subparsers = parser.add_subparsers(required=True)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.SUMMARY, description=command.SUMMARY)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    arguments = parser.parse_args()
    stage.begin_command()
    try:
        arguments.run(arguments)
    except KeyboardInterrupt:
        sys.exit("\ninterrupted")
    except BrokenPipeError:
        # whoever read the output has seen enough; Python would complain when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
