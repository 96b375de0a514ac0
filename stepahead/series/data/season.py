"""After how many steps a series repeats itself, from its autocorrelation."""

import numpy as np

from stepahead.core.artifacts import Array

STEPS = 20_000  # at most, the last ones
LEAST = 0.5  # the least correlation of a value with that of a season before; of two seasons before, half of it
NEAR = 0.9  # of the highest: twice a season, and three times, correlate as well as one
SEASONS = 3  # the fewest that must lie in the series


def find_season(train: Array) -> int | None:
    """The first lag at which the autocorrelation has a peak about as high as any, or None where it is low.

    A straight line is taken off first. What is looked at begins where the autocorrelation first falls below zero:
    before, neighbours are alike. It must be high again at twice the lag: a wandering series rises by chance once, and
    seldom twice.

    Args:
        train: (T,), of which no value is missing.
    """
    x = train[-STEPS:]
    n, longest = len(x), len(x) // SEASONS
    if longest < 2:
        return None
    time = np.linspace(-1, 1, n)
    x = x - x.mean() - time * (x @ time) / (time @ time)
    spectrum = np.fft.rfft(x, 2 * n)
    sums = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n)[: 2 * longest + 1]
    if sums[0] <= 1e-12 * (train[-STEPS:] @ train[-STEPS:]):
        return None  # a straight line
    correlation = sums / sums[0] * n / (n - np.arange(len(sums)))
    below = np.flatnonzero(correlation[: longest + 1] < 0)
    if not len(below):
        return None
    beyond = correlation[below[0] : longest + 1]
    inner = beyond[1:-1]
    peaks = 1 + np.flatnonzero((inner >= beyond[:-2]) & (inner > beyond[2:]) & (inner >= NEAR * beyond.max()))
    if not len(peaks) or beyond[peaks[0]] < LEAST:
        return None
    lag = int(below[0] + peaks[0])
    again = correlation[2 * lag - lag // 4 : 2 * lag + lag // 4 + 1].max()
    return lag if lag > 1 and again >= LEAST / 2 else None


def season_of(values: Array, of_spacing: int | None, chosen: int | None, n_fitted: int) -> int | None:
    """The steps of a season: as chosen, where 1 is none; or else that of the spacing where the `n_fitted` steps that
    models are fitted on hold two of it; or else as the autocorrelation of `values` (T,) shows."""
    if chosen:
        return chosen if chosen > 1 else None
    if of_spacing and 2 * of_spacing <= n_fitted:
        return of_spacing
    return find_season(values)
