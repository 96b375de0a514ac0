from itertools import pairwise

import pytest

from stepahead.report.line_styles import (
    COLORS,
    CONTRAST,
    DARK,
    LIGHT,
    PALETTE,
    contrast,
    model_looks,
    readable,
    themes,
    variable,
)
from stepahead.report.series_charts import BANDS, OBSERVED
from stepahead.report.text_charts import SPANS


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("color", [*COLORS.values(), "#ffffff", "#000000", "#ffff00"])
def test_every_color_stands_out_from_both_backgrounds(color: str) -> None:
    for background in (LIGHT, DARK):
        assert contrast(readable(color, background), background) >= CONTRAST


LOOKS = {**OBSERVED, **SPANS}


LINES = {*COLORS.values(), *PALETTE, *BANDS, *(look.color for look in LOOKS.values())}


@pytest.mark.parametrize("color", sorted(LINES))
def test_every_line_stands_out_in_both_themes(color: str) -> None:
    for shown, background in zip(themes(variable(color)), (LIGHT, DARK), strict=True):
        assert contrast(shown, background) >= CONTRAST


def test_a_color_that_stands_out_stays_as_it_is() -> None:
    assert readable("#0072b2", LIGHT) == "#0072b2"


def test_neighbours_differ_by_more_than_color() -> None:
    looks = list(model_looks(["ols", "mlp", "new", "rnn", "gru", "lstm"]).values())
    assert all(a.dash != b.dash for a, b in pairwise(looks))
