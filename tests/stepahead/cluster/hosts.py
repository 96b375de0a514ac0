"""Machines on one machine: network namespaces on a bridge, each with a disk of its own; or plain processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HEAD = "10.111.0.1"


def permitted() -> str:
    """Why there can be no namespaces here; nothing where there can."""
    if not all(map(shutil.which, ("unshare", "nsenter", "ip", "mount"))):
        return "needs unshare, nsenter, ip and mount"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "ip", "link", "add", "br0", "type", "bridge"], capture_output=True, check=False
    )
    return "" if tried.returncode == 0 else f"network namespaces are not permitted ({tried.stderr.decode().strip()})"


class Hosts:
    """A head, and workers that share no disk with it but the folder `store`.

    Without namespaces all have the loopback address and this disk, and a cut is a stop of the worker's processes.
    """

    def __init__(self, folder: Path, environment: dict[str, str], tls: Sequence[str] = ()) -> None:
        self.folder, self.environment, self.tls = folder, environment, tuple(tls)
        self.reason = permitted()
        self.head_address = "127.0.0.1" if self.reason else HEAD
        self.processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.places: list[tuple[str, ...]] = []
        """how to run a command where each worker is"""
        self.head: tuple[str, ...] = ()
        self.address = ""

    def __enter__(self) -> "Hosts":
        (self.folder / "store").mkdir()
        (self.folder / "disk").mkdir()
        if not self.reason:
            self.head = self._namespace("--net")
            self.at(self.head, "ip link set lo up")
            self.at(self.head, f"ip link add br0 type bridge && ip addr add {HEAD}/24 dev br0 && ip link set br0 up")
        file = self.folder / "scheduler.json"
        scheduler = ("dask", "scheduler", "--host", self.head_address, "--port", "0", "--no-dashboard", *self.tls)
        self.scheduler = self._start(self.head, sys.executable, "-m", *scheduler, "--scheduler-file", str(file))
        while not file.exists() or not file.read_text():
            time.sleep(0.05)
        self.address = next(line for line in file.read_text().split('"') if line.startswith(("tcp://", "tls://")))
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def worker(self, **environment: str) -> int:
        """Start one more; returns its number."""
        number, prefix = len(self.workers) + 1, self.head
        if not self.reason:
            prefix = self._namespace("--net", "--mount", f"--wdns={self.folder}")
            self.at(self.head, f"ip link add port{number} type veth peer name eth0 netns {self.processes[-1].pid}")
            self.at(self.head, f"ip link set port{number} master br0 up")
            self.at(prefix, f"ip link set lo up && ip addr add 10.111.0.{10 + number}/24 dev eth0")
            self.at(prefix, "ip link set eth0 up")
            for hidden in ("project", "disk"):
                self.at(prefix, f"mount -t tmpfs none {self.folder / hidden}")
        self.places.append(prefix)
        disk = self.folder / "disk" / str(number)
        self.at(prefix, f"mkdir -p {disk}")
        options = (*self.tls, "--nthreads=1", "--no-dashboard", "--memory-limit=0", f"--local-directory={disk}")
        command = (sys.executable, "-m", "dask", "worker", self.address, *options)
        self.workers.append(self._start((*prefix, "env", *(f"{k}={v}" for k, v in environment.items())), *command))
        return number

    def kill(self, number: int) -> None:
        """End a worker, its nanny and what they run, as when a machine is switched off."""
        os.killpg(self.workers[number - 1].pid, signal.SIGKILL)

    def cut(self, number: int, seconds: float) -> None:
        """Take a worker off the network for a while."""
        if self.reason:
            os.killpg(self.workers[number - 1].pid, signal.SIGSTOP)
        else:
            self.at(self.head, f"ip link set port{number} down")
        time.sleep(seconds)
        if self.reason:
            os.killpg(self.workers[number - 1].pid, signal.SIGCONT)
        else:
            self.at(self.head, f"ip link set port{number} up")

    def s3(self) -> str:
        """Start a server of S3 on the head, with a bucket `store`; returns its address."""
        address = f"http://{self.head_address}:{5000 + os.getpid() % 5000}"
        host, port = address.removeprefix("http://").split(":")
        self._start(self.head, sys.executable, "-m", "moto.server", "--host", host, "--port", port)
        put = f"import requests; requests.put('{address}/store', timeout=5).raise_for_status()"
        while self.run(sys.executable, "-c", put).returncode:
            time.sleep(0.2)
        return address

    def run(self, *command: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command on the head."""
        return subprocess.run(
            [*self.head, *command], env=self.environment, cwd=cwd, capture_output=True, text=True, check=False
        )

    def start(self, *command: str, cwd: Path) -> "subprocess.Popen[bytes]":
        """Start a command on the head."""
        return self._start(self.head, *command, cwd=cwd)

    def told(self, process: "subprocess.Popen[bytes]") -> str:
        """What one that was started has printed until now."""
        return self._log(self.processes.index(process)).read_text(errors="replace")

    def at(self, prefix: tuple[str, ...], script: str) -> None:
        done = subprocess.run([*prefix, "sh", "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}: {done.stderr}"

    def _namespace(self, *options: str) -> tuple[str, ...]:
        """How to run a command in a new one."""
        keeper = self._start((), "unshare", "--net", "--mount", "sleep", "infinity")
        own = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{keeper.pid}/ns/net").readlink() == own or b"sleep" not in self._cmdline(keeper.pid):
            time.sleep(0.01)
        return ("nsenter", "--target", str(keeper.pid), *options, "--")

    @staticmethod
    def _cmdline(pid: int) -> bytes:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]

    def _start(self, prefix: tuple[str, ...], *command: str, cwd: Path | None = None) -> "subprocess.Popen[bytes]":
        with self._log(len(self.processes)).open("wb") as file:
            process = subprocess.Popen(
                [*prefix, *command],
                cwd=cwd or self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _log(self, number: int) -> Path:
        return self.folder / f"log-{number}"
