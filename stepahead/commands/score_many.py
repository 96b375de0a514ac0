"""Score every series of a panel, on this machine's cores or on a Dask cluster."""

import argparse
import time
from pathlib import Path

from stepahead.commands.cluster import add_cluster_arguments, cluster_extra
from stepahead.core import artifacts, params, stage
from stepahead.core.errors import StepaheadError

SUMMARY = "Score many series with the models that need no training time, on these cores or on a Dask cluster."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "panel", type=Path, help="Parquet or CSV with columns unique_id, ds, y, sorted by the first two"
    )
    parser.add_argument(
        "-S", "--set-param", action="append", default=[], metavar="KEY=VALUE", help="as dvc exp run has it: tau=8"
    )
    parser.add_argument("--out", type=Path, default=Path("reports/many"), help="a folder (default: reports/many)")
    add_cluster_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    """Write scores.parquet, refused.csv and a summary picture, and print the medians.

    Raises:
        StepaheadError: the panel cannot be read, a param is wrong, or no series can be scored.
    """
    with cluster_extra():
        import pyarrow as pa
        import pyarrow.parquet as pq

        from stepahead.cluster import engine, many
        from stepahead.cluster.overrides import overridden
        from stepahead.cluster.panel import read_panel
        from stepahead.cluster.summary import Summary
    from stepahead.report import figures

    with overridden(arguments.set_param) as folder:
        config = params.load_of_command(many.Config, folder)
    schema = pa.schema(
        {name: pa.string() if name in ("unique_id", "model") else pa.float64() for name in many.COLUMNS}
    ).set(2, pa.field("k", pa.int32()))
    summary, refused = Summary(), list[tuple[str, str]]()
    windows, started, told = 0, time.monotonic(), 0.0
    with (
        artifacts.atomic(arguments.out / "scores.parquet") as temporary,
        pq.ParquetWriter(temporary, schema) as writer,
        engine.connected(arguments.on, engine.security(arguments), many.CODE) as client,
    ):
        for scores in many.score_all(client, read_panel(arguments.panel), config):
            columns = zip(*scores.rows, strict=True) if scores.rows else ([] for _ in schema)
            writer.write_table(pa.table(dict(zip(many.COLUMNS, map(list, columns), strict=True)), schema))
            summary.add(scores.rows)
            refused += scores.refused
            windows += scores.windows
            seconds = time.monotonic() - started
            if summary.n_series and seconds - told > 5:
                told = seconds
                stage.say(f"{summary.n_series:,} series, {windows / seconds:,.0f} forecasts a second")
        if not summary.n_series:
            raise StepaheadError(f"no series of {arguments.panel} can be scored; {_first(refused)}")
    artifacts.write_table(
        arguments.out / "refused.csv", {"unique_id": [id for id, _ in refused], "reason": [why for _, why in refused]}
    )
    title = f"Error over that of persistence: median and middle half of {summary.n_series:,} series"
    [(svg, png)] = figures.render([(title, summary.chart())])
    artifacts.write_text(arguments.out / "summary.svg", svg)
    with artifacts.atomic(arguments.out / "summary.png") as temporary:
        temporary.write_bytes(png)
    stage.say("Median ratio of a model's squared error to persistence's:")
    for model, by_k in summary.table().items():
        stage.say(f"  {model:12}" + "".join(f"  k = {k}: {ratio:.3f}" for k, ratio in by_k.items()))
    stage.say(f"{summary.n_series:,} series in {arguments.out}/scores.parquet, and {len(refused):,} in refused.csv")
    if refused:
        stage.say(f"  {_first(refused)}")


def _first(refused: list[tuple[str, str]]) -> str:
    return f"the first that cannot: {refused[0][1]}" if refused else "it has none"
