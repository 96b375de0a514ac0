import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@pytest.mark.parametrize("written", ["8", "8.0", "'08'", "08", "8e0"])
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
        (("tau: 4", "tau: 0x"), r"tau = '0x', but it must be a whole number"),
        (("tau: 4", "tau: [4]"), r"tau = \[4\], but it must be a whole number"),
        (("tau: 4", "tau: null"), r"tau = null, but it must be a whole number"),
        (("0.01", "-1"), r"mlp.lr = -1, but it must be a number above 0"),
        (("0.01", ".nan"), r"mlp.lr = nan, but it must be a number above 0"),
        (("0.01", ".inf"), r"mlp.lr = inf, but it must be a number above 0"),
        (("0.01", "1" + "0" * 400), r"mlp.lr = 10+, but it must be a number above 0"),
        (("kind: x", "kind: z"), r"mlp.kind = 'z', but it must be one of x, y"),
        (("kind: x", "kind: [x]"), r"mlp.kind = \['x'\], but it must be one of x, y"),
        (("tau: 4", "tua: 4"), r"params.yaml: tua is no param that any stage in dvc.yaml reads; did you mean tau\?"),
        (("tau: 4, ", ""), r"params.yaml: tau is missing"),
        (("seed: 0", "extra: {deep: 1}"), r"params.yaml: extra.deep is no param .* delete it"),
        (("tau: 4", "tau: 'a"), r"params.yaml line \d+ is not valid YAML"),
        ((GOOD, ""), r"params.yaml must hold keys and values"),
        ((GOOD, "[1]"), r"params.yaml must hold keys and values"),
    ],
)
def test_a_mistake_is_one_clear_line(load: Any, change: tuple[str, str], message: str) -> None:
    with pytest.raises(StepaheadError, match=message) as error:
        load(GOOD.replace(*change))
    assert "\n" not in str(error.value)


def test_a_param_the_stage_does_not_declare_is_refused(load: Any) -> None:
    with pytest.raises(StepaheadError, match=r"stage train reads the param seed.*add the line '- seed' to params: of"):
        load(GOOD, Undeclared)


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
    params.list_of(params.text),
    params.list_of(params.integer(1)),
    params.table_of(params.number(low=0)),
]


@settings(max_examples=200, deadline=None)
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
