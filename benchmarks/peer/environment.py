"""The peer, d2l 0.17.6 from the package registry, in an environment of its own: `.cache/peer`.

The environment finds the project's packages through a .pth file, behind its own, so that both sides compute with the
same torch, byte for byte, and no second copy of it is installed. What d2l imports besides is pinned in
requirements.txt. torchvision, which chapter 8 does not use, is an empty stand-in.
"""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path

from benchmarks.clone import ROOT
from stepahead.core.artifacts import read_text, write_text
from stepahead.core.errors import StepaheadError
from stepahead.sources.catalog import read_catalog
from stepahead.sources.download import fetch

D2L = "d2l==0.17.6"
HOME = ROOT / ".cache/peer"
DATA, WORK = HOME / "data", HOME / "work"
"""d2l looks for its files in ../data, seen from the folder it runs in."""

REQUIREMENTS = ROOT / "benchmarks/peer/requirements.txt"
# set at the start of a process: figures are drawn for files, and no settings of the user's are read
VARIABLES = {"MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore", "IPYTHONDIR": str(HOME / "ipython")}


def prepare() -> Path:
    """The environment's Python; the environment is made where it is missing, or was made of something else.

    Where it cannot be, or the corpus cannot be fetched, the benchmark ends with one line that says why.
    """
    try:
        return _prepare()
    except StepaheadError as error:
        sys.exit(f"error: {error}")


def _prepare() -> Path:
    beside = {"project.pth": f"{_project_packages()}\n{ROOT}\n", "torchvision.py": "transforms = None\n"}
    d2l = ["--no-deps", D2L]  # it asks for versions of 2021
    others = ["--constraint", str(ROOT / "constraints.txt"), "--requirement", str(REQUIREMENTS)]
    made_of = f"{D2L}\n{sys.version}\n{_project_packages()}\n{read_text(REQUIREMENTS)}"
    python = make(HOME, D2L, made_of, [d2l, others], beside)
    _place_corpus()
    WORK.mkdir(parents=True, exist_ok=True)
    return python


def variables() -> dict[str, str]:
    """The environment variables of the peer's processes."""
    return os.environ | VARIABLES


def _project_packages() -> str:
    return sysconfig.get_path("purelib")


def make(home: Path, package: str, made_of: str, installs: list[list[str]], beside: Mapping[str, str]) -> Path:
    """The Python of the environment in `home`, which is made where it is missing, or was made of something else.

    Args:
        package: what it is for.
        installs: what pip is asked for, one call after another.
        beside: files that are put beside the packages first.

    Raises:
        StepaheadError: something cannot be installed.
    """
    python, marker = home / "venv/bin/python", home / "ready.txt"
    if marker.exists() and read_text(marker) == made_of:
        return python
    print(f"making the environment of {package} in {home.relative_to(ROOT)}", flush=True)
    marker.unlink(missing_ok=True)
    venv.create(home / "venv", clear=True, with_pip=True)
    packages = home / f"venv/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    for name, content in beside.items():
        write_text(packages / name, content)
    for wanted in installs:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.splitlines() or ["pip gives no reason"])[-1]
            raise StepaheadError(
                f"{package}, or what it imports, cannot be installed ({reason}); connect to the internet, or set "
                "PIP_INDEX_URL to a package index that can be reached"
            )
    write_text(marker, made_of)
    return python


def _place_corpus() -> None:
    """The Time Machine as the project fetches it, where d2l finds it and so does not download it."""
    source = read_catalog(ROOT / "data/catalog.yaml")["time_machine"]
    mirror, cache = os.environ.get("STEPAHEAD_MIRROR"), ROOT / ".cache/downloads"
    fetched = fetch(source, mirror=mirror, cache=cache, param="corpus.name", fallback="bundled")
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / source.file).write_bytes(fetched.content)
