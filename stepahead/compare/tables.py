"""Comparisons as tables of text: for a terminal, and in Markdown for a pull request."""

import textwrap
from collections.abc import Iterable, Sequence

from stepahead.compare.comparison import Comparison, Metric, Score, Verdict
from stepahead.core.errors import printable
from stepahead.report.text_table import aligned

WIDEST, NARROW = 40, 20  # characters of a cell in a terminal, and in the list of experiments


def terminal(comparison: Comparison, width: int) -> str:
    """The params that differ, then the metrics, in blocks of as many columns as fit into `width` characters."""
    names = comparison.names
    parts = [_in_blocks(["param", *names], [[key, *values] for key, values in comparison.params.items()], width)]
    for title, metrics in _tables(comparison):
        rows = [[f"{m.model} {m.column}", *_cells(m)] for m in metrics if m.differs]
        parts.append(_in_blocks([title, *names], rows, width))
        parts += [printable(f"{title}, {line}") for line in others(metrics, names)]
    if any(m.differs for _, metrics in _tables(comparison) for m in metrics):
        changes = f"Each change is against {names[0]}, with its p value where there is a test."
        parts.append("\n".join(textwrap.wrap(f"{changes} {legend(comparison, '*')}", max(width, 40))))
    parts.append("\n".join(map(printable, comparison.notes)))
    return "\n\n".join(part for part in parts if part)


def markdown(comparison: Comparison) -> str:
    """Old, new, change, its p value and whether it is more than chance, for each metric that differs."""
    names = comparison.names
    parts = [_markdown(["param", *names], [[key, *values] for key, values in comparison.params.items()])]
    for title, metrics in _tables(comparison):
        for i in range(1, len(names)):
            rows = [
                [
                    f"{m.model} {m.column}",
                    _with_spread(m.scores[0]),
                    _with_spread(m.scores[i]),
                    percent(m, i),
                    p_value(m.verdicts[i]),
                    _yes_or_no(m.verdicts[i]),
                ]
                for m in metrics
                if m.differs
            ]
            parts.append(_markdown([title, names[0], names[i], "change", "p", "more than chance"], rows))
        parts += [escaped(f"{title}, {line}") for line in others(metrics, names)]
    notes = [legend(comparison, "Yes"), *comparison.notes]
    return "\n\n".join(part for part in [*parts, *map(escaped, notes)] if part)


def overview(comparison: Comparison, width: int) -> str:
    """A line a run: the params that differ, then each model's last score, where it is not the same in all runs."""
    names, params = comparison.names, comparison.params
    parts = [_in_blocks(["run", *params], _turned(names, params.values()), width, NARROW)] if params else []
    for title, metrics in _tables(comparison):
        last = metrics[-1].column
        shown = {m.model: list(map(number, m.scores)) for m in metrics if m.column == last and m.differs}
        if shown:
            parts.append(_in_blocks([f"{title}, {last}", *shown], _turned(comparison.labels, shown.values()), width))
    parts.append("\n".join(map(printable, comparison.notes)))
    return "\n\n".join(part for part in parts if part)


def _turned(names: Sequence[str], columns: Iterable[Sequence[str]]) -> list[list[str]]:
    """Rows of columns, each after its name."""
    return [list(row) for row in zip(names, *columns, strict=True)]


def percent(metric: Metric, i: int) -> str:
    """The i-th run's change in percent, as a factor where it is large, `=` where there is none."""
    change = metric.change(i)
    if change is None or metric.scores[i] is None:
        return ""
    if change == 0:
        return "="
    if abs(change) >= 10:
        return f"×{1 + change:.3g}"
    return f"{100 * change:+.1f}%" if abs(change) >= 0.0005 else "≈0%"


def p_value(verdict: Verdict | None) -> str:
    """With one or two digits, and no smaller than the test is good for."""
    if verdict is None:
        return ""
    return "<1e-4" if verdict.p < 1e-4 else f"{verdict.p:.{1 if verdict.p < 0.001 else 2}g}"


def legend(comparison: Comparison, mark: str) -> str:
    """What a mark on a change says, and by which test; nothing where none was tested."""
    metrics = [metric for _, metrics in _tables(comparison) for metric in metrics]
    n_tests = sum(verdict is not None for metric in metrics for verdict in metric.verdicts)
    if not n_tests:
        return ""
    return (
        f"{mark}: more than chance. Of all changes marked so, at most 5 % are expected to be chance "
        f"(Benjamini–Hochberg over {n_tests} test{'s' * (n_tests > 1)}). Tested over weight seeds where both runs have "
        "several (t test, paired by seed), else over held-out steps or test tokens (Diebold–Mariano), which says "
        "nothing about another training."
    )


def number(score: Score | None) -> str:
    return "–" if score is None else f"{score.value:.4g}"


def spread(score: Score | None) -> str:
    return f"{score.spread:.2g}" if score and score.spread else ""


def others(metrics: Sequence[Metric], runs: Sequence[str]) -> list[str]:
    """In words, the models that have no score that differs: those that only one run has, and the rest."""
    changed = {metric.model for metric in metrics if metric.differs}
    having: dict[str, list[str]] = {}
    for metric in metrics:
        if metric.model not in changed:
            found = [run for run, score in zip(runs, metric.scores, strict=True) if score]
            where = f"only in {found[0]}" if len(found) == 1 else "the same in all that have them"
            having.setdefault(where, [])
            having[where] += [metric.model] * (metric.model not in having[where])
    return [f"{where}: {', '.join(models)}" for where, models in having.items()]


def escaped(text: str) -> str:
    """`text` in which nothing is Markdown or HTML."""
    text = printable(text).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{c}" if c in "\\`*_|[]~" else c for c in text)


def _tables(comparison: Comparison) -> list[tuple[str, list[Metric]]]:
    every = [("error (mse)", comparison.kstep), ("perplexity", comparison.perplexity)]
    return [(title, metrics) for title, metrics in every if metrics]


def _yes_or_no(verdict: Verdict | None) -> str:
    return "" if verdict is None else "yes" if verdict.real else "no"


def _cells(metric: Metric) -> list[str]:
    first = metric.scores[0]
    base = f"{number(first)} ±{spread(first)}" if spread(first) else number(first)
    changed = [
        f"{number(score):>7} {percent(metric, i):>7} {p_value(verdict):>6}{'*' if verdict and verdict.real else '':1}"
        for i, (score, verdict) in enumerate(zip(metric.scores, metric.verdicts, strict=True))
        if i
    ]
    return [base, *changed]


def _with_spread(score: Score | None) -> str:
    return f"{number(score)} ± {spread(score)}" if spread(score) else number(score)


def _in_blocks(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, widest: int = WIDEST) -> str:
    """Columns side by side; those that do not fit follow below, each block with the first column again."""
    if not rows:
        return ""
    lines = [[_short(cell, widest) for cell in line] for line in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    blocks, used = [[0]], widths[0]
    for i in range(1, len(header)):
        if used + 2 + widths[i] > width and len(blocks[-1]) > 1:
            blocks.append([0])
            used = widths[0]
        blocks[-1].append(i)
        used += 2 + widths[i]
    return "\n\n".join("\n".join(aligned([[line[i] for i in block] for line in lines])) for block in blocks)


def _short(cell: str, widest: int) -> str:
    cell = printable(cell)
    return cell if len(cell) <= widest else f"{cell[: widest - 1]}…"


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    cells = [[escaped(cell) for cell in line] for line in (header, *rows)]
    return table(cells[0], cells[1:])


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, of cells that are Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
