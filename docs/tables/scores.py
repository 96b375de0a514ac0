"""The tables of errors, losses and coverage, as the benchmarks measured them."""

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stepahead.compare.tables import table
from stepahead.core.artifacts import read_json


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


def diff_table(root: Path) -> str:
    """What tau=8 does to the error 64 steps ahead: a part of what `dvc metrics diff` prints."""
    rows = read_json(root / "benchmarks/pipeline.json")["tau_8_diff"]
    lines = [
        [f"`{name}`", f"{old:.5f}", f"{new:.5f}", f"{new - old:+.5f}"]
        for name, (old, new) in sorted(rows.items())
        if old != new
    ]
    return table(["metric", "HEAD", "workspace", "change"], lines)
