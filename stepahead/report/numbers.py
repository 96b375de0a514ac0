"""Numbers as a reader sees them: on pages, and along axes."""

import math
from collections.abc import Sequence

MOST = 10  # ticks on a logarithmic axis
MULTIPLES = ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))


def number(value: float, digits: int = 3) -> str:
    """`value` with so many significant digits and no exponent: 0.0361, 5.40, 128, 12,345."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 12)}f}"


def short(value: float) -> str:
    """With two digits, or a whole number in full; with a power of ten far from 1: 3,984,016, 0.064, 8.0 × 10⁹."""
    if value and not 1e-4 <= abs(value) < 1e9:
        return scientific(value, 1)
    return f"{value:,}" if isinstance(value, int) else f"{value:.2g}"


def scientific(value: float, decimals: int = 0) -> str:
    """3 × 10⁻⁷, or 10⁻⁷ alone."""
    digits, _, exponent = f"{value:.{decimals}e}".partition("e")
    power = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return power if digits == "1" else f"{digits} × {power}"


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, both above zero, for a logarithmic axis; as many as it has room for."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for multiples in MULTIPLES:
        ticks = _within(low, high, [float(f"{multiple}e{power}") for power in powers for multiple in multiples])
        if len(ticks) <= MOST:
            break
    else:  # many powers of ten: every second, or third, …
        ticks = ticks[:: math.ceil(len(ticks) / MOST)]
    return ticks if len(ticks) > 2 else _even_ticks(low, high)


def _even_ticks(low: float, high: float) -> list[float]:
    """Multiples of a round step: in a short range there are more of them than of powers of ten."""
    room = (high - low) / 4 or low
    power = math.floor(math.log10(room))
    step = max(size for size in (float(f"{multiple}e{power}") for multiple in (1, 2, 5)) if size <= room)
    first = math.ceil(low / step)
    return _within(low, high, [float(f"{(first + i) * step:.12g}") for i in range(MOST)])


def _within(low: float, high: float, ticks: Sequence[float]) -> list[float]:
    return [tick for tick in ticks if low <= tick <= high]
