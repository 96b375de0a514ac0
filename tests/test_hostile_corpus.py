"""A corpus, and file names, that try to act on a terminal, a page or a figure: they stay data all the way through."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from tests.project import Project

HOSTILE = [
    "<script>alert(1)</script>",
    "<img/src=x/onerror=alert(1)>",
    "</title></svg><script>",
    "&amp;&lt;",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\x00nul",
    "\x08\x08\x7f",
    "\u202eevil\u202c",
    "\u2066isolate\u2069",
    "\u200b\u200d\ufeff",
    "\U000e0001tag",
    "\ufffe\uffff",
    "${IFS}$(id)`id`",
    "$\\frac{$",
    "%s%n{0}{{x}}",
    "=cmd|'/C'!A1",
    '"quoted","cells"',
    "x" * 5000,
    "é" * 300 + "\u0301" * 300,
]
NAME = "<script>$x_{$ é.txt"
TABLE = "<script>$x_{$ é.csv"


class Inert(HTMLParser):
    """Fails on a page with an element of the corpus's making."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "b", attrs
        assert not [name for name, value in attrs if name.startswith("on") or "alert(1)" in (value or "")], tag

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":
            assert not data.startswith("alert(1)")


@pytest.mark.slow
def test_nothing_in_a_corpus_or_a_name_becomes_markup_or_an_escape(project: Project) -> None:
    text = " ".join(HOSTILE[(i * i + i // 3) % len(HOSTILE)] for i in range(3000))
    (project.folder / "data/local" / NAME).write_text(text, encoding="utf-8", newline="")
    rows = "".join(f"{(t * t) % 17}\n" for t in range(300))
    (project.folder / "data/local" / TABLE).write_text(f"$x_{{$<b>\x1b[31m\n{rows}", encoding="utf-8")
    project.set(
        {
            "corpus.name": NAME,
            "series.name": TABLE,
            "tokens.kind": "word",
            "tokens.normalize": "none",
            "generate.prefix": "<script>alert(1)</script> \x1b[31mred\x1b[0m \u202eevil\u202c",
        }
    )
    done = project.dvc("repro")
    assert done.code == 0, done.output
    assert [c for c in done.output if not c.isprintable() and c not in "\n\t"] == []
    vocabulary = project.json("data/vocab/vocab.json")["tokens"]
    assert {"<script>alert(1)</script>", "\x00nul", "\x1b[31mred\x1b[0m"} <= set(vocabulary)
    figures = sorted((project.folder / "reports/figures").rglob("*.*"))
    assert {path.suffix for path in figures} == {".json", ".png", ".svg"}
    for path in figures:
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        elif path.suffix == ".svg":
            tags = {element.tag.rpartition("}")[2] for element in ET.parse(path).iter()}
            assert not tags & {"script", "img", "foreignObject", "a"}, path.name
    for page in (project.folder / "reports").rglob("*.html"):
        Inert().feed(page.read_text(encoding="utf-8"))
