"""A run without a family of models: what is left is scored, drawn and put on the page."""

import shutil
from pathlib import Path

import pytest

from tests.project import Project

OF_MODELS = {"future", "gradient_cosines", "intervals"}
OF_NETWORKS = {"training_perplexity", "gradient_flow"}
SERIES = {f"models.{family}": [] for family in ("linear", "mlp", "direct", "recurrent", "lvar")}


def figures(project: Project) -> set[str]:
    return {path.stem for path in (project.folder / "reports/figures").rglob("*.*")}


def repro(project: Project, values: dict[str, list[str]]) -> None:
    project.set(values)
    done = project.dvc("repro")
    assert done.code == 0, done.output


@pytest.mark.slow
def test_with_nothing_but_ngrams_and_baselines(project: Project) -> None:
    """In a new clone, in which nothing has filled the folders that stages read."""
    before = figures(project)
    for folder in ("models", "reports/training"):
        shutil.rmtree(project.folder / folder)
    project.git("checkout", ".")
    repro(project, SERIES | {"models.rnn": []})
    assert set(project.json("reports/metrics/kstep.json")) == {"floor", "persistence"}
    assert set(project.json("reports/metrics/perplexity.json")) == {"ngram_6"}
    assert set(project.json("reports/generated.json")) == {"ngram_1", "ngram_2", "ngram_6"}
    assert figures(project) == before - OF_NETWORKS - OF_MODELS


@pytest.mark.slow
def test_without_ngrams(project: Project) -> None:
    before = figures(project)
    repro(project, {"models.ngram": []})
    assert set(project.json("reports/metrics/perplexity.json")) == {"scratch", "rnn", "gru", "lstm"}
    assert figures(project) == before
    assert "ngram_" not in page(project)


def page(project: Project) -> str:
    return Path(project.folder / "reports/index.html").read_text(encoding="utf-8")
