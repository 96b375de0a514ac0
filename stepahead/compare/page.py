"""reports/compare.html: what differs between runs, their curves one over the other, and every score that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from stepahead.compare import chart_data, tables
from stepahead.compare.comparison import Comparison, Metric
from stepahead.report import charts
from stepahead.report.chart_data import Exhibit
from stepahead.report.line_styles import Look, line_looks
from stepahead.report.page import MAX_DRAWINGS, Figure, tidy
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
    params: Table
    notes: Sequence[str]
    scores: Sequence[Scores]
    legend: str
    figures: Sequence[Figure]
    looks: Sequence[Look]


def comparison_page(comparison: Comparison) -> ComparisonPage:
    """The page of a comparison, with its charts drawn for those who switch scripts off."""
    names = comparison.names
    looks = line_looks(comparison.labels, "r")
    figures = _figures(comparison, looks)
    every = {look.variable: look for figure in figures if figure.chart for look in figure.chart.lines.values()}
    rows = [Row(key, "param", "", [Cell(value) for value in values]) for key, values in comparison.params.items()]
    parts = {"Mean squared error": comparison.kstep, "Perplexity": comparison.perplexity}
    scores = [_scores(caption, names, metrics) for caption, metrics in parts.items()]
    return ComparisonPage(
        names,
        Table(names, rows, "param"),
        comparison.notes,
        [each for each in scores if each.table.rows or each.others],
        tables.legend(comparison, "A change in bold"),
        figures,
        list(every.values()),
    )


def _figures(comparison: Comparison, looks: Mapping[str, Look]) -> list[Figure]:
    sweep, found = comparison.sweep, []
    if sweep:
        alike = f"Runs that differ in nothing but {sweep.key}, from {sweep.values[0]} to {sweep.values[-1]}."
        found += [
            _figure("sweep", f"Error against {sweep.key}", chart_data.sweep_exhibit(sweep), alike),
            _figure(
                "perplexity_sweep",
                f"Perplexity against {sweep.key}",
                chart_data.perplexity_sweep_exhibit(sweep),
                alike,
            ),
        ]
    found += [
        _figure(
            "curves",
            "Error against k",
            chart_data.curve_exhibit(comparison, looks),
            "A line a run. Bands are one standard deviation over weight seeds; whether two runs differ by more than "
            "chance stands in the table of scores. The level line, where the noise is known, is the floor.",
        ),
        _figure(
            "training",
            "Training",
            chart_data.training_exhibit(comparison, looks),
            "Running perplexity on the training text, a line a run. Low here says little about any other text.",
        ),
    ]
    return [figure for figure in found if figure]


def _figure(name: str, title: str, exhibit: Exhibit | None, see: str) -> Figure | None:
    if exhibit is None:
        return None
    said = exhibit.alt.partition("Lowest for ")[1:]
    drawing = tidy(_drawn(exhibit), name, exhibit.alt)
    shown = Markup(drawing) if len(drawing) <= MAX_DRAWINGS // 4 else None
    return Figure(name, title, see=f"{see} {''.join(said)}".strip(), chart=exhibit, drawings={name: shown})


def _drawn(exhibit: Exhibit) -> str:
    """The chart as SVG, as it first stands."""
    import vl_convert

    columns = exhibit.columns
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    spec: dict[str, Any] = {**exhibit.spec, "width": 640, "data": {"values": rows}, "config": charts.CONFIG}
    drawing: str = vl_convert.vegalite_to_svg(spec)
    return drawing


def _scores(caption: str, names: list[str], metrics: Sequence[Metric]) -> Scores:
    rows = [Row(f"{m.model}, {m.column}", "model", "", _cells(m)) for m in metrics if m.differs]
    return Scores(caption, Table(names, rows, "score"), tables.others(metrics, names))


def _cells(metric: Metric) -> list[Cell]:
    cells = [Cell(tables.number(metric.scores[0]), tables.spread(metric.scores[0]))]
    for i, score in enumerate(metric.scores[1:], start=1):
        verdict = metric.verdicts[i]
        p = f" (p {tables.p_value(verdict)})" if verdict else ""
        change, real = f"{tables.percent(metric, i)}{p}", bool(verdict and verdict.real)
        cells.append(Cell(tables.number(score), tables.spread(score), change=change, beyond=real))
    return cells
