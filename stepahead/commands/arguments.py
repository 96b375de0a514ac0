"""What the commands' arguments have in common."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stepahead.core.errors import StepaheadError
from stepahead.core.params import Rule


def checked(rule: Rule) -> Callable[[str], Any]:
    """An argparse type that follows a rule for params."""

    def convert(value: str) -> Any:
        try:
            return rule(value)
        except ValueError as allowed:
            raise argparse.ArgumentTypeError(f"{value!r}, but it must be {allowed}") from None

    return convert


def model_path(folder: Path, name: str, option: str) -> Path:
    """The file of a trained model.

    Raises:
        StepaheadError: there is none of that name; says which there are.
    """
    trained = {path.stem: path for path in sorted(folder.rglob("*.safetensors"))}
    if name not in trained:
        known = f"{folder}/ has {', '.join(trained)}" if trained else f"{folder}/ is empty: dvc repro fills it"
        raise StepaheadError(f"{option} = {name!r} is no trained model; {known}")
    return trained[name]
