"""DVC with independent stages side by side: `python -m stepahead.parallel 2 repro`, or `… 2 exp run -S tau=8`.

After the number of stages at a time come the arguments of a `dvc` command. DVC itself does all the work; what is
replaced is its loop over the stages, by threads that start a stage as soon as those before it are done. One thread at a
time runs DVC's own code: it takes its turn with the repository's lock, and gives both up while its command runs.
"""

import gc
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from signal import SIGINT, signal
from subprocess import PIPE, STDOUT, Popen
from typing import Any

import networkx as nx
from dvc import dvcfile
from dvc.cli import main as dvc
from dvc.exceptions import ReproductionError
from dvc.repo import reproduce
from dvc.stage import run
from dvc.stage.exceptions import StageCmdFailedError
from dvc.utils.serialize import dumps_yaml, load_yaml

Stage = Any  # a dvc.stage.Stage
one_after_another = reproduce._reproduce
arguments = sys.argv
turn = threading.Lock()
"""held by the thread that runs DVC's own code"""


def side_by_side(
    stages: Sequence[Stage],
    graph: Any = None,
    repro_fn: Callable[..., Stage | None] = reproduce._reproduce_stage,
    on_error: str = "fail",
    force_downstream: bool = False,
    *,
    jobs: int,
    **options: Any,
) -> list[Stage]:
    """Stand in for DVC's loop over `stages`, whose edges in `graph` lead to what each needs; return those that ran.

    After a failure or Ctrl-C no other stage starts, and those that run come to their end.

    Raises:
        ReproductionError: a stage failed.
        KeyboardInterrupt: on Ctrl-C.
    """
    needs_order = on_error != "fail" or force_downstream or options.get("dry") or options.get("interactive")
    if graph is None or not stages or needs_order:
        order = {"on_error": on_error, "force_downstream": force_downstream}
        return list(one_after_another(stages, graph, repro_fn=repro_fn, **order, **options))
    repo, stop = stages[0].repo, threading.Event()
    repo.lock._wait = True  # where another dvc holds it for long: what has been computed must not be lost
    run.cmd_run = _run_command
    dvcfile.modify_yaml = partial(lock_file, order=[getattr(stage, "name", "") for stage in stages])

    def reproduced(stage: Stage) -> Stage | None:
        _take_turn(stage)
        try:
            with repo.lock:
                return repro_fn(stage, upstream=list(graph.successors(stage)), **options)
        finally:
            turn.release()

    left = sorted(stages, key=lambda stage: -len(nx.ancestors(graph, stage)))  # first what most stages wait for
    running = dict[Future[Stage | None], Stage]()
    ran, failed = list[Stage](), dict[str, BaseException]()
    interrupt = signal(SIGINT, lambda *_: stop.set())  # a terminal sends it to the running commands too
    repo.lock.unlock()
    try:
        with ThreadPoolExecutor(jobs) as pool:
            while running or (left and not stop.is_set()):
                unfinished = {*left, *running.values()}
                ready = [stage for stage in left if unfinished.isdisjoint(graph.successors(stage))]
                for stage in ready[: 0 if stop.is_set() else jobs - len(running)]:
                    left.remove(stage)
                    running[pool.submit(reproduced, stage)] = stage
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    stage = running.pop(future)
                    if error := future.exception():
                        failed[stage.addressing] = error
                        if running and not stop.is_set():
                            others = ", ".join(other.addressing for other in running.values())
                            print(f"{stage.addressing} failed; {others} still to end", flush=True)
                        stop.set()
                    elif future.result():
                        ran.append(stage)
    finally:
        repo.lock.lock()
        signal(SIGINT, interrupt)
    if failed:
        raise ReproductionError(f"failed to reproduce {', '.join(failed)}") from next(iter(failed.values()))
    if stop.is_set():
        raise KeyboardInterrupt
    return ran


def _take_turn(stage: Stage) -> None:
    turn.acquire()
    sys.argv = [*arguments, stage.addressing]  # by which DVC tells who has locked a file


def _run_command(stage: Stage, dry: bool, run_env: dict[str, str] | None) -> None:  # noqa: ARG001
    """Run a stage's command as DVC does, its name before every line that it prints, while other threads go on."""
    turn.release()
    try:
        for command in run._enforce_cmd_list(stage.cmd):
            run.logger.info("Running stage '%s':\n> %s", stage.addressing, command)
            shell = run._make_cmd(run.get_executable(), command)
            with Popen(shell, stdout=PIPE, stderr=STDOUT, **run.prepare_kwargs(stage, run_env)) as process:
                for line in process.stdout or ():
                    sys.stdout.buffer.write(f"{stage.addressing} | ".encode() + line.rstrip() + b"\n")
                    sys.stdout.buffer.flush()
            if process.returncode:
                raise StageCmdFailedError(command, process.returncode)
    finally:
        _take_turn(stage)


@contextmanager
def lock_file(path: str, fs: Any = None, order: Sequence[str] = ()) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    """dvc.lock to change, as DVC's `modify_yaml`, but read in a fifth of the time, and replaced as a whole.

    A new stage in it stands where the `order` of the stages puts it, whenever it came to its end; others at the end.
    """
    content = load_yaml(path) if Path(path).exists() else {}
    known = set(content.get("stages", ()))
    yield content
    names = [name for name in content["stages"] if name in known or name not in order]
    for name in (content["stages"].keys() - known).intersection(order):
        earlier = set(order[: order.index(name)])
        names.insert(max((i for i, other in enumerate(names, 1) if other in earlier), default=0), name)
    content["stages"] = {name: content["stages"][name] for name in names}
    temporary = Path(path).with_name(".dvc.lock.tmp")
    temporary.write_text(dumps_yaml(content), encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    if len(sys.argv) < 3 or not sys.argv[1].isdecimal() or int(sys.argv[1]) < 1:
        sys.exit("usage: python -m stepahead.parallel JOBS COMMAND …, where JOBS is a whole number, 1 or more")
    reproduce._reproduce = partial(side_by_side, jobs=int(sys.argv[1]))
    gc.set_threshold(10**6)  # DVC holds many objects, and each look for garbage goes through them
    sys.exit(dvc(["--wait-for-lock", *sys.argv[2:]]))
