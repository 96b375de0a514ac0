import pytest

from stepahead.report.numbers import log_ticks, number, scientific, short


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0361, "0.0361"),
        (5.4, "5.40"),
        (128, "128"),
        (12345.6, "12,346"),
        (-0.5, "-0.500"),
        (0, "0"),
        (float("inf"), "inf"),
    ],
)
def test_a_number_has_three_digits_and_no_exponent(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3984016, "3,984,016"), (8 * 10**9, "8.0 × 10⁹"), (0.064, "0.064"), (1.6e-6, "1.6 × 10⁻⁶"), (0, "0")],
)
def test_what_is_far_from_one_has_a_power_of_ten(value: float, shown: str) -> None:
    assert short(value) == shown


def test_a_power_of_ten_stands_alone() -> None:
    assert [scientific(1e-7), scientific(3e-12)] == ["10⁻⁷", "3 × 10⁻¹²"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1.04, 30, [1.5, 2, 3, 5, 7, 10, 15, 20, 30]),
        (0.03, 5, [0.05, 0.1, 0.2, 0.5, 1, 2, 5]),
        (1e-12, 1, [1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1]),
        (48.3, 49.1, [48.4, 48.6, 48.8, 49]),
        (5, 5, [5]),
    ],
)
def test_ticks_are_round_and_as_many_as_there_is_room_for(low: float, high: float, ticks: list[float]) -> None:
    assert log_ticks(low, high) == ticks
