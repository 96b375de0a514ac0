"""The pages, reports/index.html and reports/compare.html: each one file that holds everything it shows, and opens from
disk without a network.

Whatever comes from a corpus, a file name or a model passes through Jinja's autoescaping or its `tojson`, which also
escapes what could end a script element.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any, Protocol

import jinja2
from markupsafe import Markup

from stepahead.core.artifacts import read_script, read_text
from stepahead.core.errors import StepaheadError
from stepahead.report import charts
from stepahead.report.chart_data import Exhibit
from stepahead.report.line_styles import Look
from stepahead.report.results import Table, visible
from stepahead.report.run_summary import Setting, command

NO_COLORS: Mapping[str, Look] = MappingProxyType({})
MAX_DRAWINGS = 1_600_000  # characters of static figures in the page; it must stay under 3 MB


@dataclass(frozen=True)
class Figure:
    """A figure by name; where scripts run, `chart` takes the place of its drawings.

    `part`: series or text; `drawings`: by their files in reports/figures without their endings, None for one that is
    too large for the page; `table`: the file of its numbers in reports/tables.
    """

    name: str
    title: str
    part: str = ""
    see: str = ""
    book: str = ""
    try_next: str = ""
    table: str = ""
    chart: Exhibit | None = None
    drawings: Mapping[str, Markup | None] = field(default_factory=dict)


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

    `answers`, `tables` and `data` hold something for each part, series and text. `checks`: what statistical tests say.
    `growth`: how the errors grow with k; `explain`: a linear model's forecasts, to be taken apart; `living`: the
    networks at work, as export_networks writes them.
    """

    answers: Mapping[str, Sequence[str]]
    tables: Mapping[str, Table]
    data: Mapping[str, str]
    checks: Sequence[str]
    figures: Sequence[Figure]
    continuations: Sequence[Continuation]
    passages: Sequence[Passage]
    growth: Table | None
    explain: Mapping[str, Any] | None
    living: Mapping[str, Any]
    settings: Sequence[Setting]
    versions: Mapping[str, str]
    looks: Sequence[Look]

    @property
    def command(self) -> str:
        """What makes this run again."""
        return command(self.settings)


class Content(Protocol):
    """What every page has: figures, and the colours of their lines."""

    @property
    def figures(self) -> Sequence[Figure]: ...

    @property
    def looks(self) -> Sequence[Look]: ...


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
    )
    exhibits = {figure.name: figure.chart for figure in page.figures if figure.chart}
    data = {
        "config": charts.CONFIG,
        # Vega takes the description for its label in place of the template's
        "charts": {
            name: {"spec": {**each.spec, "description": each.alt}, "columns": each.columns}
            for name, each in exhibits.items()
        },
    }
    return environment.get_template(name).render(
        page=page,
        css=Markup(assets.css),
        scripts={file: Markup(code) for file, code in assets.scripts.items()},
        bundle=Markup(assets.bundle),
        data=data,
    )


def caption(about: Mapping[str, Any], conditions: Mapping[str, bool]) -> dict[str, Any]:
    """An entry of captions.yaml, in which see_if_seeds is a sentence more where that one of `conditions` holds, and
    try_next_if_signal takes the place of try_next."""
    chosen = {key: value for key, value in about.items() if "_if_" not in key}
    for key, value in about.items():
        name, conditional, condition = key.partition("_if_")
        if conditional and conditions[condition]:
            chosen[name] = f"{chosen['see']} {value}" if name == "see" else value
    return chosen


def figures(
    drawings: Mapping[str, str],
    captions: Mapping[str, Mapping[str, Any]],
    exhibits: Mapping[str, Exhibit],
    colors: Mapping[str, Look],
) -> list[Figure]:
    """Every figure there is, those with a caption in the captions' order, the others after them.

    Args:
        drawings: file in reports/figures, without its ending -> SVG; the folder is the part of the page.
        captions: name -> title, see, book, try_next, table and, optionally, also: figures that its chart covers.
        exhibits: name -> the interactive chart that takes the drawing's place.
        colors: those in the drawings that follow the page's theme, with their looks.
    """
    paths = {PurePath(file).name: file for file in drawings}
    covered = {other for name in exhibits for other in captions.get(name, {}).get("also", [])}
    names = [*captions, *sorted(set(paths) - set(captions))]
    found, used = [], 0
    for name in [n for n in names if n in paths and n not in covered]:
        about = dict(captions.get(name, {"title": name.replace("_", " ")}))
        shown: dict[str, Markup | None] = {}
        for file in [paths[n] for n in (name, *about.pop("also", [])) if n in paths]:
            svg = drawings[file]
            drawing = tidy(svg, file, str(about["title"]), colors) if len(svg) < 2 * MAX_DRAWINGS else ""
            fits = 0 < len(drawing) <= MAX_DRAWINGS - used
            used += len(drawing) * fits
            shown[file] = Markup(drawing) if fits else None
        found.append(
            Figure(name, part=PurePath(paths[name]).parts[0], chart=exhibits.get(name), drawings=shown, **about)
        )
    return found


def tidy(svg: str, name: str, title: str, colors: Mapping[str, Look] = NO_COLORS) -> str:
    """An SVG to stand inside a page: no prologue, no comments, ids of its own, short numbers, the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<g) id="[^"]*"', r"\1", svg)
    svg = re.sub(r'(\bid="|"#|url\(#)', rf"\1{PurePath(name).stem}-", svg)
    svg = re.sub(r' (d|x|y)="[^"]*"', lambda match: re.sub(r"(?<=\.\d)\d+", "", match[0]), svg)
    svg = re.sub(r"\s+", " ", svg)
    theme = {"#ffffff": "var(--paper)", "#000000": "currentColor"}
    theme |= {color.lower(): f"var(--{look.variable})" for color, look in colors.items()}

    def themed(style: re.Match[str]) -> str:
        shown = re.sub(r"#[0-9a-f]{6}", lambda color: theme.get(color[0], color[0]), style[0])
        return re.sub(r" font-family: [^;]*;", "", shown)

    svg = re.sub(r'style="[^"]*"', themed, svg)
    label = Markup('<svg role="img" aria-label="{}" fill="currentColor"').format(title)
    return svg.replace("<svg", str(label), 1).replace("> <", "><").strip()


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
