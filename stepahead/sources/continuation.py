"""The dates that follow those of a series, and as many decimals as its values have."""

from collections.abc import Sequence

import numpy as np

from stepahead.core.artifacts import Array
from stepahead.sources.dates import read_dates
from stepahead.sources.spacing import Spacing, spacing, without_summer_time

DIGITS = 4  # of the standard deviation that a forecast shows at most
DECIMALS = 10


def dates_after(dates: Sequence[str] | None, n: int) -> list[str] | None:
    """The `n` dates after those of a series, in the same form, oldest first; None where the spacing is not known or the
    dates fall."""
    found = read_dates(dates, True, None, "the dates") if dates and len(dates) > 2 else None
    if found is None:
        return None
    times = without_summer_time(found.times)
    if times[-1] < times[0]:
        return None
    spaced = spacing(times)
    if not spaced.unit:
        return None
    return found.labels(np.concatenate([times, _after(times, spaced, n)]))[-n:]


def _after(times: Array, spaced: Spacing, n: int) -> Array:
    """(n,) datetime64[us]: whole months on, each at the usual place; or the open steps of the week; or evenly."""
    ahead = np.arange(1, n + 1)
    if spaced.months:
        months = times.astype("M8[M]")
        later = months[-1] + ahead * spaced.months
        longest = (later + 1).astype("M8[D]") - later.astype("M8[D]") - np.timedelta64(1, "D")
        usual = (times - months)[-12:].max()  # of a series of months' ends that of a long month
        in_months: Array = (later + np.minimum(usual, longest.astype("m8[us]"))).astype("M8[us]")
        return in_months
    step = np.timedelta64(spaced.step, "us")
    if spaced.opening is None:
        evenly: Array = times[-1] + ahead * step
        return evenly
    week = len(spaced.opening)
    all_steps = np.arange(1, (n // int(spaced.opening.sum()) + 2) * week)
    place = (times[-1] - times[0]).astype(int) // spaced.step + all_steps
    after: Array = times[-1] + all_steps[spaced.opening[place % week]][:n] * step
    return after


def decimals(values: Array) -> int:
    """One more than the values (T,) are written with, as far as that tells something beside their spread."""
    written = max(len(f"{value:.{DECIMALS}f}".rstrip("0").partition(".")[2]) for value in values[-1000:].tolist())
    spread = float(np.std(values)) or 1.0
    return int(np.clip(min(written + 1, DIGITS - 1 - np.floor(np.log10(spread))), 0, DECIMALS))
