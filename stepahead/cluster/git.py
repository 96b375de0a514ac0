"""Git commands, and the one line of a failed command's output that says why."""

import subprocess
from pathlib import Path

from stepahead.core.errors import StepaheadError


def git(*arguments: str, check: bool = True) -> str:
    """What a git command says; nothing where it fails and that is no matter.

    Raises:
        StepaheadError: it fails.
    """
    return git_output(*arguments, check=check).decode(errors="surrogateescape")


def git_output(*arguments: str, cwd: Path | None = None, check: bool = True) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode and check:
        raise StepaheadError(reason(done.stderr.decode(errors="replace")))
    return b"" if done.returncode else done.stdout


def reason(output: str) -> str:
    """The line of a failed command's output that says why."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if line.lower().startswith(("error: ", "fatal: "))]
    chosen = next(iter(told), lines[-1] if lines else "it ended without a word")
    return chosen.partition(": ")[2] if told else chosen
