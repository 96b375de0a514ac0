"""The pages, reports/index.html and reports/compare.html: each one file that holds everything it shows, and opens from
disk without a network.

Whatever comes from a corpus, a file name or a model passes through Jinja's autoescaping or its `tojson`, which also
escapes what could end a script element.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any, Protocol

import jinja2
from markupsafe import Markup

from stepahead.core.artifacts import read_script, read_text
from stepahead.core.errors import StepaheadError
from stepahead.report import charts
from stepahead.report.charts import Chart
from stepahead.report.line_styles import themes, variable
from stepahead.report.results import Table, harmless, visible
from stepahead.report.run_summary import Setting, command


@dataclass(frozen=True)
class Figure:
    """A chart by name, and what stands around it.

    `same`: a command that gives the same numbers. `file`: its files in reports/figures without their endings;
    `numbers`: their file, from the page on.
    """

    name: str
    title: str
    chart: Chart
    see: str = ""
    book: str = ""
    try_next: str = ""
    same: str = ""
    file: str = ""
    numbers: str = ""

    @property
    def part(self) -> str:
        """series or text; empty where it has no files."""
        return PurePath(self.file).parent.name


@dataclass(frozen=True)
class Piece:
    """A stretch of text and what it is: prefix, copied from the training text, recited as the text goes on, or ""."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Continuation:
    """What a model wrote, in pieces, and how many characters the marked piece has."""

    model: str
    pieces: list[Piece]
    marked: int


@dataclass(frozen=True)
class Passage:
    """A passage of a span: what was given, how the text goes on, and how each model does."""

    span: str
    given: str
    truth: str
    continuations: list[Continuation]


@dataclass(frozen=True)
class Page:
    """All that index.html shows.

    `answers`, `tables` and `data` hold something for each part, series and text; the table `unit` has the errors in
    `unit`, that of the series. `checks`: what statistical tests say. `try_next`: a command to generate otherwise.
    `growth`: how the errors grow with k; `explain`: a linear model's forecasts, to be taken apart; `living`: the
    networks at work, as export_networks writes them.
    """

    answers: Mapping[str, Sequence[str]]
    tables: Mapping[str, Table]
    data: Mapping[str, str]
    unit: str
    checks: Sequence[str]
    figures: Sequence[Figure]
    continuations: Sequence[Continuation]
    passages: Sequence[Passage]
    try_next: str
    growth: Table | None
    explain: Mapping[str, Any] | None
    living: Mapping[str, Any]
    settings: Sequence[Setting]
    versions: Mapping[str, str]

    @property
    def command(self) -> str:
        """What makes this run again."""
        return command(self.settings)


class Content(Protocol):
    """What every page has."""

    @property
    def figures(self) -> Sequence[Figure]: ...


@dataclass(frozen=True)
class Assets:
    """What the pages are made from: templates and scripts by name, style, and the scripts that draw charts."""

    templates: Mapping[str, str]
    css: str
    scripts: Mapping[str, str]
    bundle: str


def read_assets(folder: Path, bundle: Path) -> Assets:
    """From the folder of templates and the file that bundle_vega writes."""
    templates = {path.name: read_text(path) for path in sorted(folder.glob("*.html"))}
    scripts = {path.name: read_text(path) for path in sorted(folder.glob("*.js"))}
    return Assets(templates, read_text(folder / "page.css"), scripts, read_script(bundle))


def render(name: str, page: Content, assets: Assets) -> str:
    """The page of the template `name` as HTML; the same content gives the same bytes.

    Raises:
        StepaheadError: a script would end its own element.
    """
    for file, code in {**assets.scripts, "vega.js": assets.bundle}.items():
        if re.search(r"</script|<!--", code, flags=re.IGNORECASE):
            raise StepaheadError(f"{file} contains </script or <!--, which would end the script; write it otherwise")
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(assets.templates),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        # names of files, columns and params are a person's; markup is ours
        finalize=lambda value: harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    data = {
        "config": charts.CONFIG,
        # Vega takes the description for its label in place of the template's
        "charts": {
            figure.name: {
                "spec": {**figure.chart.spec, "description": figure.chart.alt},
                "columns": figure.chart.columns,
                "heads": figure.chart.heads,
                "line": figure.chart.line,
            }
            for figure in page.figures
        },
    }
    colors = sorted({variable(look.color) for figure in page.figures for look in figure.chart.lines.values()})
    return environment.get_template(name).render(
        page=page,
        colors={color: themes(color) for color in colors},
        css=Markup(assets.css),
        scripts={file: Markup(code) for file, code in assets.scripts.items()},
        bundle=Markup(assets.bundle),
        data=data,
    )


def figures(
    drawn: Mapping[str, Chart],
    captions: Mapping[str, Mapping[str, Any]],
    conditions: Mapping[str, bool],
    try_next: Mapping[str, str],
    found: Mapping[str, Sequence[str]] = MappingProxyType({}),
    same: Mapping[str, str] = MappingProxyType({}),
) -> list[Figure]:
    """Every figure there is, in the captions' order.

    Args:
        drawn: file in reports/figures, without its ending -> chart; the folder is the part of the page.
        captions: name -> title, see, book and numbers, and sentences that are added to `see` where one of `conditions`
            holds: see_if_seeds.
        conditions: what is true of this run; book_series and book_text: whether its data are the book's.
        try_next: name -> a command.
        found: name -> sentences on this run, which stand before the others.
        same: name -> a command that gives the same numbers.
    """
    paths = {PurePath(file).name: file for file in drawn}
    every = []
    for name, about in captions.items():
        if name not in paths:
            continue
        more = [text for key, text in about.items() if key.startswith("see_if_") and conditions[key[len("see_if_") :]]]
        part = PurePath(paths[name]).parent.name
        every.append(
            Figure(
                name,
                about["title"],
                drawn[paths[name]],
                see=" ".join([*found.get(name, ()), about["see"], *more]),
                book=about["book"] if conditions[f"book_{part}"] else "",
                try_next=try_next.get(name, ""),
                same=same.get(name, ""),
                file=paths[name],
                numbers=about["numbers"],
            )
        )
    return every


def continuation(model: str, row: Mapping[str, Any]) -> Continuation:
    """From a model's row of reports/generated.json: text, start, and where the run copied from the training text is."""
    text, start, (begin, end) = row["text"], row["start"], row["copied"]
    cut = {"prefix": text[:start], "": text[start:begin], "copied": text[begin:end]}
    pieces = [*(Piece(visible(part), kind) for kind, part in cut.items()), Piece(visible(text[end:]))]
    return Continuation(model, [piece for piece in pieces if piece.text], end - begin)


def passages(generated: Mapping[str, Mapping[str, Any]]) -> list[Passage]:
    """What the models made of a passage of each span, from reports/generated.json."""
    spans: dict[str, Passage] = {}
    for model, row in generated.items():
        for span, found in row["passages"].items():
            given, added = found["text"][: found["start"]], found["text"][found["start"] :]
            same, other = added[: found["recited"]], added[found["recited"] :]
            pieces = [Piece(visible(same), "recited"), Piece(visible(other))]
            passage = spans.setdefault(span, Passage(span, visible(given), visible(found["truth"]), []))
            passage.continuations.append(Continuation(model, [p for p in pieces if p.text], found["recited"]))
    return [spans[span] for span in ("train", "test") if span in spans]
