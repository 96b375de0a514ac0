"""The figures say what the series is: its unit, its dates, and everything a table holds."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from stepahead.report import diagnostic_figures as series_checks
from stepahead.report import series_figures
from stepahead.series.data.dataset import sine, standardised

MONTHS = [f"{year}-{month:02}-01" for year in range(2000, 2005) for month in range(1, 13)]
YIELD = standardised("gs10", np.sin(np.arange(60.0)), MONTHS, 40, unit="percent")
SINE = sine(60, 0.1, 0.2, 40, np.random.default_rng(0))


def columns(rows, *names):
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def labels(axes):
    FigureCanvasAgg(axes.figure).draw()
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
    frames = {k: {"t": np.arange(41, 51), "ols": np.zeros(10)} for k in (1, 4, 16)}
    figure = series_figures.kstep_figure(YIELD, frames)
    assert [axes.get_title() for axes in figure.axes] == [
        f"predicted {k} steps before".replace("1 steps", "1 step") for k in frames
    ]
    assert figure.get_supxlabel() == "date"
    assert set(labels(figure.axes[2])) <= {month[:7] for month in MONTHS}


def test_a_model_without_every_horizon_has_a_point_at_each():
    rows = [("ols", k, 1.0, 0.0) for k in (1, 2, 3)] + [("mlp_direct", k, 2.0, 0.5) for k in (1, 3)]
    (axes,) = series_figures.error_figure(columns(rows, "model", "k", "mse", "mse_std"), 0.04).axes
    markers = {line.get_label(): line.get_marker() for line in axes.lines}
    assert markers == {"ols": "", "mlp_direct": ".", "floor": "None"}


def test_the_band_of_an_interval_is_its_width_around_the_forecast():
    rows = [
        (level, k, width, share) for level, width, share in ((0.8, 2.0, 0.7), (0.95, 4.0, 0.9)) for k in range(1, 6)
    ]
    intervals = columns(rows, "level", "k", "width", "coverage")
    (axes,) = series_figures.interval_figure(YIELD, "lvar", np.arange(5.0), intervals).axes
    assert axes.get_legend_handles_labels()[1][:2] == ["95% interval, held 90%", "80% interval, held 70%"]
    wide, narrow = (band.get_paths()[0].vertices for band in axes.collections)
    np.testing.assert_allclose([wide[:, 1].min(), wide[:, 1].max()], [-2, 6])
    np.testing.assert_allclose([narrow[:, 1].min(), narrow[:, 1].max()], [-1, 5])


def test_coverage_has_a_panel_a_level_and_a_line_a_model():
    rows = [(m, level, k, level) for m in ("ols", "lvar") for level in (0.8, 0.95) for k in (1, 2)]
    figure = series_checks.coverage_figure(columns(rows, "model", "level", "k", "coverage"))
    assert [axes.get_title() for axes in figure.axes] == ["80% intervals", "95% intervals"]
    assert [len(axes.lines) for axes in figure.axes] == [3, 3]  # with the level itself


def test_gradients_are_a_heat_map_with_the_share_of_steps_in_conflict():
    pairs, models = [(1, 4), (1, 16), (4, 16)], ("mlp_direct", "mlp_pcgrad")
    rows = [(m, *pair, epoch, 0.1 * epoch, 0.25) for m in models for pair in pairs for epoch in (1, 2)]
    names = ("model", "k", "other_k", "epoch", "cosine", "conflicts")
    figure = series_checks.gradient_figure(columns(rows, *names))
    left, right, _ = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["1 and 4", "1 and 16", "4 and 16"]
    np.testing.assert_allclose(right.images[0].get_array(), [[0.1, 0.2]] * 3)
    assert [text.get_text() for text in right.texts] == ["25%"] * 3


def test_the_lowest_order_is_marked():
    orders = columns([(1, 5.0, 5.0), (2, 1.0, 2.0), (3, 0.5, 3.0)], "tau", "aic", "bic")
    (axes,) = series_checks.order_figure(orders).axes
    assert axes.get_legend_handles_labels()[1] == ["AIC, lowest at 3", "BIC, lowest at 2"]
