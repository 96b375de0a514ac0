"""What the commands' arguments have in common."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from stepahead.core import artifacts, restore
from stepahead.core.errors import StepaheadError
from stepahead.core.params import Rule
from stepahead.core.pipeline import outputs, read_stages
from stepahead.text.tokens.vocab import Vocabulary

VOCABULARY = Path("data/vocab/vocab.json")


def checked(rule: Rule) -> Callable[[str], Any]:
    """An argparse type that follows a rule for params."""

    def convert(value: str) -> Any:
        try:
            return rule(value)
        except ValueError as allowed:
            raise argparse.ArgumentTypeError(f"{value!r}, but it must be {allowed}") from None

    return convert


def model_path(folder: Path, name: str, option: str) -> Path:
    """The file of a trained model, in one of the folders inside `folder` that a stage writes.

    Others are left from an earlier version, whose models may have the same names.

    Raises:
        StepaheadError: there is none of that name; says which there are.
    """
    outs = [Path(out) for stage in read_stages().values() for out in outputs(stage)]
    written = {out.parent if out.suffix else out for out in outs if out.is_relative_to(folder)}
    trained = {path.stem: path for each in sorted(written) for path in sorted(each.glob("*.safetensors"))}
    if name not in trained:
        known = f"{folder}/ has {', '.join(trained)}" if trained else f"{folder}/ is empty: dvc repro fills it"
        raise StepaheadError(f"{option} = {name!r} is no trained model; {known}")
    return trained[name]


def vocabulary_of(models: Iterable[Path]) -> Vocabulary:
    """The vocabulary in data/vocab, with which these language models were trained.

    Raises:
        StepaheadError: one was trained with another, whose numbers stand for other tokens; or it cannot be read.
    """
    vocabulary = Vocabulary(**artifacts.read_json(VOCABULARY))
    for model in models:
        if not restore.as_it_was_for(model, VOCABULARY):
            raise StepaheadError(f"{model} was trained with another vocabulary than {VOCABULARY} is now; run dvc repro")
    return vocabulary
