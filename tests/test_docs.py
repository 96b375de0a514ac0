"""The pages in docs/ tell the truth."""

import re
from pathlib import Path

import pytest
import yaml

from tests.project import DEFAULTS, Project, default_params


@pytest.fixture(scope="module")
def patch(root: Path) -> str:
    text = (root / "docs/adding-a-model.md").read_text(encoding="utf-8")
    (diff,) = re.findall(r"```diff\n(.*?)```", text, re.DOTALL)
    return str(diff)


def test_a_model_takes_forty_lines_at_most(patch: str) -> None:
    assert len(re.findall(r"^\+(?!\+\+ )", patch, re.MULTILINE)) <= 40


def test_it_applies_to_this_commit(root: Path, patch: str, tmp_path: Path) -> None:
    for name in re.findall(r"^--- a/(.*)", patch, re.MULTILINE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((root / name).read_bytes())
    (tmp_path / "params.yaml").write_text(default_params(root), encoding="utf-8")
    (tmp_path / "burg.patch").write_text(patch, encoding="utf-8")
    done = Project(tmp_path).run("git", "apply", "--check", "--unidiff-zero", "burg.patch")
    assert done.code == 0, done.output


@pytest.mark.slow
def test_the_model_of_the_example_is_trained_and_scored(project: Project, patch: str) -> None:
    (project.folder / "burg.patch").write_text(patch, encoding="utf-8")
    project.git("apply", "--exclude=params.yaml", "--unidiff-zero", "burg.patch")  # the copy's params.yaml is its own
    project.set({"models.linear": ["ols", "yule_walker", "burg"]})
    done = project.dvc("repro", "evaluate_kstep")
    assert done.code == 0, done.output
    assert [stage for stage in done.stages if stage.startswith("train_")] == ["train_linear"]
    rows = project.json("reports/metrics/kstep.json")
    assert 0 < rows["burg"]["k1"] < rows["persistence"]["k1"]


def test_its_coefficients_are_those_of_statsmodels(project: Project, patch: str) -> None:
    (project.folder / "burg.patch").write_text(patch, encoding="utf-8")
    project.git("apply", "--exclude=params.yaml", "--unidiff-zero", "burg.patch")
    code = """
import numpy as np
from statsmodels.regression.linear_model import burg as theirs
from stepahead.series.linear.burg import burg
series = np.random.default_rng(0).normal(size=300).cumsum()
np.testing.assert_allclose(burg(series, 5), theirs(series, 5, demean=True)[0], atol=1e-10)
"""
    done = project.run("python", "-c", code)
    assert done.code == 0, done.output


def test_the_page_on_the_book_names_every_figure_and_files_and_params_that_exist(root: Path) -> None:
    text = (root / "docs/book.md").read_text(encoding="utf-8")
    captions = yaml.safe_load((root / "stepahead/report/template/captions.yaml").read_text(encoding="utf-8"))
    for figure in captions:
        assert f"`{figure}`" in text
    for path in re.findall(r"`(stepahead/[\w/]+\.py)`", text):
        assert (root / path).exists(), path
    for key in re.findall(r"-S '?([\w.]+)=", text):
        node = DEFAULTS
        for part in key.split("."):
            assert part in node, key
            node = node[part]


CITATION = re.compile(
    r"(?<![\w])((?:[A-Z][a-zé]+, )?[A-Z][a-zé]+(?: et al\.| & [A-Z][a-zé]+)? (?:19|20)\d\d)(?![\w-])", re.UNICODE
)
NO_CITATION = {"Jan 1990", "January 1970"}  # dates, in the module on dates


def test_every_work_that_the_code_cites_is_in_the_references_and_the_other_way_round(root: Path) -> None:
    cited = set[str]()
    for path in sorted((root / "stepahead").rglob("*.py")):
        cited |= set(CITATION.findall(re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))))
    page = (root / "docs/references.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([^|]*\d{4}) \|", page, re.MULTILINE))
    assert cited - NO_CITATION == listed


def test_every_folder_that_the_references_name_cites_the_work(root: Path) -> None:
    page = (root / "docs/references.md").read_text(encoding="utf-8")
    for work, folders in re.findall(r"^\| ([^|]*\d{4}) \|[^|]*\| (.*) \|$", page, re.MULTILINE):
        for folder in re.findall(r"`([^`]*)`", folders):
            code = " ".join(path.read_text(encoding="utf-8") for path in (root / "stepahead" / folder).glob("*.py"))
            assert work in re.sub(r"\s+", " ", code), (work, folder)


def test_the_glossary_explains_words_that_are_used(root: Path) -> None:
    page = (root / "docs/references.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    terms = re.findall(r"^\| ([a-z][^|]*) \| [^|]*[^\x00-\x7f][^|]* \|", page, re.MULTILINE)
    assert len(terms) >= 25
    assert terms == sorted(terms)
    code = " ".join(
        path.read_text(encoding="utf-8")
        for path in sorted((root / "stepahead").rglob("*.*"))
        if path.suffix in {".py", ".yaml", ".html"}
    )
    words = re.sub(r"[_\s-]+", " ", code.lower())
    for term in terms:
        assert term.replace("-", " ") in words or f"{term.replace('-', ' ')}s" in words, term
