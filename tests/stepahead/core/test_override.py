import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepahead.core.override import override

PARSER = OverridesParser.create()
texts = st.one_of(st.text(), st.text("\\\"'$ ,[]{}()=:a\n"))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)


@settings(max_examples=300)
@example("时间")
@example("it's (late), [said] {she}: \\")
@example("\\\n")
@example("null")
@example("TRUE")
@example("08")
@example([["a b", 1], [0.1, "c"]])
@given(st.one_of(scalars, st.lists(st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=4)))
def test_hydra_gives_back_what_was_quoted(value):
    option, assignment = shlex.split(override("generate.prefix", value))
    parsed = PARSER.parse_override(assignment)
    assert (option, parsed.key_or_group) == ("-S", "generate.prefix")
    assert parsed.value() == value
    assert type(parsed.value()) is type(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (8, "-S tau=8"),
        (1e-05, "-S tau=1e-05"),
        ("my.csv", "-S tau=my.csv"),
        (["rnn", "gru"], "-S 'tau=[rnn,gru]'"),
        ("时间", "-S 'tau=\"时间\"'"),
        (None, "-S tau=null"),
    ],
)
def test_plain_values_stay_plain(value, shown):
    assert override("tau", value) == shown
