import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.generate_series import transforms
from stepahead.core import params
from stepahead.core.errors import StepaheadError

PIPELINE = """
stages:
  train:
    cmd: python -m stages.train
    params: [tau, mlp.lr, mlp.kind]
  evaluate:
    matrix: {model: "${models}"}
    cmd: python -m stages.evaluate
    params: [seed]
  section:
    cmd: python -m stages.section
    params: [mlp]
"""
GOOD = "{tau: 4, seed: 0, models: [a], mlp: {lr: 0.01, kind: x}}"


@dataclass(frozen=True)
class Config:
    tau: int = params.param("tau", params.integer(1, 100))
    lr: float = params.param("mlp.lr", params.number(above=0))
    kind: str = params.param("mlp.kind", params.choice("x", "y"))


@dataclass(frozen=True)
class Undeclared:
    seed: int = params.param("seed", params.integer(0))


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def load(values: str, config: type = Config, stage: str = "train@a") -> Any:
        (tmp_path / "params.yaml").write_text(values, encoding="utf-8")
        (tmp_path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
        monkeypatch.setenv("DVC_STAGE", stage)
        return params.load(config, tmp_path)

    return load


def test_values_are_read_and_typed(load: Any) -> None:
    assert load(GOOD) == Config(tau=4, lr=0.01, kind="x")


@pytest.mark.parametrize(("written", "value"), [("1e-05", 1e-5), ("'1e-05'", 1e-5), ("1", 1.0), ("'0.5'", 0.5)])
def test_numbers_are_read_however_dvc_writes_them(load: Any, written: str, value: float) -> None:
    assert load(GOOD.replace("0.01", written)).lr == value


@pytest.mark.parametrize("written", ["8", "8.0", "'08'", "8e0", "+8"])
def test_whole_numbers_are_read_however_dvc_writes_them(load: Any, written: str) -> None:
    tau = load(GOOD.replace("tau: 4", f"tau: {written}")).tau
    assert tau == 8
    assert type(tau) is int


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("tau: 4", "tau: 0"), r"tau = 0, but it must be a whole number from 1 to 100; .* -S tau="),
        (("tau: 4", "tau: 2.5"), r"tau = 2.5, but it must be a whole number"),
        (("tau: 4", "tau: true"), r"tau = True, but it must be a whole number"),
        (("tau: 4", "tau: 010"), r"params.yaml line 1 has 010, which can be read in more than one way; write"),
        (("tau: 4", "tau: '1_0'"), r"tau = '1_0', but it must be a whole number"),
        (("tau: 4", "tau: ٤"), r"tau = '٤', but it must be a whole number"),
        (("tau: 4", "tau: 0x"), r"tau = '0x', but it must be a whole number"),
        (("tau: 4", "tau: [4]"), r"tau = \[4\], but it must be a whole number"),
        (("tau: 4", "tau: null"), r"tau = null, but it must be a whole number"),
        (("0.01", "-1"), r"mlp.lr = -1, but it must be a number above 0"),
        (("0.01", ".nan"), r"mlp.lr = nan, but it must be a number above 0"),
        (("0.01", ".inf"), r"mlp.lr = inf, but it must be a number above 0"),
        (("0.01", "1" + "0" * 400), r"mlp.lr = 10{199}…, but it must be a number above 0"),
        (("kind: x", "kind: z"), r"mlp.kind = 'z', but it must be one of x, y"),
        (("kind: x", "kind: [x]"), r"mlp.kind = \['x'\], but it must be one of x, y"),
        (("tau: 4", "tua: 4"), r"params.yaml: tua is no param that any stage in dvc.yaml reads; did you mean tau\?"),
        (("tau: 4, ", ""), r"params.yaml: tau is missing"),
        (("seed: 0", "extra: {deep: 1}"), r"params.yaml: extra.deep is no param .* delete it"),
        (("tau: 4", "tau: 'a"), r"params.yaml line \d+ is not valid YAML"),
        (
            ("seed: 0", "mlp.lr: 1, seed: 0"),
            r"params.yaml: at the top stands 'mlp.lr', but a name is .*; write a key of a",
        ),
        (
            ("lr: 0.01", "lr: 0.01, a.b: 1"),
            r"params.yaml: in mlp stands 'a.b', but a name is a text without dots; write",
        ),
        (("seed: 0", "1: 0"), r"params.yaml: at the top stands 1, but a name"),
        (
            ("seed: 0", "seed: 0, size: 1"),
            r"params.yaml: DVC takes runs that differ only in a param called size for the",
        ),
        (
            ("lr: 0.01", "lr: 0.01, nfiles: 1"),
            r"params.yaml: DVC takes runs that differ only in a param called nfiles for",
        ),
        (
            ("models: [a]", "models: [a, '../b']"),
            r"models has the entry '../b', but an entry must be letters, digits and _",
        ),
        ((GOOD, ""), r"params.yaml must hold keys and values"),
        ((GOOD, "[1]"), r"params.yaml must hold keys and values"),
    ],
)
def test_a_mistake_is_one_clear_line(load: Any, change: tuple[str, str], message: str) -> None:
    with pytest.raises(StepaheadError, match=message) as error:
        load(GOOD.replace(*change))
    assert "\n" not in str(error.value)


def test_a_param_the_stage_does_not_declare_is_refused(load: Any) -> None:
    with pytest.raises(StepaheadError, match=r"stage train reads the param seed.*add seed to params: of train in"):
        load(GOOD, Undeclared)


@dataclass(frozen=True)
class Section:
    """Of a stage that declares all of mlp and half of it reads."""

    lr: float = params.param("mlp.lr", params.number(above=0))


@dataclass(frozen=True)
class WholeSection(Section):
    kind: str = params.param("mlp.kind", params.choice("x", "y"))


def test_a_section_may_be_declared_whole(load: Any) -> None:
    assert load(GOOD, WholeSection, "section") == WholeSection(lr=0.01, kind="x")
    with pytest.raises(StepaheadError, match=r"stage section reads the param tau, which .*; add tau to params: of"):
        load(GOOD, Config, "section")


def test_a_stage_reads_all_of_a_section_that_it_declares(load: Any) -> None:
    message = r"mlp.kind is no param that section, which declares its section, reads; (did you mean|delete it)"
    with pytest.raises(StepaheadError, match=message):
        load(GOOD, Section, "section")
    with pytest.raises(StepaheadError, match=r"mlp.knd is no param that section, .* reads; did you mean mlp.kind\?"):
        load(GOOD.replace("kind: x", "kind: x, knd: y"), WholeSection, "section")
    with pytest.raises(StepaheadError, match=r"mlp.kind is missing"):
        load(GOOD.replace(", kind: x", ""), WholeSection, "section")


HOSTILE = [
    "1; touch x",
    "$(touch x)",
    "`touch x`",
    "a b",
    "a'b",
    'a"b',
    "a\nb",
    "../a",
    "/etc/passwd",
    "-rf",
    "--help",
    "",
]
HOSTILE += [
    "a/b",
    "a.b",
    "a@b",
    "a:b",
    "${models}",
    "a\0b",
    "é",
    "\u202ea",
    " ",
    "*",
    "~",
    "a\\b",
    "%s",
    "{}",
    "a&b",
    "a|b",
]


@pytest.mark.parametrize("entry", [*HOSTILE, 1.5, ["a"], {"a": 1}])
def test_an_entry_of_a_matrix_is_a_plain_word(load: Any, entry: Any) -> None:
    """In every stage: DVC makes a stage's name and paths of it."""
    with_it = json.dumps({"tau": 4, "seed": 0, "models": ["a", entry], "mlp": {"lr": 1, "kind": "x"}})
    with pytest.raises(StepaheadError, match=r"params.yaml: models has the entry") as error:
        load(with_it)
    assert str(error.value).isprintable()


def test_the_matrix_entry_is_not_part_of_the_stages_name(load: Any) -> None:
    assert load(GOOD, Undeclared, "evaluate@anything").seed == 0


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StepaheadError, match=r"params.yaml cannot be read .* run from the project's folder"):
        params.load(Config, tmp_path)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
RULES = [
    params.integer(1, 9),
    params.number(low=-1, high=1),
    params.choice("a"),
    params.text,
    params.flag,
    params.optional(params.integer(1)),
    params.auto_or(params.integer(1)),
    transforms,
    params.list_of(params.text),
    params.list_of(params.integer(1)),
    params.table_of(params.number(low=0)),
]


@settings(max_examples=200)
@given(st.sampled_from(RULES), anything)
def test_a_rule_takes_a_value_or_says_what_is_allowed(rule: params.Rule, value: Any) -> None:
    with contextlib.suppress(ValueError):  # anything else is a bug
        rule(value)


@pytest.mark.parametrize("value", [["a", "a"], "a", None, [1], {"a": 1}, []])
def test_lists_hold_distinct_entries_of_their_rule(value: Any) -> None:
    with pytest.raises(ValueError, match="a list"):
        params.list_of(params.text)(value)


def test_a_list_may_be_empty_where_the_config_says_so() -> None:
    assert params.list_of(params.text, empty=True)([]) == ()


@pytest.mark.parametrize("value", [[], [[]], [[1], [1, 2]], [1, 2], "ab", {"1": 2}, None, [[1, "a"]], [[-1]]])
def test_a_table_has_equally_long_rows_of_its_rule(value: Any) -> None:
    with pytest.raises(ValueError, match=r"a list of"):
        params.table_of(params.number(low=0))(value)


def test_a_table_may_repeat_rows_and_values() -> None:
    assert params.table_of(params.number())([[0.5, 0.5], ["5e-1", 0.5]]) == ((0.5, 0.5), (0.5, 0.5))


def test_auto_is_taken_beside_the_rule() -> None:
    rule = params.auto_or(params.integer(1))
    assert [rule(value) for value in ("auto", 3, "08")] == ["auto", 3, 8]
    with pytest.raises(ValueError, match=r"^auto or a whole number, 1 or more"):
        rule(0)


@pytest.mark.parametrize(
    ("value", "taken"), [("none", ()), ("log", ("log",)), (["difference", "log"], ("difference", "log"))]
)
def test_transforms_are_one_or_several(value: Any, taken: tuple[str, ...]) -> None:
    assert transforms(value) == taken


@pytest.mark.parametrize(("value", "name"), [("NO", "NO"), (1, "1"), (2020, "2020")])
def test_a_label_may_be_a_whole_number(value, name):
    assert params.label(value) == name


@pytest.mark.parametrize("value", [True, 1.5, "", None])
def test_a_label_is_nothing_else(value):
    with pytest.raises(ValueError, match="a non-empty text"):
        params.label(value)
