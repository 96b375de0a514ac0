"""The spacing of a series' rows: how far apart they are, what is missing between them, and what to put there."""

from dataclasses import dataclass

import numpy as np

from stepahead.core.artifacts import Array

FILLS = ("refuse", "skip", "previous", "linear", "seasonal")
LATE = 0.01  # of a step: a row that comes early or late by more is counted
EVEN = 0.25  # of a step: where most steps differ by more, there is no usual step
HOLIDAYS = 5  # days in a row without a row that are no gap where weekends are none

_DAY = 86_400_000_000
_WEEK = 7 * _DAY
_SIZES = {"week": _WEEK, "day": _DAY, "hour": _DAY // 24, "minute": 60_000_000, "second": 1_000_000}
UNITS = {"year", "quarter", "month", "weekday", *_SIZES}
"""Steps of one unit."""
_MONTHS = {12: ("year", None), 3: ("quarter", 4), 1: ("month", 12)}
_CHANGES = (3, 4, 9, 10, 11)  # months in which clocks are changed, on a Sunday before four


@dataclass(frozen=True, eq=False)
class Spacing:
    """How far apart the rows of a series are."""

    unit: str
    """One step, such as day, weekday or 3 hours; empty where most steps differ."""
    season: int | None
    """Steps in the next longer of day, week and year."""
    steps: Array
    """(n − 1,) from each row to the next; 1 where nothing is missing."""
    late: int = 0
    """Rows that come early or late by more than a hundredth of a step."""
    step: int = 0
    """In microseconds, and `months` in months where it is of that kind."""
    months: int = 0
    opening: Array | None = None
    """Which steps of the week, counted from the first row, ever have a row, where some never have: on weekends, or in
    the hours in which a market is closed."""

    @property
    def gaps(self) -> Array:
        """The steps missing in each gap."""
        return self.steps[self.steps > 1] - 1

    @property
    def holidays(self) -> bool:
        """Whether all gaps are as short as a market's holidays, in rows that leave weekends out."""
        return self.opening is not None and self.unit.endswith("day") and int(self.gaps.max(initial=0)) <= HOLIDAYS


def spacing(times: Array) -> Spacing:
    """How far apart rising times (n,) datetime64[us] are: in months, or in equal steps of any length.

    Times of the week at which there is never a row, such as weekends, are no gaps.
    """
    ticks = times.astype(np.int64)
    apart = np.diff(ticks)
    if not len(apart):
        return Spacing("", None, apart)
    usual = int(np.sort(apart)[(len(apart) - 1) // 2])
    by_month = np.diff(times.astype("M8[M]").astype(int))
    if usual > 27 * _DAY and by_month.min() > 0 and (apart != usual).any():
        return _in_months(times, by_month)
    steps = np.maximum(np.rint(apart / usual).astype(int), 1)
    off = np.abs(apart - steps * usual) / usual
    late = off > LATE
    if 2 * ((steps == 1) & (off <= EVEN)).sum() <= len(steps):
        return Spacing("", None, np.ones_like(steps), len(steps))
    unit, season = _unit(usual), _season(usual)
    opening = _opening(ticks, usual) if not late.any() else None
    if opening is None:
        return Spacing(unit, season, steps, int(late.sum()), usual)
    place = (ticks - ticks[0]) // usual
    passed = np.cumsum(opening) - 1  # open steps of the week before each
    position = place // len(opening) * opening.sum() + passed[place % len(opening)]
    weekends = usual == _DAY and _weekend(opening, ticks[0])
    season = int(opening.sum()) if usual == _DAY else None
    return Spacing("weekday" if weekends else unit, season, np.diff(position), 0, usual, opening=opening)


def _in_months(times: Array, by_month: Array) -> Spacing:
    step = int(np.sort(by_month)[(len(by_month) - 1) // 2])
    days = (times - times.astype("M8[M]")).astype(int) / _DAY
    steps = np.maximum(np.rint(by_month / step).astype(int), 1)
    late = (np.abs(days - np.median(days))[1:] > 5) | (by_month % step != 0)
    unit, season = _MONTHS.get(step, (f"{step} months", 12 // step if 12 % step == 0 and step < 12 else None))
    return Spacing(unit, season, steps, int(late.sum()), months=step)


def _opening(ticks: Array, step: int) -> Array | None:
    """Which steps of the week, counted from the first row, ever have a row; None where all do or it cannot be told."""
    if step > _DAY or _WEEK % step:
        return None
    opening = np.zeros(_WEEK // step, bool)
    opening[(ticks - ticks[0]) // step % len(opening)] = True
    weekends = step == _DAY and _weekend(opening, ticks[0])
    return opening if weekends or (ticks[-1] - ticks[0] >= 2 * _WEEK and not opening.all()) else None


def _weekend(opening: Array, first: int) -> bool:
    days = (first // _DAY + 3 + np.flatnonzero(~opening)) % 7  # 1 January 1970 was a Thursday
    return sorted(days.tolist()) == [5, 6]


def duration(apart: int) -> str:
    """Microseconds in words."""
    days = round(apart / _DAY, 1)
    return _unit(apart) if apart < _DAY else f"{days:g} day{'s' * (days != 1)}"


def _unit(step: int) -> str:
    for unit, size in _SIZES.items():
        if step % size == 0:
            return unit if step == size else f"{step // size} {unit}s"
    return f"{step / 1e6:g} seconds"


def _season(step: int) -> int | None:
    if step < _DAY:
        return _DAY // step if _DAY % step == 0 else None
    return {_DAY: 7, _WEEK: 52}.get(step)


def with_article(unit: str) -> str:
    """A step in a sentence: an hour, a month, 3 hours."""
    return unit if unit[0].isdigit() else f"{'an' if unit[0] in 'aeiou' or unit == 'hour' else 'a'} {unit}"


def without_summer_time(times: Array) -> Array:
    """Local times (n,), which may show an hour twice and leave one out, as times that go on evenly.

    An hour is such a one on a Sunday before four in a month in which clocks are changed, where rows are an hour or less
    apart. Any other hour that comes twice or is missing stays.
    """
    ticks = times.astype(np.int64)
    apart = np.diff(ticks)
    hour = _SIZES["hour"]
    usual = int(np.median(apart)) if len(apart) else 0
    if not 0 < usual <= hour:
        return times
    month = times.astype("M8[M]").astype(int) % 12 + 1
    sunday = (times.astype("M8[D]").astype(int) + 3) % 7 == 6
    night = (np.isin(month, _CHANGES) & sunday & (ticks % _DAY < 4 * hour))[1:]
    back, forward = night & (apart == usual - hour), night & (apart == usual + hour)
    if not back.any():  # only an hour that comes twice shows that the clock is a local one
        return times
    moved = np.concatenate([[0], np.cumsum(hour * (back.astype(int) - forward.astype(int)))])
    moved_ticks: Array = (ticks + moved).astype("M8[us]")
    return moved_ticks


def fill_times(times: Array, spaced: Spacing) -> Array:
    """The times with those of the missing steps: whole months on, or the open steps of the week, or evenly between."""
    parts = [times[:1]]
    for start, end, steps in zip(times[:-1], times[1:], spaced.steps.tolist(), strict=True):
        if spaced.months:
            month = start.astype("M8[M]")
            later = month + np.arange(1, steps) * spaced.months
            longest = (later + 1).astype("M8[D]") - later.astype("M8[D]") - np.timedelta64(1, "D")  # of that month
            between = later.astype("M8[us]") + np.minimum(start - month, longest.astype("m8[us]"))
        elif spaced.opening is not None:
            all_steps = np.arange(1, (end - start).astype(int) // spaced.step)
            place = (start - times[0]).astype(int) // spaced.step + all_steps
            between = start + all_steps[spaced.opening[place % len(spaced.opening)]] * np.timedelta64(spaced.step, "us")
        else:
            between = start + np.arange(1, steps) * (end - start) / steps
        parts += [between.astype("M8[us]"), np.array([end])]
    return np.concatenate(parts)


def fill_values(values: Array, how: str, season: int | None) -> Array:
    """The values (n,) with those that are NaN filled in; what has no neighbour to be filled from stays.

    Args:
        how: previous: the last known; linear: on the line between the neighbours; seasonal: on the line between the
            values one or more seasons before and after.
    """
    if how == "seasonal":
        filled = values.copy()
        for phase in range(season or 1):
            filled[phase::season] = fill_values(values[phase::season], "linear", None)
        return fill_values(filled, "linear", None)  # what has no season before or after it
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return values
    at = np.arange(len(values))
    if how == "linear":
        return np.interp(at, known, values[known], left=np.nan, right=np.nan)
    last = np.searchsorted(known, at, side="right") - 1
    return np.where(last < 0, np.nan, values[known[last]])
