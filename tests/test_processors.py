"""The same bytes on other processors: the stages run on those that qemu emulates, instruction by instruction."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.clone import set_params
from stepahead.core import numerics
from stepahead.text.rnn.architecture import CELLS
from tests.project import Project

# Each is a vendor and a generation to the libraries that choose their code by them; none has AVX-512.
PROCESSORS = ("Haswell", "Skylake-Client", "EPYC", "EPYC-Milan,vendor=GenuineIntel")

# They compute nothing that a figure shows: pictures are drawn of what the others wrote.
DRAWING = ("plot_series", "plot_text", "bundle_vega", "write_page")
WRITTEN = ("data/series", "data/corpus", "data/tokens", "data/vocab", "models", "reports/tables", "reports/metrics")
WRITTEN += ("reports/training", "reports/generated.json")

# All stages in one process: emulated, importing torch takes most of the time.
RUN = """
import importlib, os, sys
for name in sys.argv[1:]:
    os.environ["DVC_STAGE"] = name
    importlib.import_module("stages." + name.partition("@")[0]).main()
"""


def qemu() -> tuple[str, int]:
    """Where qemu-x86_64 is, and its version; without it the test is skipped."""
    found = shutil.which("qemu-x86_64")
    if found is None:
        pytest.skip("needs qemu-x86_64, on Debian: apt-get install qemu-user")
    told = re.search(r"version (\d+)", subprocess.check_output([found, "--version"], text=True))
    assert told
    return found, int(told[1])


def results(project: Project, stages: list[str], *emulator: str) -> dict[str, str]:
    """The checksums of all that the stages write, one after another, from nothing."""
    files = [path for name in WRITTEN for path in [project.folder / name, *(project.folder / name).rglob("*")]]
    for path in filter(Path.is_file, files):
        path.unlink()
    alone = {"PYTHON_CPU_COUNT": "1"} if emulator else {}  # it cannot emulate a fork
    done = project.run(*emulator, sys.executable, "-c", RUN, *stages, **alone)
    assert done.code == 0, done.output
    files = [path for name in WRITTEN for path in [project.folder / name, *(project.folder / name).rglob("*")]]
    written = sorted(path for path in files if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(project.folder)): hashlib.md5(path.read_bytes()).hexdigest() for path in written}


@pytest.mark.slow
@pytest.mark.skipif(not numerics.has_avx2(), reason="needs an x86-64 processor with AVX2, on Linux")
@pytest.mark.parametrize("processor", PROCESSORS)
def test_another_processor_changes_no_byte(processor: str, project: Project) -> None:
    emulator, version = qemu()
    # Version 7.2 computes oneDNN's LSTM wrong, in the first digit, where it does not crash; version 10 does not.
    cells = [cell for cell in CELLS if cell != "lstm" or version >= 10]
    set_params(project.folder / "params.yaml", {"models.rnn": cells, "recurrent.epochs": 2})
    stages = [name for name in project.pipeline() if name not in (*DRAWING, "train_rnn")]
    at = stages.index("train_ngram")
    stages[at:at] = [f"train_rnn@{cell}" for cell in cells]
    expected = results(project, stages)
    assert set(expected) >= {f"models/text/rnn/{cell}.safetensors" for cell in cells} | {"reports/metrics/kstep.json"}
    found = results(project, stages, emulator, "-cpu", processor)
    assert [name for name in expected if found[name] != expected[name]] == []
    assert set(found) == set(expected)
