"""What the pages show of a run: docs/results.json. (git has no other tables of a run than its metrics, and those are
rewritten by every run.)"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stepahead.core.artifacts import read_json, read_table

RESULTS = Path("docs/results.json")
LEVELS = ("0.8", "0.95")  # of the intervals whose coverage is shown
SPANS = ("book", "train", "val", "test")


def results(root: Path) -> dict[str, Any]:
    """What the pages show of the run in `root`: the content of docs/results.json.

    kstep: model -> k -> mean squared error and its spread over seeds; floor; intervals: model -> k -> coverage at each
    of `LEVELS`; perplexity: model -> span -> perplexity, `book` being measured while
    training, and its spread as span_std.
    """
    metrics = read_json(root / "reports/metrics/kstep.json")
    floor, horizons = metrics.get("floor"), {k[1:] for k in metrics["persistence"]}
    found: dict[str, Any] = {"floor": floor and _rounded(floor), "kstep": {}, "intervals": {}, "perplexity": {}}
    for row in _rows(root / "reports/tables/kstep.csv"):
        if row["k"] in horizons:
            found["kstep"].setdefault(row["model"], {})[row["k"]] = [_rounded(row["mse"]), _rounded(row["mse_std"])]
    for row in _rows(root / "reports/tables/intervals.csv"):
        if row["method"] == "adaptive" and row["k"] in horizons and row["level"] in LEVELS:
            of_model = found["intervals"].setdefault(row["model"], {})
            of_model.setdefault(row["k"], {})[row["level"]] = _rounded(row["coverage"])
    for row in _rows(root / "reports/tables/perplexity.csv"):
        scores = (*SPANS, *(f"{span}_std" for span in SPANS))
        found["perplexity"][row["model"]] = {score: _rounded(row[score]) for score in scores if row[score]}
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    columns = read_table(path)
    return (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))


def _rounded(number: str | float) -> float:
    """As the metrics are: to six significant digits."""
    return float(f"{float(number):.6g}")
