"""The tables of time, memory and network traffic, as the benchmarks measured them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stepahead.compare.tables import table
from stepahead.core.artifacts import read_json


def time_table(root: Path) -> str:
    """What a user waits for, and how much of it is DVC's, how much imports."""
    measured = read_json(root / "benchmarks/pipeline.json")
    names = {
        "cold": "`dvc repro` from nothing",
        "nothing": "`dvc repro` with nothing to do",
        "tau": "`dvc exp run -S tau=8`",
        "again": "the same again (DVC's run cache)",
    }
    lines = []
    for key, name in names.items():
        alone, together = measured["rows"][key], measured["rows"][f"{key}, two at a time"]
        seconds = [*(alone[part] for part in ("s", "dvc", "imports", "computing")), together["s"]]
        lines.append([name, *(f"{s:.1f} s" for s in seconds)])
    lines.append(["a stage more", f"{measured['extra_stage_s']:.2f} s", *["–"] * 4])
    header = ["what", f"on {measured['machine']['processor']}", "of it DVC", "imports", "computing"]
    return table([*header, "two stages at a time"], lines)


def big_text_table(root: Path) -> str:
    """How fast each stage reads texts of each size, and its largest memory."""
    rows = read_json(root / "benchmarks/big_text.json")["rows"]
    sizes = sorted({row["size_mb"] for row in rows})
    lines: dict[tuple[str, str], dict[int, str]] = {}
    for row in sorted(rows, key=lambda row: row["kind"]):
        what = "the book's way" if row["what"] == "book" else f"`{row['what']}`"
        cell = f"{row['size_mb'] / row['s']:.0f} MB/s, {row['mb']} MB"
        lines.setdefault((what, row["kind"]), {})[row["size_mb"]] = cell
    cells = [[*key, *(line.get(size, "–") for size in sizes)] for key, line in lines.items()]
    return table(["stage", "tokens", *(f"{size} MB of text" for size in sizes)], cells)


def speed_table(root: Path) -> str:
    """Training speed beside d2l's, and how much of what the machine's matrix products allow is reached."""
    measured = read_json(root / "benchmarks/results.json")
    lines = [
        [
            f"`{model}`",
            f"{row['ours_per_s']:,.0f}",
            f"{row['peer_per_s']:,.0f}",
            f"{row['ratio']:.2f} ({row['ratio_low']:.2f}–{row['ratio_high']:.2f})",
            f"{row['gflop_per_s']:.0f}",
            f"{row['ours_share']:.0%}",
        ]
        for model, row in sorted(measured["rows"].items(), key=lambda item: -item[1]["ratio"])
    ]
    header = ["model", "tokens/s", "d2l", "ratio (range)", "GFLOP/s", "% of matrix-multiply throughput"]
    return table(header, lines) + f"\n\n{_measured_on(measured['machine'])}"


def whole_job_table(root: Path) -> str:
    """The book's work from start to end, by its own code in plain scripts and by `dvc repro`."""
    measured = read_json(root / "benchmarks/whole_job.json")
    models = {"scratch": "scratch 512", "rnn": "rnn 256"}
    lines = [
        [
            who,
            f"{sum(step['seconds'] for step in measured[side]['steps']):.0f} s",
            *(f"{measured[side]['perplexity'][model]:.3f}" for model in models),
        ]
        for who, side in (("d2l, plain scripts", "d2l"), ("`dvc repro`", "ours"))
    ]
    return table(["the book's work", "time", *(f"training perplexity, {name}" for name in models.values())], lines)


def quality_table(root: Path) -> str:
    """What it takes to reach the book's training perplexity, and a low held-out one."""
    measured = read_json(root / "benchmarks/quality.json")
    lines = [
        [
            row["model"] if row["command"] is None else f"`{row['model']}`",
            f"{row['training_s']:.1f} s",
            "–" if row["seconds"] is None else f"{row['seconds']:.0f} s",
            *("–" if row[key] is None else f"{row[key]:.2f}" for key in ("book", "val", "test")),
        ]
        for row in measured["rows"]
    ]
    rows = table(["model", "training", "whole command", "training perplexity", "validation", "test"], lines)
    commands = "\n".join(dict.fromkeys(row["command"] for row in measured["rows"] if row["command"]))
    return f"{rows}\n\n{_measured_on(measured['machine'])}\n\n```sh\n{commands}\n```"


def _measured_on(machine: Mapping[str, str]) -> str:
    """The machine and the day, and how busy it was, as a sentence."""
    return (
        f"On {machine['cpu']}, {machine['processor']}; threads: {machine['threads']}, load before: {machine['load']}, "
        f"torch {machine['torch']}, {machine['date']}."
    )


def scale_table(root: Path) -> str:
    """What goes over the network, and what it costs."""
    rows, cluster = read_json(root / "benchmarks/scale.json")["rows"], read_json(root / "benchmarks/cluster.json")
    sweep = cluster["workers"]["rows"]
    one, series, ngram = rows["experiment"], rows["series"], rows["ngram"]
    lines = [
        ["HEAD, to each worker once", _bytes(one["head_bytes"])],
        ["an experiment's commit, back", _bytes(one["commit_bytes"])],
        [
            "its results, to the remote",
            f"{one['pushed_files']:,} files, {_bytes(one['pushed_bytes'])} (of two quick stages)",
        ],
        [
            "its processor time, of worker and scheduler",
            f"{sweep['cpu_folder']:.1f} s over a folder, {sweep['cpu_s3']:.1f} s over S3; by plain `dvc exp run`, "
            f"without a push, {sweep['cpu_plain']:.1f} s",
        ],
        ["its requests of S3", f"{sweep['requests_s3']:.0f}"],
        [
            "to put its commit in place",
            f"{1000 * one['land_0_cpu']:.0f} ms, beside 10,000 others {1000 * one['land_10000_cpu']:.0f} ms",
        ],
        [
            f"two workers beside one on two cores, {sweep['experiments']:.0f} experiments",
            f"{sweep['ratio']:.2f} times as fast ({sweep['seconds_1']:.0f} and {sweep['seconds_2']:.0f} s), other "
            f"processes on at most {sweep['others']:.0%} of the cores",
        ],
        ["a Dask task that does nothing", f"{rows['task']['cpu_ms']:.1f} ms, of scheduler, client and worker together"],
        ["a series of 100 steps", f"{_bytes(series['sent_bytes'])} there, {_bytes(series['returned_bytes'])} back"],
        [
            "its processor time (`persistence`, `mean`, `drift`, `ols`, `yule_walker`)",
            f"{series['ms']:.1f} ms, {series['per_second']:,.0f} forecasts a second and core",
        ],
        [
            f"{ngram['order']}-grams of {ngram['characters'] / 1e6:,.0f} million characters",
            f"{ngram['cpu']:.0f} s, {ngram['mb']:.0f} MB ({ngram['grams']:,.0f} different ones)",
        ],
    ]
    return table(["what", "measured"], lines)


def trial_table(root: Path) -> str:
    """What became of a sweep of 40 that lost a worker, gained another, and had one off the network for a while."""
    lines = [
        [
            "a folder" if remote == "folder" else remote,
            *(f"{row[name]:,}" for name in ("landed", "computed", "other_than_plain_dvc")),
            f"{row['computed_again']} of {row['removed']}",
        ]
        for remote, row in _cluster(root, "trial").items()
    ]
    return table(["the DVC remote", "in place", "computed", "other than by plain dvc", "computed again"], lines)


def panel_table(root: Path) -> str:
    """`score-many` on two cores, by the number of series."""
    lines = [
        [
            f"{int(n):,}",
            f"{row['seconds']:,.0f} s",
            f"{row['cpu']:,.0f} s",
            f"{row['forecasts_per_cpu_second']:,.0f}",
            f"{row['client_mb']:,.0f} MB",
            f"{row['worker_mb']:,.0f} MB",
        ]
        for n, row in _cluster(root, "panel").items()
    ]
    return table(
        ["series", "time", "processor time", "forecasts a second and core", "memory of the client", "of a worker"],
        lines,
    )


def kenlm_table(root: Path) -> str:
    """6-grams of a long text beside KenLM's."""
    rows = read_json(root / "benchmarks/kenlm.json")["rows"]
    lines = [
        [name, f"{row['cpu']:.1f} s", f"{row['mb']:.0f} MB", f"{row['perplexity']:.4f}"] for name, row in rows.items()
    ]
    return table(["", "processor time", "memory", "perplexity of a million more"], lines)


def _cluster(root: Path, part: str) -> Any:
    return read_json(root / "benchmarks/cluster.json")[part]["rows"]


def shard_table(root: Path) -> str:
    """An update of an LSTM in one process by the number of shards, and what each rank sends."""
    rows = read_json(root / "benchmarks/scale.json")["rows"]["shards"]
    lines = [
        [name, f"{row['ms_1']:.0f} ms", *(f"{row[f'ms_{n}'] / row['ms_1'] - 1:+.0%}" for n in (2, 4)), _bytes(gradient)]
        for name, row in rows.items()
        for gradient in [row["gradient_bytes"]]
    ]
    return table(["hidden units, batch", "1 shard", "2 shards", "4 shards", "a gradient"], lines)


def _bytes(n: float) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e6 else f"{n / 1e3:.1f} kB"
