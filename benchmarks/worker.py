"""A process that waits for work, so that its start-up is outside what is timed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


def serve(tasks: Mapping[str, Callable[..., Any]]) -> None:
    """Answer every line of JSON on stdin, `{"task": name, arguments…}`, with one on stdout; prints go to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            request = json.loads(line)
            answer = tasks[request.pop("task")](**request)
            print(json.dumps(answer), file=answers, flush=True)


class Worker:
    """The other end of `serve`; ends with the process that started it, whose closing of the pipe it sees."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> None:
        self.command = command
        self.process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def __call__(self, task: str, **arguments: Any) -> Any:
        """Do one task and wait for its answer.

        Raises:
            RuntimeError: the process ended instead; why stands on stderr.
        """
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"task": task, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{' '.join(self.command)} ended with {self.process.wait()}")
        return json.loads(answer)

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
