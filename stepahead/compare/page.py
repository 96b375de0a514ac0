"""reports/compare.html: who won, what differs between runs, their curves one over the other, and every score that
changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from stepahead.compare import chart_data, tables
from stepahead.compare.comparison import Comparison, Metric
from stepahead.report.charts import Chart
from stepahead.report.page import Figure
from stepahead.report.results import Cell, Row, Table


@dataclass(frozen=True)
class Scores:
    """The scores of a part that are not the same in all runs, and in words the other models."""

    caption: str
    table: Table
    others: Sequence[str]


@dataclass(frozen=True)
class ComparisonPage:
    """All that compare.html shows."""

    runs: Sequence[str]
    best: Sequence[tuple[str, Table]]
    """Of each part, the caption, and which run has each model's lowest score."""
    params: Table
    notes: Sequence[str]
    scores: Sequence[Scores]
    legend: str
    figures: Sequence[Figure]


def comparison_page(comparison: Comparison) -> ComparisonPage:
    """The page of a comparison."""
    names = comparison.names
    by_run = zip(names, *comparison.params.values(), strict=True)
    rows = [Row(name, "run", "", [Cell(value) for value in values]) for name, *values in by_run]
    parts = {"Mean squared error": comparison.kstep, "Perplexity": comparison.perplexity}
    scores = [_scores(caption, names, metrics) for caption, metrics in parts.items()]
    best = [(caption, _best(names, metrics)) for caption, metrics in parts.items()]
    return ComparisonPage(
        names,
        [(caption, table) for caption, table in best if table.rows],
        Table([*comparison.params], rows, "run"),
        comparison.notes,
        [each for each in scores if each.table.rows or each.others],
        tables.legend(comparison, "A change in bold"),
        _figures(comparison),
    )


def _figures(comparison: Comparison) -> list[Figure]:
    sweep, found = comparison.sweep, list[Figure | None]()
    if sweep:
        alike = f"Runs that differ in nothing but {sweep.key}, from {sweep.values[0]} to {sweep.values[-1]}."
        found += [
            _figure("sweep", f"Error against {sweep.key}", chart_data.sweep_chart(sweep), alike),
            _figure(
                "perplexity_sweep", f"Perplexity against {sweep.key}", chart_data.perplexity_sweep_chart(sweep), alike
            ),
        ]
    found += [
        _figure(
            "curves",
            "Error against k",
            chart_data.curve_chart(comparison),
            "A line a run; runs with the same curve are one line. Bands are one standard deviation over weight seeds; "
            "whether two runs differ by more than chance stands in the table of scores. The level line, where the "
            "noise is known, is the floor.",
        ),
        _figure(
            "training",
            "Training",
            chart_data.training_chart(comparison),
            "Running perplexity on the training text, a line a run. Low here says little about any other text.",
        ),
    ]
    return [figure for figure in found if figure]


def _figure(name: str, title: str, chart: Chart | None, see: str) -> Figure | None:
    if chart is None:
        return None
    said = "".join(chart.alt.partition("Lowest for ")[1:])
    return Figure(name, title, chart, see=f"{see} {said}".strip())


def _best(names: Sequence[str], metrics: Sequence[Metric]) -> Table:
    """A row a model with a score that differs: the run with the lowest in each column, and that score."""
    columns = list(dict.fromkeys(metric.column for metric in metrics if metric.differs))
    cells: dict[str, dict[str, Cell]] = {}
    for metric in metrics:
        if metric.differs:
            lowest = min(score.value for score in metric.scores if score)
            at = [name for name, score in zip(names, metric.scores, strict=True) if score and score.value == lowest]
            cells.setdefault(metric.model, {})[metric.column] = Cell(" = ".join(at), change=f"{lowest:.4g}", best=True)
    rows = [Row(model, "model", "", [row.get(c, Cell("=")) for c in columns]) for model, row in cells.items()]
    return Table(columns, rows)


def _scores(caption: str, names: list[str], metrics: Sequence[Metric]) -> Scores:
    """The scores that differ, the one that changed most first."""
    changed = sorted((m for m in metrics if m.differs), key=lambda m: -_largest_change(m))
    rows = [Row(f"{m.model}, {m.column}", "model", "", _cells(m)) for m in changed]
    return Scores(caption, Table(names, rows, "score"), tables.others(metrics, names))


def _largest_change(metric: Metric) -> float:
    return max((abs(metric.change(i) or 0.0) for i in range(1, len(metric.scores))), default=0.0)


def _cells(metric: Metric) -> list[Cell]:
    cells = [Cell(tables.number(metric.scores[0]), tables.spread(metric.scores[0]))]
    for i, score in enumerate(metric.scores[1:], start=1):
        tested, change = metric.verdicts[i], metric.change(i)
        p = f" (p {tables.p_value(tested)})" if tested else ""
        verdict = "" if not change else "better" if change < 0 else "worse"
        cells.append(
            Cell(
                tables.number(score),
                tables.spread(score),
                change=f"{tables.percent(metric, i)}{p}",
                verdict=verdict,
                beyond=bool(tested and tested.real),
            )
        )
    return cells
