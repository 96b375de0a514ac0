"""Rules for the params of a series that more than one command reads."""

from typing import Any

from stepahead.core import params
from stepahead.series.data.scale import TRANSFORMS


def steps_or_share(value: Any) -> float:
    """A whole number of steps, or a share of all."""
    allowed = "a whole number of steps, or a share between 0 and 1"
    try:
        found: float = params.number(above=0)(value)
        return found if found < 1 else params.integer(1)(value)
    except ValueError:
        raise ValueError(allowed) from None


def transforms(value: Any) -> tuple[str, ...]:
    """none, or one or more transforms."""
    named = [value] if isinstance(value, str) else value
    try:
        return () if value == "none" else params.list_of(params.choice(*TRANSFORMS))(named)
    except ValueError:
        raise ValueError(f"none, one of {', '.join(TRANSFORMS)}, or a list of these") from None
