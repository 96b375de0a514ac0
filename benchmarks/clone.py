"""What the benchmarks share: a clone to run in, a command's cost, and the machine it was measured on."""

import os
import platform
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cost:
    """What a command took, and what it printed."""

    seconds: float
    memory: float
    """MB, the most that one of its processes held"""
    cpu: float
    """seconds of processor time"""
    output: str


def clone(folder: Path) -> Path:
    """The last commit of this checkout in a new folder, with an empty DVC cache."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def preset(name: str) -> dict[str, Any]:
    """The params (dotted) that a file in presets/ sets, which holds options of `dvc exp run`."""
    words = shlex.split((ROOT / "presets" / name).read_text(encoding="utf-8"))
    pairs = [word.partition("=") for word in words if word != "-S"]
    return {key: yaml.safe_load(value) for key, _, value in pairs}


def set_params(path: Path, values: dict[str, Any]) -> None:
    """Change keys (dotted) of a params.yaml, as a person would."""
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in values.items():
        *sections, leaf = key.split(".")
        node = tree
        for section in sections:
            node = node[section]
        node[leaf] = value
    path.write_text(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True), encoding="utf-8")


def run(*command: str, cwd: Path) -> Cost:
    """Run a command with this environment's Python; stop with its output if it fails."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{output}")
    return Cost(time.monotonic() - started, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, output)


def machine() -> dict[str, str]:
    """Where and when: processor, cores, load, versions, date."""
    import torch

    return {
        "date": date.today().isoformat(),
        "cpu": _cpu(),
        "processor": f"{platform.machine()}, {os.cpu_count()} cores",
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _cpu() -> str:
    """The processor's name, which only Linux tells in a file."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
