"""A person's mistake costs one clear line, a non-zero exit, and nothing of what was there before."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.project import Done, Project


@pytest.fixture(scope="module")
def broken(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy whose params.yaml every test changes and puts back."""
    import shutil

    folder = tmp_path_factory.mktemp("broken") / "clone"
    shutil.copytree(finished.folder, folder, symlinks=True)
    return Project(folder)


def results(project: Project) -> dict[str, str]:
    """The content of every tracked result."""
    names = ["dvc.lock", "data/series", "data/corpus", "data/tokens", "data/vocab", "models", "reports"]
    files = [f for name in names for f in sorted([project.folder / name, *(project.folder / name).rglob("*")])]
    return {str(f.relative_to(project.folder)): hashlib.sha1(f.read_bytes()).hexdigest() for f in files if f.is_file()}


def fails(done: Done, message: str) -> None:
    errors = [line for line in done.output.splitlines() if line.startswith("error: ")]
    assert done.code != 0
    assert len(errors) == 1, done.output
    assert message in errors[0]
    assert "Traceback" not in done.output


def after(project: Project, changes: dict[str, Any], stage: str, *entry: str, **environment: str) -> Done:
    """Run a stage on changed params, with everything it leaves behind compared with what was there."""
    path = project.folder / "params.yaml"
    kept, before = path.read_bytes(), results(project)
    try:
        project.set(changes)
        done = project.stage(stage, *entry, **environment)
    finally:
        path.write_bytes(kept)
    assert results(project) == before
    return done


@pytest.mark.parametrize(
    ("changes", "stage", "message"),
    [
        ({"tau": 700}, "train_mlp", "tau = 700 needs more than 200 training steps (series.n_train); lower tau"),
        ({"tau": 0}, "train_mlp", "tau = 0, but it must be a whole number, 1 or more"),
        ({"tau": "eight"}, "train_mlp", "tau = 'eight', but it must be a whole number"),
        ({"tau": 700}, "train_linear ols", "tau = 700 needs more than 200 training steps"),
        ({"tau": 700}, "train_recurrent rnn", "tau = 700 needs more than 200 training steps"),
        ({"mlp.lr": 1e50}, "train_mlp", "mlp.lr = 1e+50: the loss stopped being a finite number"),
        ({}, "train_linear arima", "linear.models has the entry 'arima'; choose from ols, yule_walker"),
        ({}, "train_recurrent elman", "recurrent.cells has the entry 'elman'; choose from rnn, gru, lstm"),
        ({}, "train_rnn transformer", "rnn.cells has the entry 'transformer'; choose from scratch, rnn, gru, lstm"),
        ({"series.name": "cosine"}, "generate_series", "series.name = 'cosine'"),
        ({"series.n_train": 300}, "generate_series", "series.n_train = 300"),
        ({"series.length": 1}, "generate_series", "series.length = 1, but it must be a whole number, 2 or more"),
        ({"series.noise_std": -0.1}, "generate_series", "series.noise_std = -0.1, but it must be a number 0 or more"),
        ({"kstep.horizons": [1, 101]}, "evaluate_kstep", "kstep.horizons = 101 at most, but only 100"),
        ({"kstep.horizons": []}, "evaluate_kstep", "kstep.horizons = [], but it must be a list"),
        ({"corpus.name": "moby_dick"}, "fetch_corpus", "corpus.name = 'moby_dick' is not known; use one of bundled"),
        ({"corpus.name": "../secret.txt"}, "fetch_corpus", "corpus.name = '../secret.txt' is not a plain file name"),
        ({"corpus.name": "gs10"}, "fetch_corpus", "corpus.name = 'gs10' is a series, not a text"),
        ({"tokens.kind": "syllable"}, "tokenize", "tokens.kind = 'syllable', but it must be one of char, word"),
        ({"tokens.n_train": 100000}, "build_vocab", "tokens.n_train = 100000, n_val = 500 and n_test = 500 need"),
        ({"vocab.min_freq": 100000}, "build_vocab", "vocab.min_freq = 100000 leaves no token"),
        ({"rnn.batch_size": 200}, "train_rnn rnn", "rnn.batch_size = 200 and rnn.num_steps = 35 need 7036"),
        ({"rnn.num_steps": 3000}, "train_rnn rnn", "rnn.batch_size = 32 and rnn.num_steps = 3000 need"),
        ({"rnn.lr": 1e20, "rnn.clip": "none"}, "train_rnn rnn", "rnn.lr = 1e+20: the training loss is no longer"),
        ({"rnn.num_layers": 2}, "train_rnn scratch", "rnn.num_layers = 2, but scratch has one layer"),
        ({"device": "cuda"}, "train_rnn rnn", "device = cuda, but torch finds no CUDA device here"),
        ({"device": "tpu"}, "train_rnn rnn", "device = 'tpu', but it must be one of auto, cpu, cuda"),
        ({"rnn.epoch": 5}, "train_rnn rnn", "rnn.epoch is no param that any stage in dvc.yaml reads; did you mean"),
        ({"extra": 1}, "plot", "extra is no param that any stage in dvc.yaml reads"),
    ],
)
def test_a_param_that_is_not_allowed(changes: dict[str, Any], stage: str, message: str, broken: Project) -> None:
    fails(after(broken, changes, *stage.split()), message)


def test_a_missing_key(broken: Project) -> None:
    path = broken.folder / "params.yaml"
    kept = path.read_text(encoding="utf-8")
    try:
        path.write_text(kept.replace("tau: 4\n", ""), encoding="utf-8")
        fails(broken.stage("train_mlp"), "tau is missing")
    finally:
        path.write_text(kept, encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "mine.txt is empty"),
        (b"caf\xe9", "mine.txt is not UTF-8 text: byte 3 is 0xe9"),
    ],
)
def test_a_corpus_of_the_users_own_that_cannot_be_read(content: bytes, message: str, broken: Project) -> None:
    own = broken.folder / "data/local/mine.txt"
    own.write_bytes(content)
    try:
        fails(after(broken, {"corpus.name": "mine.txt"}, "fetch_corpus"), message)
    finally:
        own.unlink()


def test_a_corpus_that_normalises_to_nothing(broken: Project) -> None:
    corpus = broken.folder / "data/corpus/corpus.txt"
    kept = corpus.read_bytes()
    try:
        corpus.write_text("1898 — 时间", encoding="utf-8")
        fails(broken.stage("tokenize"), "tokens.normalize = letters leaves nothing of this corpus")
    finally:
        corpus.write_bytes(kept)


def test_a_download_with_another_checksum(broken: Project, tmp_path: Path) -> None:
    """The mirror's file is refused, and the addresses in the catalogue cannot be reached."""
    (tmp_path / "timemachine.txt").write_text("an error page", encoding="utf-8")
    catalog = broken.folder / "data/catalog.yaml"
    kept = catalog.read_text(encoding="utf-8")
    try:
        catalog.write_text(kept.replace("d2l-data.s3-accelerate.amazonaws.com", "127.0.0.1:9"), encoding="utf-8")
        done = after(broken, {"corpus.name": "time_machine"}, "fetch_corpus", STEPAHEAD_MIRROR=str(tmp_path))
    finally:
        catalog.write_text(kept, encoding="utf-8")
    fails(done, "corpus.name = time_machine")
    assert "not the expected content (its sha256 is" in done.output
    assert "STEPAHEAD_MIRROR" in done.output


def test_dvc_removes_a_stages_results_before_it_runs_and_a_failed_stage_puts_them_back(broken: Project) -> None:
    before = results(broken)
    done = broken.dvc("exp", "run", "-S", "tau=700")
    fails(done, "tau = 700 needs more than 200 training steps")
    assert results(broken) == before
    broken.git("checkout", "params.yaml")
    assert broken.dvc("repro").stages == []
