"""The tables of the README and of docs/, by name, each made from tracked files."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from docs.results import LEVELS, RESULTS, SPANS
from docs.stages import param_table, stage_picture
from stepahead.compare.tables import table
from stepahead.core.artifacts import read_json


def kstep_table(root: Path) -> str:
    """Mean squared error of each model at each reported horizon, the worst at the longest one first."""
    found = read_json(root / RESULTS)
    horizons = sorted(next(iter(found["kstep"].values())), key=int)
    lines = [
        [f"`{model}`", *(_with_spread(*row[k]) for k in horizons)]
        for model, row in sorted(found["kstep"].items(), key=lambda item: -item[1][horizons[-1]][0])
    ]
    if found["floor"]:
        lines.append(["*floor*", *[f"{found['floor']:.4f}"] * len(horizons)])
    return table(["model", *(f"k = {k}" for k in horizons)], lines)


def perplexity_table(root: Path) -> str:
    """Perplexity of each language model on what it was trained on and on what it was not."""
    rows = read_json(root / RESULTS)["perplexity"]
    lines = [
        [f"`{model}`", *(_perplexity(row, span) for span in SPANS)]
        for model, row in sorted(rows.items(), key=lambda item: -item[1]["test"])
    ]
    return table(["model", "the book's figure (training, running)", *SPANS[1:]], lines)


def _perplexity(row: Mapping[str, float], span: str) -> str:
    spread = f" ± {row[f'{span}_std']:.2f}" if f"{span}_std" in row else ""
    return f"{row[span]:.2f}{spread}" if span in row else "–"


def interval_table(root: Path) -> str:
    """Measured coverage of the adaptive 80 % and 95 % intervals at each reported horizon."""
    rows = read_json(root / RESULTS)["intervals"]
    horizons = sorted(next(iter(rows.values())), key=int)
    lines = [
        [f"`{model}`", *(" / ".join(f"{row[k][level]:.0%}" for level in LEVELS) for k in horizons)]
        for model, row in sorted(rows.items())
    ]
    return table(["model", *(f"k = {k}" for k in horizons)], lines)


def method_table(root: Path) -> str:
    """Coverage and width of the 80 % intervals by each method, over many noise realisations."""
    found = read_json(root / "benchmarks/intervals.json")
    horizons = sorted(found["rows"][0]["80"], key=int)
    lines = [
        [
            f"`{row['model']}`",
            row["method"],
            *(f"{at['coverage']:.1%} ({at['width']:.2f}, {at['winkler']:.2f})" for at in cells),
        ]
        for row in sorted(found["rows"], key=lambda row: (row["model"], row["method"]))
        for cells in [[row["80"][k] for k in horizons]]
    ]
    return table(["model", "method", *(f"k = {k}" for k in horizons)], lines)


def rate_table(root: Path) -> str:
    """How far from 80 % the coverage is at each rate of the adaptive intervals."""
    found = read_json(root / "benchmarks/intervals.json")["distance_from_80_by_rate"]
    return table(["rate", *found], [["mean distance", *(f"{100 * each:.1f} points" for each in found.values())]])


def outside_table(root: Path) -> str:
    """Of each series and horizon the best of statsforecast's models and of ours, and what `fit` chose; the wins."""
    rows = read_json(root / "benchmarks/outside.json")["rows"]
    lines, wins = [], Counter[str]()
    for series in dict.fromkeys(row["series"] for row in rows):
        of_series = [row for row in rows if row["series"] == series]
        sides = {side: [row for row in of_series if row["side"] == side] for side in ("theirs", "ours")}
        [fitted] = [row for row in sides["ours"] if row["model"] == "fit"]
        for k in sorted(fitted["scores"], key=int):
            for part in ("mse", "mase", "scaled_crps"):
                least = {side: min(row["scores"][k][part] for row in each) for side, each in sides.items()}
                wins[part] += least["ours"] < least["theirs"]
                wins[f"fit {part}"] += fitted["scores"][k][part] < least["theirs"]
            best = [_best(each, k) for each in sides.values()]
            lines.append([series, k, *(_scored(row, k) for row in (*best, fitted))])
    header = ["series", "k", "best of statsforecast", "best of ours", "`fit`"]
    named = {"mse": "MSE", "mase": "MASE", "scaled_crps": "scaled CRPS"}
    counted = [
        [named[part], f"{wins[part]} of {len(lines)}", f"{wins[f'fit {part}']} of {len(lines)}"] for part in named
    ]
    ahead = ["ours ahead of all of statsforecast", "the best of ours", "`fit`"]
    return table(header, lines) + "\n\n" + table(ahead, counted)


def _best(rows: list[dict[str, Any]], k: str) -> dict[str, Any]:
    return min(rows, key=lambda row: float(row["scores"][k]["mse"]))


def _scored(row: Mapping[str, Any], k: str) -> str:
    at, setting = row["scores"][k], row.get("setting", "")
    name = setting if row["model"] == "fit" else f"{row['model']}{setting and f' ({setting})'}"
    return f"{name}: **{at['mse']:.4g}**, {at['mase']:.3f}, {at['scaled_crps']:.4f}, {at['coverage']:.0%}"


def passengers_table(root: Path) -> str:
    """AirPassengers: the mean squared error of every model, and the setting that was chosen for it."""
    rows = [row for row in read_json(root / "benchmarks/outside.json")["rows"] if row["series"] == "AirPassengers"]
    horizons = sorted(rows[0]["scores"], key=int)
    lines = [
        [
            row["model"] if row["side"] == "theirs" else f"`{row['model'].removesuffix(', chosen')}`",
            row.get("setting", "statsforecast" if row["side"] == "theirs" else "–"),
            *(f"{row['scores'][k]['mse']:,.0f}" for k in horizons),
        ]
        for row in sorted(rows, key=lambda row: row["scores"][horizons[-1]]["mse"])
        if row["side"] == "theirs" or "setting" in row or row["model"] == "seasonal_naive"
    ]
    return table(["model", "setting", *(f"k = {k}" for k in horizons)], lines)


def reverse_table(root: Path) -> str:
    """Mean squared error with time as it is, and backwards."""
    time = read_json(root / "benchmarks/series.json")["time"]
    horizons = sorted(next(iter(time["forwards"].values())), key=lambda k: int(k[1:]))
    lines = [
        [f"`{model}`", *(f"{row[k]:.3f} / {time['backwards'][model][k]:.3f}" for k in horizons)]
        for model, row in sorted(time["forwards"].items(), key=lambda item: -item[1][horizons[-1]])
    ]
    return table(["forwards / backwards", *(f"k = {k[1:]}" for k in horizons)], lines)


def recipe_table(root: Path) -> str:
    """The full Time Machine: validation and test perplexity of every model of the recipe."""
    measured = read_json(root / "benchmarks/time_machine.json")
    lines = [
        [f"`{model}`", f"{row['val']:.2f}", f"{row['test']:.2f}", f"{row['bits_per_char']:.2f}"]
        for model, row in sorted(measured["rows"].items(), key=lambda item: -item[1]["test"])
    ]
    return f"{table(['model', 'validation', 'test', 'bits per character (test)'], lines)}\n\n{_took(measured)}"


def shakespeare_table(root: Path) -> str:
    """Tiny shakespeare: validation loss of every model of the recipe."""
    measured = read_json(root / "benchmarks/tiny_shakespeare.json")
    lines = [
        [f"`{model}`", f"{math.log(row['val']):.3f}", f"{row['val']:.2f}"]
        for model, row in sorted(measured["rows"].items(), key=lambda item: -item[1]["val"])
    ]
    return f"{table(['model', 'nats per character', 'perplexity'], lines)}\n\n{_took(measured)}"


def _took(measured: Mapping[str, Any]) -> str:
    """How long the command took, on what machine, as a sentence."""
    cpu = f" ({measured['cpu_s']} s of one core)" if "cpu_s" in measured else ""
    where = measured["machine"]
    return f"{measured['seconds']} s{cpu} on {where['processor']}; load before: {where['load']}, {where['date']}."


def book_table(root: Path) -> str:
    """What the book printed, what came out here, and the command that did it."""
    rows = read_json(root / "benchmarks/book.json")["rows"]
    lines = [[row["model"], row["figure"], row["book"], row["here"], f"`{row['command']}`"] for row in rows]
    return table(["model", "figure", "book", "here", "command"], lines)


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


def diff_table(root: Path) -> str:
    """What tau=8 does to the error 64 steps ahead: a part of what `dvc metrics diff` prints."""
    rows = read_json(root / "benchmarks/pipeline.json")["tau_8_diff"]
    lines = [
        [f"`{name}`", f"{old:.5f}", f"{new:.5f}", f"{new - old:+.5f}"]
        for name, (old, new) in sorted(rows.items())
        if old != new
    ]
    return table(["metric", "HEAD", "workspace", "change"], lines)


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


def exercise_table(root: Path) -> str:
    """Every exercise of the book: its command and what came out; or why only a person can answer."""
    exercises = yaml.safe_load((root / "docs/exercises.yaml").read_text(encoding="utf-8"))
    measured = read_json(root / "benchmarks/exercises.json")
    lines = []
    for each in exercises:
        if "command" in each:
            command, answer = f"`{each['command']}`", [each["say"], *found_here(each, measured)]
        else:
            command, answer = "–", [f"*For a person:* {each['person']}"]
        lines.append([each["exercise"], each["ask"], command, "<br>".join(answer)])
    return table(["exercise", "question", "command", "what came out, after that of the defaults"], lines)


def found_here(exercise: Mapping[str, Any], measured: Mapping[str, Any]) -> list[str]:
    """What benchmarks/exercises.json has of an exercise's command, for each name that it is about."""
    if exercise["command"] not in measured["rows"]:
        return ["(not run yet)"]
    here, before = measured["rows"][exercise["command"]]["found"], measured["default"]
    return [_outcome(name, before.get(name), here[name]) for name in exercise["found"]]


def _outcome(name: str, default: Any, here: Any) -> str:
    if name == "printed":
        return "<br>".join(here.splitlines())
    kind, *rest = name.split()
    of_table = kind in ("kstep", "perplexity", "generated")  # whose columns say what they are
    label = " ".join([*([] if of_table else [kind]), *(f"`{word}`" for word in rest)])
    if isinstance(here, str):
        return f"{label}: “{here}”"
    written = [
        "–" if value is None else format(value, "," if isinstance(value, int) else ".3g") for value in (default, here)
    ]
    return f"{label}: {written[1]}" if default == here else f"{label}: {' → '.join(written)}"


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


def _with_spread(mean: float, spread: float) -> str:
    return f"{mean:.4f} ± {spread:.4f}" if spread else f"{mean:.4f}"


TABLES: dict[str, Callable[[Path], str]] = {
    "kstep": kstep_table,
    "perplexity": perplexity_table,
    "intervals": interval_table,
    "interval_methods": method_table,
    "interval_rates": rate_table,
    "outside": outside_table,
    "passengers": passengers_table,
    "reverse": reverse_table,
    "recipe": recipe_table,
    "shakespeare": shakespeare_table,
    "book": book_table,
    "time": time_table,
    "big_text": big_text_table,
    "diff": diff_table,
    "speed": speed_table,
    "whole_job": whole_job_table,
    "quality": quality_table,
    "params": param_table,
    "stages": stage_picture,
    "exercises": exercise_table,
    "kenlm": kenlm_table,
    "panel": panel_table,
    "scale": scale_table,
    "shards": shard_table,
    "trial": trial_table,
}
