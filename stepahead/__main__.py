"""The results from a terminal: python -m stepahead generate, forecast, compare, exps."""

import argparse
import os
import sys

from stepahead.core import numerics
from stepahead.core.errors import StepaheadError
from stepahead.core.stage import in_one_line

numerics.pin()

from stepahead.commands import compare, exps, forecast, generate  # noqa: E402 (they load NumPy)

COMMANDS = {"generate": generate, "forecast": forecast, "compare": compare, "exps": exps}


def main() -> None:
    """Run the command that the arguments name; a person's mistake costs one line."""
    parser = argparse.ArgumentParser(prog="python -m stepahead", description="Use what dvc repro made.")
    subparsers = parser.add_subparsers(required=True)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.SUMMARY, description=command.SUMMARY)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except StepaheadError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("\ninterrupted")
    except BrokenPipeError:
        # whoever read the output has seen enough; Python would complain when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        told = in_one_line(error)
        if told is None:
            raise
        sys.exit(f"error: {told}")


if __name__ == "__main__":
    main()
