"""dvc.yaml says all that the stages do, and nothing else; checked for every stage that is in it, on a real run."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from stepahead.core.inputs import BEGIN
from stepahead.core.params import leaves
from tests.project import DEFAULTS, ROOT, Project

PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
STAGES = sorted(PIPELINE)
OWN_FILES = "data/local"  # a dep of the stages that read the user's files, whether or not params.yaml names one


def entries(project: Project, stage: str) -> dict[str, dict[str, Any]]:
    """dvc.lock's entries of a stage, one for each entry of its matrix: what DVC resolved and recorded."""
    found = {name: entry for name, entry in project.lock().items() if name.partition("@")[0] == stage}
    assert found
    return found


def seen(project: Project, name: str) -> dict[str, list[str]]:
    record: dict[str, list[str]] = json.loads(
        (Path(project.environment["STEPAHEAD_WATCH"]) / f"{name}.json").read_text()
    )
    return record


def covers(declared: list[str], path: str) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in declared)


def ignored(path: str) -> bool:
    """Compiled modules, and what git and virtual environments keep."""
    return path.endswith(".pyc") or path.startswith((".venv/", ".cache/"))


def test_every_stage_has_its_script_and_every_script_its_stage(root: Path) -> None:
    assert sorted(path.stem for path in (root / "stages").glob("[!_]*.py")) == STAGES


def test_what_all_stages_begin_with_stands_in_a_folder_that_they_declare(root: Path) -> None:
    docstring, *code = ast.parse((root / BEGIN).read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert [ast.unparse(line) for line in code] == ["from stepahead.core import begin as begin"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_what_it_declares_and_declares_what_it_reads(stage: str, finished: Project) -> None:
    for name, entry in entries(finished, stage).items():
        declared = [dep["path"] for dep in entry["deps"]]
        read = {p for p in seen(finished, name)["read"] if not ignored(p)} - set(outputs(entry))
        undeclared = {p for p in read if not covers(declared, p)} - {"params.yaml", "dvc.yaml", BEGIN}
        assert not undeclared, f"{name} reads files that are not among its deps in dvc.yaml"
        for dep in set(declared) - {OWN_FILES}:
            assert any(covers([dep], path) for path in read), f"{name} declares {dep} and does not read it"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_from_the_folders_it_declares_and_from_each_of_them(stage: str, finished: Project) -> None:
    for name, entry in entries(finished, stage).items():
        code = [dep["path"] for dep in entry["deps"] if dep["path"].startswith(("stages/", "stepahead/"))]
        imported = {path for path in seen(finished, name)["imported"] if path.startswith(("stages/", "stepahead/"))}
        undeclared = {path for path in imported if not covers(code, path)} - {BEGIN}
        assert not undeclared, f"{name} imports modules outside the folders among its deps in dvc.yaml"
        for dep in code:
            assert any(covers([dep], path) for path in imported), f"{name} declares {dep} and imports nothing from it"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_writes_exactly_its_outputs(stage: str, finished: Project) -> None:
    for name, entry in entries(finished, stage).items():
        written = {path for path in seen(finished, name)["written"] if not ignored(path)}
        assert {path for path in written if not covers(outputs(entry), path)} == set(), name
        for out in outputs(entry):
            assert any(covers([out], path) for path in written), f"{name} declares {out} and does not write it"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_exactly_the_params_of_its_config(stage: str) -> None:
    """A section stands for all its keys: one declared whole but read in part would run the stage again for nothing."""
    import dataclasses
    import importlib

    config = importlib.import_module(f"stages.{stage}").Config
    keys = [field.metadata["key"] for field in dataclasses.fields(config)]
    every = [key for key, _ in leaves(DEFAULTS)]
    declared = PIPELINE[stage].get("params", [])
    assert sorted(keys) == sorted(key for key in every if any(f"{key}.".startswith(f"{each}.") for each in declared))


def test_dvc_yaml_can_be_read(root: Path, committed: Path) -> None:
    """Whole, in a few minutes: short, with a sentence on every stage, and code by the folder."""
    assert len((root / "dvc.yaml").read_text(encoding="utf-8").splitlines()) <= 300
    assert len((committed / "dvc.lock").read_text(encoding="utf-8").splitlines()) <= 1410
    for name, stage in PIPELINE.items():
        assert stage["desc"], name
        files = [dep for dep in stage["deps"] if dep.startswith("stepahead/") and (root / dep).is_file()]
        assert not files, f"{name} names single files of the library"


def outputs(entry: dict[str, Any]) -> list[str]:
    return [out["path"] for out in entry.get("outs", [])]


TORCH = {"train_rnn", "evaluate_perplexity", "export_networks", "generate_text", "probe_gradients"}


@pytest.mark.parametrize(
    ("package", "stages"),
    [
        ("torch", TORCH),
        ("torch._dynamo", set()),
        ("sympy", set()),
        ("pandas", {"diagnose_series"}),  # statsmodels imports it
        ("statsmodels", {"diagnose_series"}),
        ("requests", set()),
        ("vl_convert", {"bundle_vega", "plot_series", "plot_text"}),
    ],
)
def test_a_stage_imports_no_heavy_package_it_does_not_use(package: str, stages: set[str], finished: Project) -> None:
    importers = {name.partition("@")[0] for name in finished.lock() if package in seen(finished, name)["modules"]}
    assert importers == stages


def test_nothing_runs_twice(project: Project) -> None:
    done = project.dvc("repro")
    assert done.code == 0
    assert done.stages == []


def test_tau_runs_the_window_models_and_what_follows_from_them(project: Project) -> None:
    done = project.dvc("exp", "run", "-S", "tau=8")
    assert done.code == 0, done.output
    assert sorted(done.stages) == [
        "evaluate_kstep",
        "plot_series",
        "train_linear",
        "train_networks",
        "write_page",
    ]
    changes = json.loads(project.dvc("metrics", "diff", "--json").output)
    assert changes["reports/metrics/kstep.json"]["mlp.k4"]["diff"] != 0
    assert "reports/metrics/perplexity.json" not in changes


def test_a_new_cell_trains_that_cell_alone(project: Project) -> None:
    project.set({"models.rnn": ["rnn", "gru"]})
    project.commit()
    shrunk = project.dvc("repro", "evaluate_perplexity")
    assert shrunk.code == 0, shrunk.output
    assert not any(stage.startswith("train") for stage in shrunk.stages)
    others = {"ngram_6", "mixture", "adaptive_mixture"}
    assert set(project.json("reports/metrics/perplexity.json")) == {"rnn", "gru", *others}
    assert not (project.folder / "models/text/rnn/lstm.safetensors").exists()  # the folder is that of a new clone
    done = project.dvc("exp", "run", "-S", "models.rnn=[rnn,gru,lstm]", "evaluate_perplexity")
    assert done.code == 0, done.output
    assert set(done.stages) <= {"train_rnn@lstm", "evaluate_perplexity"}
    assert set(project.json("reports/metrics/perplexity.json")) == {"rnn", "gru", "lstm", *others}


def test_a_text_param_runs_what_it_reads(project: Project) -> None:
    done = project.dvc("exp", "run", "-S", "generate.length=9", "generate_text")
    assert done.stages == ["generate_text"], done.output
    done = project.dvc("exp", "run", "-S", "models.ngram=[1,3]", "evaluate_perplexity")
    assert done.stages == ["train_ngram", "evaluate_perplexity"], done.output


def test_a_file_of_the_users_own_is_tracked(project: Project) -> None:
    text = "It was a bright cold day in April, and the clocks were striking thirteen. "
    own = project.folder / "data/local/mine.txt"
    own.write_text(text * 60, encoding="utf-8")
    project.set({"corpus.name": "mine.txt"})
    wings = ("build_vocab", "train_networks")
    assert project.dvc("repro", *wings).code == 0
    before = project.json("data/vocab/summary.json")
    own.write_text(text * 30 + text.upper().replace("O", "Z")[::-1] * 30, encoding="utf-8")
    done = project.dvc("repro", *wings)
    assert sorted(done.stages) == ["build_vocab", "fetch_corpus", "generate_series", "tokenize"], done.output
    assert project.json("data/vocab/summary.json") != before


def test_the_time_machine_comes_from_a_mirror(project: Project, mirror: Path) -> None:
    project.set({"corpus.name": "time_machine", "tokens.n_train": 10000})
    done = project.dvc("repro", "build_vocab", STEPAHEAD_MIRROR=str(mirror))
    assert done.code == 0, done.output
    assert project.json("data/vocab/summary.json")["size"] == 28
    assert "173,428 char tokens" in done.output
