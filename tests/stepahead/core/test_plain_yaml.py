"""A stage reads params.yaml as DVC does, or refuses it."""

import contextlib
import math
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.serialize import YAMLFileCorruptedError, dumps_yaml, parse_yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepahead.core.errors import StepaheadError
from stepahead.core.plain_yaml import parse

often = settings(max_examples=300)


def same(ours: Any, theirs: Any) -> bool:
    """Equal in value and type at every place; 1, 1.0 and True are not the same, NaN is."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        pairs = zip(ours.items(), theirs.items(), strict=False)
        return len(ours) == len(theirs) and all(same(a, c) and same(b, d) for (a, b), (c, d) in pairs)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return repr(ours) == repr(theirs)


def check_clear(error: StepaheadError) -> None:
    assert str(error).isprintable()
    assert ";" in str(error)


def check_one_reading(text: str) -> bool:
    """Whether it is accepted: then DVC must read the same, if it can read it at all."""
    try:
        ours = parse(text, "params.yaml")
    except StepaheadError as error:
        check_clear(error)
        return False
    with contextlib.suppress(YAMLFileCorruptedError):
        assert same(ours or {}, parse_yaml(text, "params.yaml"))
    return True


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@often
@example(
    {"column": "NO", "a": "08", "b": "1_0", "c": "2020-01-01", "d": "=", "e": "<<", "f": "-_", "g": "._", "h": "~"}
)
@given(st.dictionaries(st.text(max_size=5), trees, max_size=4))
def test_what_dvc_writes_is_read_as_dvc_reads_it(tree: dict[str, Any]) -> None:
    assert check_one_reading(dumps_yaml(tree))


@settings(often, max_examples=1000)
@example("010")
@example("1_0")
@example("NO")
@example("1:30")
@example("0x10")
@example("2020-01-01")
@example(".5e3")
@example("-.5e-3")
@example("1" * 5000)
@given(st.text("0123456789+-._eExXobintTaAfFuUlLzZ: ~=<yYsS", max_size=12))
def test_a_scalar_has_one_reading(scalar: str) -> None:
    check_one_reading(f"tau: {scalar}\n")


words = ["a: ", "b: ", "- ", "\n  ", "\n    ", "&x ", "*x", "---", "...", "<<: ", "!!str ", "!!int ", "\r", "\r\n"]
signs = ["\x85", "\u2028", "\ufeff", "\0", "\x07", "é", "\U0001f600", "\\u202e", "|\n  ", "null", "1"]
pieces = st.sampled_from([*"ab1:,-?[]{}#&*!|>'\"%@`=~ \n\t", *words, *signs])


@settings(often, max_examples=2000)
@example("%YAML 1.1\n---\na: yes")
@example("a: &x [b]\nb: *x")
@example("a: &x {b: 1}\nc: {<<: *x}")
@example("a: 1\na: 2")
@example("1: a\ntrue: b")
@example("a: !!str 1")
@example("a: ! 1")
@example("[a]: 1")
@given(st.lists(pieces, max_size=12).map("".join) | st.text(max_size=20))
def test_a_file_has_one_reading(text: str) -> None:
    check_one_reading(text)
    check_one_reading(f"a: 1\nb: {text}")


@pytest.mark.parametrize("name", ["params.yaml", "dvc.yaml", "dvc.lock"])
def test_the_projects_own_files_are_accepted(name: str, committed: Path) -> None:
    assert check_one_reading((committed / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\ntau: 010", "params.yaml line 2 has 010, which can be read in more than one way; write it as a plain"),
        ("tau: 1_0", "line 1 has 1_0, which can be read"),
        ("when: 2020-01-01", "line 1 has 2020-01-01, which can be read"),
        ("a: 1\nb: 1\na: 2", "line 3 has the key a a second time; keep one"),
        ("a: &x [*x]", r"line 1 has \*x, but no complete &x before it; write"),
        ("a: &x 1\nb: &x 2", "line 2 has &x a second time"),
        ("a: !!python/name:os.system 1", "line 1 has the tag"),
        ("%YAML 1.1\n---\na: 1", "line 1 has a line that starts with %"),
        ("a: 1\n---\na: 1", "line 2 has a second document"),
        ("{[a]: 1}", "line 1 has a list or a section as a key"),
        ("a: [", r"params.yaml line 2 is not valid YAML \("),
        ("a: \x07", r"params.yaml is not valid YAML \("),
    ],
)
def test_what_has_more_than_one_reading_is_refused(text: str, message: str) -> None:
    with pytest.raises(StepaheadError, match=message):
        parse(text, "params.yaml")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_nesting_without_end_is_refused(opening: str) -> None:
    with pytest.raises(StepaheadError, match=r"more than 50 brackets inside each other|not valid YAML"):
        parse(opening * 200_000, "params.yaml")


def test_aliases_that_expand_without_end_are_refused() -> None:
    laughs = "\n".join([f"a0: &a0 [{'x, ' * 9}x]", *(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 10}]" for i in range(1, 9))])
    with pytest.raises(StepaheadError, match=r"more than 1,000,000 values, with those that .* repeats; use fewer"):
        parse(laughs, "params.yaml")


def test_aliases_repeat_values() -> None:
    assert parse("a: &x [1, {b: .inf}]\nc: *x", "p") == {"a": [1, {"b": math.inf}], "c": [1, {"b": math.inf}]}
