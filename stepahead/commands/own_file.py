"""A file of the user's own on the command line: how to read it."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

from stepahead.core.errors import StepaheadError
from stepahead.sources.csv_column import DECIMALS, DELIMITERS, FILLS, ORDERS, Column, Reading, read_column

CHOICES: Mapping[str, tuple[str, ...]] = {
    "order": ORDERS,
    "fill": FILLS,
    "delimiter": tuple(DELIMITERS),
    "decimal": tuple(DECIMALS),
    "day_first": ("true", "false"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and an option for each param of the section series that says how to read it."""
    parser.add_argument("file", type=Path, help="a CSV file with a header")
    parser.add_argument("--column", help="of the values (default: the only one of numbers)")
    for each in fields(Reading):
        if each.name != "column":
            option, choices = f"--{each.name.replace('_', '-')}", CHOICES.get(each.name)
            parser.add_argument(option, choices=choices, help=f"as series.{each.name} in params.yaml")


def read_file(arguments: argparse.Namespace, reading: Reading) -> tuple[Column, Reading]:
    """The series in the file, and how it was read: as `reading` says where no option does.

    Raises:
        StepaheadError: the file cannot be read, or holds no series.
    """
    given = {each.name: getattr(arguments, each.name) for each in fields(Reading)}
    given = {name: value for name, value in given.items() if value is not None}
    if "day_first" in given:
        given["day_first"] = given["day_first"] == "true"
    reading = replace(reading, **given)
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        raise StepaheadError(f"{arguments.file} cannot be read ({error.strerror}); name a CSV file") from None
    try:
        return read_column(content, str(arguments.file), reading), reading
    except StepaheadError as error:
        names = "|".join(each.name for each in fields(Reading))  # of params, which a file's name may look like
        raise StepaheadError(re.sub(rf"(?<![\w/.-])series\.({names})\b(=)?", _option, str(error))) from None


def _option(param: re.Match[str]) -> str:
    return f"--{param[1].replace('_', '-')}{' ' if param[2] else ''}"
