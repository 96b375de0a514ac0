"""The figures say what the series is: its unit, its dates, and everything a table holds."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from stepahead.report import diagnostic_figures as series_checks
from stepahead.report import series_figures
from stepahead.series.data.dataset import sine, standardised

MONTHS = [f"{year}-{month:02}-01" for year in range(2000, 2005) for month in range(1, 13)]
YIELD = standardised("gs10", np.sin(np.arange(60.0)), MONTHS, 40, unit="percent")
SINE = sine(60, 0.1, 0.2, 40, np.random.default_rng(0))


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def labels(axes):
    axes.figure.canvas.draw()
    return [each.get_text() for each in axes.get_xticklabels() if each.get_text()]


def test_dates_and_unit_label_the_axes():
    (axes,) = series_figures.series_figure(YIELD).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("date", "gs10 (percent)")
    assert labels(axes)
    assert set(labels(axes)) <= {month[:7] for month in MONTHS}
    step = axes.xaxis.get_major_formatter()(13)
    assert step == "2001-01"


def test_without_dates_the_axis_counts_time_steps():
    (axes,) = series_figures.series_figure(SINE).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time step", "x")
    assert "20" in labels(axes)


def test_days_are_shown_where_months_do_not_tell_them_apart():
    days = [f"2024-01-{day:02} 12:00" for day in range(1, 31)]
    series = standardised("own.csv", np.arange(30.0), days, 20)
    (axes,) = series_figures.series_figure(series).axes
    assert axes.xaxis.get_major_formatter()(3) == "2024-01-03"
    assert axes.xaxis.get_major_formatter()(31) == ""


def test_every_horizon_has_a_panel_with_dates_below_it():
    frames = {k: pd.DataFrame({"ols": np.zeros(10)}, index=np.arange(41, 51)) for k in (1, 4, 16)}
    figure = series_figures.kstep_figure(YIELD, frames)
    assert [axes.get_title() for axes in figure.axes] == [
        f"predicted {k} steps before".replace("1 steps", "1 step") for k in frames
    ]
    assert figure.get_supxlabel() == "date"
    assert set(labels(figure.axes[2])) <= {month[:7] for month in MONTHS}


def test_the_band_of_an_interval_is_its_width_around_the_forecast():
    path = pd.Series(np.arange(5.0), index=np.arange(41, 46))
    intervals = pd.DataFrame({"level": [0.8] * 5 + [0.95] * 5, "k": [*range(1, 6)] * 2, "width": [2.0] * 5 + [4.0] * 5})
    (axes,) = series_figures.interval_figure(YIELD, "lvar", path, intervals).axes
    wide, narrow = (band.get_paths()[0].vertices for band in axes.collections)
    np.testing.assert_allclose([wide[:, 1].min(), wide[:, 1].max()], [-2, 6])
    np.testing.assert_allclose([narrow[:, 1].min(), narrow[:, 1].max()], [-1, 5])


def test_coverage_has_a_panel_a_level_and_a_line_a_model():
    rows = [(m, level, k, level) for m in ("ols", "lvar") for level in (0.8, 0.95) for k in (1, 2)]
    figure = series_checks.coverage_figure(pd.DataFrame(rows, columns=["model", "level", "k", "coverage"]))
    assert [axes.get_title() for axes in figure.axes] == ["80% intervals", "95% intervals"]
    assert [len(axes.lines) for axes in figure.axes] == [3, 3]  # with the level itself


def test_gradients_are_a_heat_map_with_the_share_of_steps_in_conflict():
    pairs, models = [(1, 4), (1, 16), (4, 16)], ("mlp_direct", "mlp_pcgrad")
    rows = [(m, *pair, epoch, 0.1 * epoch, 0.25) for m in models for pair in pairs for epoch in (1, 2)]
    columns = ["model", "k", "other_k", "epoch", "cosine", "conflicts"]
    figure = series_checks.gradient_figure(pd.DataFrame(rows, columns=columns))
    left, right, _ = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["1 and 4", "1 and 16", "4 and 16"]
    np.testing.assert_allclose(right.images[0].get_array(), [[0.1, 0.2]] * 3)
    assert [text.get_text() for text in right.texts] == ["25%"] * 3


def test_the_lowest_order_is_marked():
    orders = pd.DataFrame({"tau": [1, 2, 3], "aic": [5.0, 1.0, 0.5], "bic": [5.0, 2.0, 3.0]})
    (axes,) = series_checks.order_figure(orders).axes
    assert axes.get_legend_handles_labels()[1] == ["AIC, lowest at 3", "BIC, lowest at 2"]
