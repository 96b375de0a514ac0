"""The sentences at the top of the page are true of whatever was run."""

import numpy as np

from stepahead.report.answer import future_answer, series_answer, text_answer
from stepahead.series.data.dataset import sine

Pairs = dict[int, tuple[float, float]]


def scores(*mse: float, horizons: tuple[int, ...] = (1, 64)) -> Pairs:
    return {k: (value, 0.0) for k, value in zip(horizons, mse, strict=True)}


SINE = {
    "persistence": scores(0.0655, 0.288),
    "mean": scores(0.5, 0.5),
    "oracle": scores(0.0337, 0.0346),
    "ols": scores(0.0418, 0.259),
    "mlp": scores(0.0462, 0.531),
    "lvar": scores(0.0343, 0.0361),
}
TEXT = {
    "rnn": {"book": 1.18, "epoch": 11.0, "train": 5.0, "val": 7.3, "test": 7.46},
    "gru": {"book": 1.04, "epoch": 7.0, "train": 4.5, "val": 7.0, "test": 7.18},
    "ngram_1": {"book": None, "epoch": None, "train": 16.0, "val": 16.0, "test": 16.6},
    "ngram_6": {"book": None, "epoch": None, "train": 2.3, "val": 5.2, "test": 5.48},
    "mixture": {"book": None, "epoch": None, "train": 2.4, "val": 5.1, "test": 5.44},
}


def test_a_series_with_a_known_floor() -> None:
    assert series_answer(SINE, 0.04) == [
        "One step ahead, the 3 trained models have mean squared errors from 0.0343 (lvar) to 0.0462 (mlp); repeating "
        "the last value has 0.0655.",
        "64 steps ahead, 1 of 3 is worse than repeating the last value (0.288).",
        "The best 64 steps ahead is lvar with 0.0361, 87% below repeating the last value.",
        "The floor is the variance of the noise, 0.0400; on these steps a forecast that knew the signal would have "
        "0.0346.",
    ]


def test_a_series_of_ones_own_that_nothing_predicts() -> None:
    errors = {
        "persistence": scores(9.0, 90.0),
        "mean": scores(400.0, 400.0),
        "ols": scores(10.0, 95.0),
        "rnn": scores(20.0, 99.0),
    }
    assert series_answer(errors, None) == [
        "One step ahead, the 2 trained models have mean squared errors from 10.0 (ols) to 20.0 (rnn); repeating the "
        "last value has 9.00.",
        "64 steps ahead, all 2 are worse than repeating the last value (90.0).",
        "The best 64 steps ahead is ols with 95.0.",
    ]


def test_one_model() -> None:
    errors = {"persistence": scores(2.0, 4.0, horizons=(4, 12)), "ols": scores(1.0, 3.0, horizons=(4, 12))}
    assert series_answer(errors, None) == [
        "4 steps ahead, ols has a mean squared error of 1.00; repeating the last value has 2.00.",
        "12 steps ahead, it is no worse than repeating the last value (4.00).",
        "The best 12 steps ahead is ols with 3.00, 25% below repeating the last value.",
    ]


def test_one_model_and_one_horizon() -> None:
    errors = {"persistence": scores(2.0, horizons=(1,)), "ols": scores(1.0, horizons=(1,))}
    assert len(series_answer(errors, None)) == 1


def test_baselines_alone() -> None:
    assert series_answer({"persistence": scores(1.0, 2.0)}, None) == ["No model of the series was trained."]


def test_networks_that_remember_and_counting_that_predicts() -> None:
    assert text_answer(TEXT, 28) == [
        "In the last epoch of its training, gru reads the training text with a perplexity of 1.04; 1 would be knowing "
        "it by heart, 28 guessing.",
        "The best network on new text is gru: its weights after epoch 7 have a perplexity of 7.18 there, and 4.50 on "
        "the training text.",
        "Counting tokens gives 5.48 on new text (ngram_6); none of the networks does better.",
    ]


def test_one_network_that_beats_counting_on_a_source_of_known_entropy() -> None:
    rows = {"gru": TEXT["gru"], "ngram_1": TEXT["ngram_1"], "floor": {"test": 3.5}}
    *_, counting, source = text_answer(rows, 4)
    assert counting == "Counting tokens gives 16.6 on new text (ngram_1); the network does better."
    assert source == "The source itself has 3.50: on average nobody does better."


def test_without_a_test_span_the_validation_span_is_the_new_text() -> None:
    rows = {model: {**row, "test": None} for model, row in TEXT.items()}
    assert "perplexity of 7.00 there" in text_answer(rows, 28)[1]


def test_without_new_text_nothing_is_said_of_it() -> None:
    rows = {model: {**row, "val": None, "test": None} for model, row in TEXT.items()}
    assert len(text_answer(rows, 28)) == 1


def test_counting_alone() -> None:
    rows = {"ngram_1": TEXT["ngram_1"]}
    assert text_answer(rows, 28) == ["Counting tokens gives 16.6 on new text (ngram_1)."]


def test_a_network_that_was_not_trained_is_no_answer() -> None:
    rows = {"rnn": {**TEXT["rnn"], "book": None, "epoch": None}, "ngram_1": TEXT["ngram_1"]}
    assert text_answer(rows, 28) == ["Counting tokens gives 16.6 on new text (ngram_1)."]


SERIES = sine(1000, 0.01, 0.2, 604, np.random.default_rng(0))
AHEAD = {"model": np.array(["lvar"] * 64), "step": np.arange(1, 65), "forecast": np.zeros(64)}
BANDS = {f"{end}_{level}": np.zeros(64) for level in (80, 95) for end in ("low", "high")}


def test_a_forecast_of_what_comes_says_whose_it_is_why_and_where_its_bands_are_from() -> None:
    assert future_answer(AHEAD | BANDS, SERIES, SINE, 0) == [
        "The forecast is by lvar, chosen for its mean squared error 64 steps ahead on the 396 held-out steps, 0.0361: "
        "the lowest of the trained models.",
        "It was fitted on the first 604 steps, and goes on from the last of the 1,000.",
        "The bands would have held 80\N{NO-BREAK SPACE}% and 95\N{NO-BREAK SPACE}% of the 396 held-out steps around "
        "its forecasts, at each number of steps ahead (split conformal). These steps chose the model too, so the bands "
        "may be somewhat narrow.",
    ]


def test_a_forecast_that_repeating_the_last_value_beats_says_so() -> None:
    worse = SINE | {"persistence": scores(0.01, 0.02)}
    assert future_answer(AHEAD | BANDS, SERIES, worse, 20)[1:3] == [
        "There repeating the last value has less: 0.0200.",
        "It was refitted every 20 steps, and goes on from the last of the 1,000.",
    ]


def test_bands_that_end_or_are_missing_are_told_of() -> None:
    short = BANDS | {"low_95": np.append(np.zeros(63), np.nan)}
    assert future_answer(AHEAD | short, SERIES, SINE, 0)[-1].startswith("A band ends where")
    assert future_answer(AHEAD, SERIES, SINE, 0)[-1].startswith("It has no bands")
    assert future_answer({"step": np.array([])}, SERIES, SINE, 0) == []
