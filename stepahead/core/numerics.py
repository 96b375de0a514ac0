"""The same arithmetic on every x86-64 processor with AVX2.

NumPy, SciPy and torch, and the libraries in them, choose their code by what the processor has, when they are loaded.
Wider instructions add in another order, and other vendors get other code; so the last digits differ, and a long
training makes them first digits. Where all of them are held to AVX2, and to one thread, the bytes are the same.
"""

import os
import platform
import sys
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")

CODE = {
    "OPENBLAS_CORETYPE": "Haswell",  # NumPy's and SciPy's matrix products and decompositions
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",  # NumPy's own loops; names of NumPy 2.4
    "MKL_CBWR": "COMPATIBLE",  # torch's matrix products and some of its functions; by AVX2 it means Intel's only
    "ATEN_CPU_CAPABILITY": "avx2",  # torch's own loops
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # torch's LSTM
}

THREADS = {
    "OPENBLAS_NUM_THREADS": "1",  # a sum split in two is another sum
    "OMP_NUM_THREADS": "1",  # where a stage begins; the param `threads` says how many torch may use
}


def pin() -> None:
    """Choose the code and the threads of the numeric libraries, before they are loaded.

    What a person has set in the environment gives way, because results must depend on the params alone; but how
    threads wait is theirs to say, because it changes no result. Without a word from them, waiting threads sleep: on a
    busy machine those that do not hinder each other a hundredfold.

    Raises:
        RuntimeError: NumPy is loaded already, and its choice is made.
    """
    wanted = settings()
    if "numpy" in sys.modules and not wanted.items() <= os.environ.items():
        raise RuntimeError("numerics.pin() comes too late: NumPy is loaded, and has chosen its code")
    os.environ.update(wanted)


def settings() -> dict[str, str]:
    """The environment variables that `pin` sets here."""
    passive = {"OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "PASSIVE")}
    return passive | THREADS | (CODE if has_avx2() else {})


def has_avx2() -> bool:
    """Whether this is an x86-64 processor that is known to have AVX2, which only Linux tells in a file."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        with CPUINFO.open(encoding="utf-8") as lines:
            flags = next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return False
    return {"avx2", "fma"} <= set(flags.split())
