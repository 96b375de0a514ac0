"""The book's rule of how errors grow."""

import numpy as np
import pytest

from stepahead.report.error_growth import fit_growth, growth_table


def path(first: float, added: float, factor: float, length: int) -> np.ndarray:
    errors = [first]
    while len(errors) < length:
        errors.append(added + factor * errors[-1])
    return np.array(errors)


@pytest.mark.parametrize(("added", "factor"), [(0.1, 0.5), (0.02, 0.98), (0.3, 1.0), (0.01, 1.05)])
def test_a_curve_that_follows_the_rule_gives_its_numbers_back(added: float, factor: float) -> None:
    found = fit_growth(path(0.05, added, factor, 30))
    assert (found.added, found.factor) == pytest.approx((added, factor))
    assert found.gap < 1e-9
    if factor < 0.99:
        assert found.limit == pytest.approx(path(0.05, added, factor, 2000)[-1])


def test_a_curve_of_another_shape_has_a_gap() -> None:
    assert fit_growth(1 + np.sin(np.arange(40))).gap > 0.2


def test_a_model_without_every_step_has_no_row() -> None:
    columns = {
        "model": np.array(["ols"] * 4 + ["mlp_direct"] * 2),
        "k": np.array([1, 2, 3, 4, 1, 4]),
        "mse": np.array([1.0, 9.0, 49.0, 225.0, 1.0, 2.0]),  # ε doubles and adds 1,
    }
    table = growth_table(columns, {"ols": "", "mlp_direct": ""})
    assert table is not None
    assert [row.name for row in table.rows] == ["ols"]
    assert [cell.text for cell in table.rows[0].cells] == ["2.000", "1", "grows on", "0%"]
    assert growth_table({name: column[4:] for name, column in columns.items()}, {"mlp_direct": ""}) is None
