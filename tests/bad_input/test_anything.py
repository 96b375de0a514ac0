"""Anything at all as a param, a table or a text: a valid value, or one clear line; never another error."""

import dataclasses
import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stepahead.core import params
from stepahead.core.errors import StepaheadError
from stepahead.series.data.dataset import standardised
from stepahead.sources.corpora import read_corpus
from stepahead.sources.csv_column import read_column
from stepahead.text.tokens import tokens, vocab
from stepahead.text.tokens.normalization import NORMALIZATIONS, normalize
from tests.bad_input.battery import replaced
from tests.project import DEFAULTS, ROOT, Project, default_params

STAGES = sorted(yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"])
many = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
few = settings(many, max_examples=25)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.dates()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3),
    max_leaves=4,
)


def check_clear(error: StepaheadError) -> None:
    """One line that can be printed, and says the way out."""
    assert str(error).isprintable()
    assert ";" in str(error)


def changed(tree: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    head, _, rest = key.partition(".")
    return tree | {head: changed(tree[head], rest, value) if rest else value}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_bytes((ROOT / "dvc.yaml").read_bytes())
    (tmp_path / "params.yaml").write_text(default_params(ROOT), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("stage", STAGES)
def test_a_config_takes_a_value_or_says_what_is_allowed(
    stage: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = importlib.import_module(f"stages.{stage}").Config
    keys = [field.metadata["key"] for field in dataclasses.fields(config)]
    monkeypatch.setenv("DVC_STAGE", stage)
    assert params.load(config, folder)
    if not keys:
        return

    @many
    @given(st.sampled_from(keys), values)
    def check(key: str, value: Any) -> None:
        tree = yaml.dump(changed(DEFAULTS, key, value), Dumper=yaml.SafeDumper, allow_unicode=True)
        (folder / "params.yaml").write_text(tree, encoding="utf-8")
        try:
            loaded = params.load(config, folder)
        except StepaheadError as error:
            check_clear(error)
        else:
            floats = [value for value in vars(loaded).values() if isinstance(value, float)]
            assert all(map(math.isfinite, floats))

    check()


@dataclasses.dataclass(frozen=True)
class Tau:
    tau: int = params.param("tau", params.integer(1))


@many
@example(b"tau: 2020-13-41")
@example(b"a: &a {b: *a}")
@example(b"tau: 0x" + b"f" * 5000)
@example(b"? [a]\n: b")
@example(b"[" * 3000)
@given(st.binary(max_size=30) | st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_as_params(folder: Path, content: bytes) -> None:
    (folder / "params.yaml").write_bytes(content)
    with pytest.raises(StepaheadError) as caught:
        params.load(Tau, folder)
    check_clear(caught.value)


cells = st.sampled_from(["", "1", "-2.5", "1e99", "5e-324", "nan", "2020-01-01", "2020-02-02", "x", '"', "1e308", "é"])
lines = st.lists(st.lists(cells, min_size=1, max_size=3).map(",".join), max_size=8)
tables = (
    lines.map("\n".join)
    | st.lists(st.floats(allow_nan=False), min_size=2, max_size=9).map(lambda x: "\n".join(["v", *map(str, x)]))
).map(lambda text: text.encode())


@settings(many, max_examples=300)
@example(b"v\n0\n5e-324\n1\n", 2)
@example(b"v\n1e99\n-1e99\n3\n", 2)
@given(tables | st.binary(max_size=60), st.integers(1, 5))
def test_any_table_as_a_series(content: bytes, n_train: int) -> None:
    try:
        column = read_column(content, "mine.csv")
        series = standardised("mine.csv", column.values, column.dates, n_train)
    except StepaheadError as error:
        check_clear(error)
    else:
        assert np.isfinite(series.scaled).all()


@settings(many, max_examples=200)
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(NORMALIZATIONS),
    st.sampled_from(tokens.KINDS),
    st.integers(-1, 20),
)
def test_any_bytes_as_a_corpus(folder: Path, content: bytes, how: str, kind: str, n_train: int) -> None:
    (folder / "local").mkdir(exist_ok=True)
    (folder / "local/mine.txt").write_bytes(content)
    places = {"bundled": folder / "none", "catalog": ROOT / "data/catalog.yaml", "local": folder / "local"}
    try:
        text = "".join(read_corpus("mine.txt", **places, cache=folder / "cache", mirror=None))
        normalized = normalize(text, how)
        tokens.check_not_empty([normalized], how)
        merges = tokens.learn_merges(lambda: [normalized], 260, n_train, 2) if kind == "bpe" else ()
        types, ids = tokens.tokenize(normalized, kind, merges)
        train = vocab.split_spans(len(ids), n_train, 1, 1)["train"]
        counts = vocab.count_tokens([ids[train.start : train.stop]], len(types))
        frequent = vocab.frequent_tokens(types, counts, kind, 0, ())
    except StepaheadError as error:
        check_clear(error)
    else:
        vocabulary = vocab.Vocabulary(frequent, kind, how, merges)
        encoded = vocabulary.encode(types, ids)
        assert encoded.max() < len(vocabulary)
        if kind != "word" and (encoded > 0).all():
            assert vocabulary.decode(encoded.tolist()) == normalized


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["generate_series", "train_linear", "tokenize", "build_vocab"])
def test_a_stage_runs_or_says_why_not(stage: str, broken: Project) -> None:
    name, *entry = stage.split()
    keys = list(broken.pipeline()[name]["params"])

    @few
    @given(st.sampled_from(keys), values)
    def check(key: str, value: Any) -> None:
        path = broken.folder / "params.yaml"
        tree = changed(yaml.safe_load(path.read_text(encoding="utf-8")), key, value)
        with replaced(path, yaml.safe_dump(tree, allow_unicode=True).encode()):
            done = broken.stage(name, *entry, STEPAHEAD_MIRROR="/nowhere")
        assert "Traceback" not in done.output
        if done.code:
            assert [line for line in done.output.splitlines() if line.startswith("error: ")]
        for file in (broken.folder / "reports/metrics").iterdir():
            assert "NaN" not in file.read_text(encoding="utf-8")

    kept = {
        p: p.read_bytes() for d in ("data", "models", "reports") for p in (broken.folder / d).rglob("*") if p.is_file()
    }
    try:
        check()
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
