"""The tables of the README and of docs/, filled from tracked files: `python -m docs.fill`.

A table stands between the lines `<!-- table: NAME -->` and `<!-- end -->`; a test fails where it is not what the files
of the last commit say. What the pages show of a run goes to docs/results.json first.
"""

import re
import shutil
from pathlib import Path

from docs.results import RESULTS, results
from docs.tables import TABLES
from stepahead.core.artifacts import atomic, read_text, write_json, write_text

PAGES = (
    "README.md",
    "README.zh-CN.md",
    *(f"docs/{name}.md" for name in ("book", "params", "performance", "results", "scale")),
)


def fill(text: str, root: Path) -> str:
    """`text` with every table made anew from the files under `root`."""

    def filled(match: re.Match[str]) -> str:
        return f"{match[1]}\n{TABLES[match[2]](root)}\n<!-- end -->"

    return re.sub(r"(<!-- table: (\w+) -->)\n.*?<!-- end -->", filled, text, flags=re.DOTALL)


if __name__ == "__main__":
    write_json(RESULTS, results(Path()))
    for page in map(Path, PAGES):
        write_text(page, fill(page.read_text(encoding="utf-8"), Path()))
    # what stands in params.yaml now is what the page calls the defaults
    write_text(Path("stepahead/report/template/defaults.yaml"), read_text(Path("params.yaml")))
    with atomic(Path("docs/kstep_error.png")) as temporary:  # DVC keeps the figures, but a page needs one in git
        shutil.copyfile("reports/figures/series/kstep_error.png", temporary)
