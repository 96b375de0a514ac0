"""A param's value as `dvc exp run -S` takes it: in Hydra's grammar, and quoted once more for the shell."""

import json
import re
import shlex
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)
_WORDS = {"null", "true", "false", "nan", "inf"}  # which Hydra reads as other than a text, in any case


def override(key: str, value: Any) -> str:
    """The option -S that gives `key` this value, to paste into a shell."""
    return f"-S {shlex.quote(f'{key}={literal(value)}')}"


def literal(value: Any) -> str:
    """A value that Hydra's parser gives back unchanged: a text, number, flag, null, or a list of these."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(literal, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    # Hydra takes a backslash for itself, except before a quote
    escaped = re.sub(r'(\\*)("|\Z)', lambda found: 2 * found[1] + (r"\"" if found[2] else ""), value)
    return f'"{escaped}"'
