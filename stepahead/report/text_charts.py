"""The charts of the text, after d2l 9.5 and 9.6."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from stepahead.report import charts
from stepahead.report.charts import Chart, Choice, Level, Looks, table
from stepahead.report.columns import Columns
from stepahead.report.line_styles import Look, line_looks
from stepahead.report.numbers import number
from stepahead.report.results import gram_names

SPANS = {
    "train": Look("#0072B2", note="the text the models were trained on"),
    "val": Look("#A86F00", note="the text that chose the epoch to keep"),
    "test": Look("#D55E00", note="text that no model has seen"),
}
SHAPES = {"train": "circle", "val": "square", "test": "diamond"}


def training_chart(
    histories: Mapping[str, Columns], looks: Looks, kept: Mapping[str, int], levels: Mapping[str, float]
) -> Chart:
    """Running (solid) and validation perplexity (dashed) of each network by epoch, the epoch kept marked.

    Args:
        histories: columns epoch, perplexity and val, which is NaN where there is no validation span.
        kept: the epoch whose weights were kept, of the networks that have one.
        levels: perplexities to compare with, by what they are.
    """
    styles = {"training text": "perplexity", "validation text": "val"}
    rows = [
        (model, f"{model}, {style}", style, epoch, value)
        for model, curve in histories.items()
        for style, name in styles.items()
        for epoch, value in zip(curve["epoch"].tolist(), curve[name].tolist(), strict=True)
        if np.isfinite(value)
    ]
    watched = {model: style for model, _, style, *_ in rows}  # the last: validation where there is one
    columns = table(rows, "model", "name", "style", "epoch", "perplexity")
    columns["dot"] = [epoch == kept.get(m) and style == watched[m] for m, _, style, epoch, _ in rows]
    ends = ", ".join(f"{m} {number(c['perplexity'][-1])}" for m, c in histories.items() if len(c["perplexity"]))
    alt = f"Perplexity by epoch on a logarithmic scale; on the training text in the last epoch: {ends}." + "".join(
        f" {name}: {number(level)}." for name, level in levels.items()
    )
    lines = {model: Look(looks[model].color, note=looks[model].note) for model in histories}
    y = charts.log("perplexity", "perplexity", [*columns["perplexity"], *levels.values()])
    marks = [Level(level, name) for name, level in levels.items()]
    x = charts.count("epoch", "epoch")
    return charts.line_chart(columns, alt, x, y, lines=lines, name="name", styles=[*styles], levels=marks)


def perplexity_chart(rows: Mapping[str, Mapping[str, Any]]) -> Chart:
    """Train, validation and test perplexity with fixed weights, a row a model, the best on top."""
    models = {name: row for name, row in rows.items() if name != "floor"}
    lines = {span: look for span, look in SPANS.items() if any(row.get(span) is not None for row in models.values())}
    last = [*lines][-1]
    order = sorted(models, key=lambda name: (models[name].get(last) is None, models[name].get(last) or 0))
    found = [(m, span, models[m][span]) for m in order for span in lines if models[m].get(span) is not None]
    columns = table(found, "model", "span", "perplexity")
    alt = f"Perplexity on {', '.join(lines)}, from the best to the worst on the last: " + ", ".join(
        f"{m} {number(models[m][last])}" for m in order if models[m].get(last) is not None
    )
    floor = rows.get("floor", {}).get("test")
    x = charts.log("perplexity", "perplexity", [*columns["perplexity"], *([floor] if floor else [])])
    y = {"field": "model", "type": "nominal", "sort": None, "title": None, "axis": {"grid": True}}
    shape = {"field": "span", "scale": {"domain": [*lines], "range": [SHAPES[span] for span in lines]}, "legend": None}
    mark = {"type": "point", "filled": True, "size": 90, "fillOpacity": 1}
    layers = [{"mark": mark, "encoding": {"y": y, "shape": shape, **charts.encode(lines, "span", ("color",))}}]
    if floor:
        layers.append(charts.rule_at("perplexity", floor))
    return charts.chart(
        columns,
        f"{alt}.",
        x,
        layers,
        lines=lines,
        rows=y,
        pivot=("span", "perplexity"),
        line="span",
        heads={"model": "model"},
        height=28 * len(order),
    )


def frequency_chart(curves: Columns, ngrams: Sequence[Mapping[str, Any]]) -> Chart:
    """How often the r-th most frequent n-gram of words and of characters occurs, against r.

    Args:
        curves: columns kind (word or char), n, rank and count.
        ngrams: of each kind and n, the exponent of a power law.
    """
    names = gram_names(ngrams)
    exponents = {
        names[each["kind"], each["n"]]: f"exponent {each['exponent']:.2f}"
        for each in ngrams
        if each["exponent"] is not None
    }
    places = zip(curves["kind"].tolist(), curves["n"].tolist(), strict=True)
    columns = {"ngrams": [names[place] for place in places], "rank": curves["rank"], "count": curves["count"]}
    slopes = ", ".join(f"{name} {exponent}" for name, exponent in exponents.items())
    alt = f"Occurrences against rank, both on logarithmic scales, as a power law: {slopes}."
    lines = {
        name: Look(look.color, look.dash, exponents.get(name, "")) for name, look in line_looks(names.values()).items()
    }
    x = charts.log("rank", "rank", curves["rank"].tolist())
    y = charts.log("count", "occurrences", curves["count"].tolist())
    return charts.line_chart(columns, alt, x, y, lines=lines, line="ngrams")


def horizon_chart(entropies: Columns) -> Chart:
    """Entropy of the k-th next token to the first-order Markov model; columns k, entropy and limit, in bits."""
    name, limit = "k steps ahead", float(entropies["limit"][0])
    first, last = (number(entropies["entropy"][i]) for i in (0, -1))
    alt = f"The entropy goes from {first} bits one step ahead to {last}; the past forgotten, it is {number(limit)}."
    columns = {"line": [name] * len(entropies["k"]), "k": entropies["k"], "entropy": entropies["entropy"]}
    columns["dot"] = [True] * len(entropies["k"])
    y, levels = charts.linear("entropy", "entropy (bits)"), [Level(limit, "past forgotten")]
    lines = {name: Look("#0072B2")}
    return charts.line_chart(columns, alt, charts.steps_ahead(), y, lines=lines, line="line", levels=levels)


def gradient_chart(norms: Columns, looks: Looks) -> Chart:
    """How far back gradients reach in each network, before and after training.

    Args:
        norms: columns cell, weights (untrained or trained), k, norm, and power: what the norm would be were the
            Jacobian of every step the same matrix.
    """
    styles = {"measured": "norm", "powers of one step": "power"}
    least = norms["norm"].max() * 1e-12  # beyond it nothing is learnt
    rows = [
        (weights, cell, f"{cell}, {style}", style, k, value)
        for style, name in styles.items()
        for weights, cell, k, value in zip(
            *(norms[each].tolist() for each in ("weights", "cell", "k", name)), strict=True
        )
        if least <= value and value
    ]
    cells = list(dict.fromkeys(norms["cell"].tolist()))
    alt = (
        "The norm of the gradient of the loss with respect to the hidden state k steps before, on a logarithmic scale, "
        f"before and after training, of {', '.join(cells)}."
    )
    columns = table(rows, "weights", "model", "name", "style", "k", "norm")
    y = charts.log("norm", "gradient norm", columns["norm"])
    choice = Choice("weights", ["untrained", "trained"], 1)
    lines = {cell: Look(looks[cell].color, note=looks[cell].note) for cell in cells}
    x = charts.count("k", "steps back (k)")
    return charts.line_chart(columns, alt, x, y, lines=lines, name="name", styles=[*styles], choice=choice)
