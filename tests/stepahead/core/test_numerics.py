"""Every numeric library runs the code it is held to, in a process of its own that starts as a user's does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stepahead.core import numerics

avx2 = pytest.mark.skipif(not numerics.has_avx2(), reason="needs an x86-64 processor with AVX2, on Linux")

# What the libraries themselves say: OpenBLAS by the name of its kernels and its threads, the others by their features.
TELL = """
import ctypes, json, os, sys
from pathlib import Path
import numpy, scipy, torch
from numpy._core._multiarray_umath import __cpu_features__

def openblas(package, suffix):
    library, = Path(package.__file__).parent.with_name(f"{package.__name__}.libs").glob("libscipy_openblas*")
    blas = ctypes.CDLL(str(library))
    name = getattr(blas, f"scipy_openblas_get_corename{suffix}")
    name.restype = ctypes.c_char_p
    return name().decode(), getattr(blas, f"scipy_openblas_get_num_threads{suffix}")()

print(json.dumps({
    "numpy": openblas(numpy, "64_"),
    "scipy": openblas(scipy, ""),
    "features": [name for name in ("X86_V3", "X86_V4", "AVX512_ICL") if __cpu_features__[name]],
    "torch": torch.backends.cpu.get_cpu_capability(),
    "threads": torch.get_num_threads(),
    "wait": os.environ["OMP_WAIT_POLICY"],
}))
"""
HELD = {"numpy": ["Haswell", 1], "scipy": ["Haswell", 1], "features": ["X86_V3"], "torch": "AVX2", "threads": 1}


def told(code: str, **environment: str) -> Any:
    """What a new process prints after `code`, in this environment less what `pin` has set here."""
    inherited = {name: value for name, value in os.environ.items() if name not in numerics.settings()}
    command = [sys.executable, "-c", code + TELL]
    done = subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@avx2
@pytest.mark.parametrize("start", ["import stages", "import stepahead.__main__"])
def test_stages_and_commands_are_held_to_avx2_and_one_thread(start: str) -> None:
    assert told(start) == HELD | {"wait": "PASSIVE"}


@avx2
def test_the_environment_chooses_no_code_but_how_threads_wait() -> None:
    user = {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "2", "ATEN_CPU_CAPABILITY": "default"}
    assert told("import stages", **user, OMP_WAIT_POLICY="ACTIVE") == HELD | {"wait": "ACTIVE"}


def test_it_is_an_error_to_pin_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", object())
    numerics.pin()  # as it was when NumPy was loaded
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with pytest.raises(RuntimeError, match="too late"):
        numerics.pin()


@pytest.mark.parametrize(
    ("machine", "flags", "held"),
    [
        ("x86_64", "fpu sse4_2 avx fma avx2 bmi2", True),
        ("x86_64", "fpu sse4_2 avx fma", False),  # its code would be an illegal instruction there
        ("aarch64", "fpu avx2 fma", False),
    ],
)
def test_code_is_chosen_only_where_the_processor_has_it(
    machine: str, flags: str, held: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr(numerics, "CPUINFO", tmp_path / "cpuinfo")
    assert not numerics.has_avx2()  # nothing tells
    numerics.CPUINFO.write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: avx2 fma\n")
    assert numerics.has_avx2() == held
    assert ("OPENBLAS_CORETYPE" in numerics.settings()) == held
    assert numerics.settings()["OPENBLAS_NUM_THREADS"] == "1"
