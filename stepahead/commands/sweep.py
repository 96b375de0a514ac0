"""Run an experiment for every combination of params, on this machine's cores or on a Dask cluster."""

import argparse
import shutil
import time

from stepahead.commands.cluster import add_cluster_arguments, cluster_extra
from stepahead.compare import tables
from stepahead.compare.comparison import compare
from stepahead.compare.runs import HEAD, read_runs
from stepahead.core import stage
from stepahead.core.errors import StepaheadError

SUMMARY = "Run an experiment for every combination of params, on these cores or on a Dask cluster."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="stages to run (default: the whole pipeline)")
    parser.add_argument(
        "-S",
        "--set-param",
        action="append",
        required=True,
        metavar="KEY=VALUE",
        help="as dvc exp run has it: tau=2,4,8 or 'seed=range(0,4)'; more than once for all combinations",
    )
    parser.add_argument("--name", default="", help="before the experiments' names (default: nothing)")
    add_cluster_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print a line for each experiment as it lands, and a table at the end.

    Raises:
        StepaheadError: the sweep cannot begin, or an experiment failed.
    """
    with cluster_extra():
        from stepahead.cluster import engine, sweep, worker
    repo = sweep.project(remote=bool(arguments.on))
    experiments = sweep.expand(repo, arguments.set_param, arguments.targets, arguments.name)
    left = [experiment for experiment in experiments if not sweep.in_place(experiment)]
    failed, started = set(), time.monotonic()
    if left:
        with engine.connected(arguments.on, engine.security(arguments), worker.CODE) as client:
            what = f"{len(experiments)} experiments" if len(experiments) > 1 else "1 experiment"
            stage.say(f"{what}, {len(experiments) - len(left)} of them in place already")
            for done, (experiment, why) in enumerate(sweep.run(client, repo, left, shared=not arguments.on), 1):
                minutes = (time.monotonic() - started) / 60 / done * (len(left) - done)
                time_left = f" (about {minutes:.1f} min left)" if done < len(left) else ""
                stage.say(f"{done}/{len(left)} {experiment.name}: {why or 'done'}{time_left}")
                failed |= {experiment.name} if why else set()
    names = [experiment.name for experiment in experiments if experiment.name not in failed]
    if names:
        try:
            runs = compare(*read_runs([HEAD, *names]), sort=False)
            print(tables.overview(runs, shutil.get_terminal_size().columns), flush=True)
        except StepaheadError as nothing:  # where the targets score nothing
            stage.say(str(nothing))
    if failed:
        raise StepaheadError(f"{len(failed)} of {len(experiments)} failed; the same command runs them again")
