"""Whether there is memory for what the params ask, said before it is asked of the system.

Linux promises more memory than there is and kills who uses it; libraries that get none abort. Neither says a word.
"""

import math
import os
from pathlib import Path

from stepahead.core.errors import StepaheadError

share = math.inf
"""Bytes for this process where several work side by side: each alone would find all that is free."""


def check(n_bytes: float, what: str, way_out: str) -> None:
    """Refuse to begin what cannot end; `n_bytes` may be a rough estimate.

    Args:
        what: the params and their values.
        way_out: what a person can do.

    Raises:
        StepaheadError: less than `n_bytes` of memory is free, or is this process's share.
    """
    free = available()
    if share < n_bytes <= free:
        way_out += ", or set PYTHON_CPU_COUNT=1 to have one process at a time"
    free = min(free, share)
    if n_bytes > free:
        raise StepaheadError(
            f"{what} would take about {_shown(n_bytes)} of memory, and {_shown(free)} are free; {way_out}"
        )


def available() -> float:
    """Bytes of memory that are free, in this process's container where it has one; infinite where no one says."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        try:
            free = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        except (ValueError, OSError, AttributeError):
            return float("inf")
    try:
        limit, used = (int(Path(f"/sys/fs/cgroup/memory.{name}").read_text("ascii")) for name in ("max", "current"))
        return min(free, limit - used)
    except (OSError, ValueError):  # there is none, or its limit is the word max
        return free


def _shown(n_bytes: float) -> str:
    unit, name = next(((size, name) for size, name in ((1e12, "TB"), (1e9, "GB")) if n_bytes >= size), (1e6, "MB"))
    return f"{n_bytes / unit:,.3g} {name}" if n_bytes < 1e15 else f"{n_bytes:.0e} bytes"
