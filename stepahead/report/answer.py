"""What came out, in sentences: the first thing a page says, computed from the run's tables."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from stepahead.report.columns import Columns
from stepahead.report.numbers import number
from stepahead.report.results import BASELINES, best_naive, kept_epochs
from stepahead.series.data.dataset import Series

Errors = Mapping[str, Mapping[int, tuple[float, float]]]
"""model -> k -> (mse, mse_std), with the baseline persistence among the models."""


def series_answer(errors: Errors, floor: float | None) -> list[str]:
    """How the models do at the first reported horizon and at the last.

    Args:
        floor: the variance of the noise, where it is known.
    """
    horizons = list(errors["persistence"])
    first = {model: row[horizons[0]][0] for model, row in errors.items()}
    last = {model: row[horizons[-1]][0] for model, row in errors.items()}
    models = [model for model in errors if model not in BASELINES]
    if not models:
        return ["No model of the series was trained."]
    low, high = min(models, key=lambda m: first[m]), max(models, key=lambda m: first[m])
    naive, bar = best_naive(errors, horizons[0])
    without = f"{naive} has {number(bar)}"
    near = f"{_steps(horizons[0])} ahead"
    if len(models) == 1:
        found = [f"{near}, {low} has a mean squared error of {number(first[low])}; {without}."]
    else:
        found = [
            f"{near}, the {len(models)} trained models have mean squared errors from {number(first[low])} ({low}) to "
            f"{number(first[high])} ({high}); {without}."
        ]
    best, far = min(models, key=lambda m: last[m]), f"{_steps(horizons[-1])} ahead"
    naive, bar = best_naive(errors, horizons[-1])
    if len(horizons) > 1:
        worse = sum(last[model] > bar for model in models)
        who = f"{_some_of(worse, len(models))} {'are' if worse > 1 else 'is'}" if len(models) > 1 else "it is"
        how = "worse" if worse or len(models) > 1 else "no worse"
        found.append(f"{far}, {who} {how} than {naive} ({number(bar)}).")
    if len(models) > 1 or len(horizons) > 1:
        saved = 1 - last[best] / bar if bar else 0.0
        than = f", {saved:.0%} below {naive}" if saved > 0 else ""
        found.append(f"The best {far.lower()} is {best} with {number(last[best])}{than}.")
    if floor and "oracle" in last:
        found.append(
            f"The floor is the variance of the noise, {number(floor)}; on these steps a forecast that knew the signal "
            f"would have {number(last['oracle'])}."
        )
    return found


def future_answer(ahead: Columns, series: Series, errors: Errors, refit_every: int) -> list[str]:
    """Whose forecast of what comes next is shown and why, on what it was fitted, and where its bands come from.

    Args:
        ahead: the columns of reports/tables/future.csv.
    """
    if not len(ahead["step"]):
        return []
    model, steps = str(ahead["model"][0]), len(ahead["step"])
    mse, (naive, bar) = errors[model][steps][0], best_naive(errors, steps)
    held_out = f"the {len(series.values) - series.n_train:,} held-out steps"
    found = [
        f"The forecast is by {model}, chosen for its mean squared error {_steps(steps).lower()} ahead on {held_out}, "
        f"{number(mse)}: the lowest of the trained models."
    ]
    if mse > bar:
        found.append(f"There {naive} has less: {number(bar)}.")
    fitted = (
        f"refitted every {_steps(refit_every).lower()}"
        if refit_every
        else f"fitted on the first {series.n_train:,} steps"
    )
    found.append(f"It was {fitted}, and goes on from the last of the {len(series.values):,}.")
    levels = [name.removeprefix("low_") for name in ahead if name.startswith("low_")]
    if not levels:
        return [*found, "It has no bands: too few steps are held out to know its errors."]
    held = " and ".join(f"{level}\N{NO-BREAK SPACE}%" for level in levels)
    found.append(
        f"The bands would have held {held} of {held_out} around its forecasts, at each number of steps ahead (split "
        "conformal). These steps chose the model too, so the bands may be somewhat narrow."
    )
    if any(np.isnan(ahead[f"low_{level}"]).any() for level in levels):
        found.append("A band ends where too few errors are known so far ahead.")
    return found


def text_answer(rows: Mapping[str, Mapping[str, Any]], vocab_size: int) -> list[str]:
    """How the networks do on the text they were trained on and on new text, and whether counting does better.

    Args:
        rows: what `read_perplexities` gives.
    """
    networks = [model for model in rows if "book" in rows[model] and rows[model].get("epoch")]
    ngrams = [model for model in rows if model.startswith("ngram_")]
    span = next((span for span in ("test", "val") if any(row.get(span) for row in rows.values())), None)
    found = []
    if networks:
        low = min(networks, key=lambda m: rows[m]["book"])
        found.append(
            f"In the last epoch of its training, {low} reads the training text with a perplexity of "
            f"{number(rows[low]['book'])}; 1 would be knowing it by heart, {vocab_size} guessing."
        )
    if span is None:
        return found
    new = {model: rows[model][span] for model in (*networks, *ngrams)}
    if networks:
        best = min(networks, key=lambda m: new[m])
        at = kept_epochs(rows)[best]
        who = "The best network on new text is" if len(networks) > 1 else "The network is"
        found.append(
            f"{who} {best}: its weights after epoch {at} have a perplexity of {number(new[best])} there, and "
            f"{number(rows[best]['train'])} on the training text."
        )
    if ngrams:
        best_count = min(ngrams, key=lambda m: new[m])
        better = sum(new[network] < new[best_count] for network in networks)
        verdict = ""
        if len(networks) > 1:
            verdict = f"; {_some_of(better, len(networks))} of the networks {'do' if better > 1 else 'does'} better"
        elif networks:
            verdict = f"; the network does {'better' if better else 'no better'}"
        found.append(f"Counting tokens gives {number(new[best_count])} on new text ({best_count}){verdict}.")
    if "floor" in rows:
        found.append(f"The source itself has {number(rows['floor']['test'])}: on average nobody does better.")
    return found


def _steps(k: int) -> str:
    return "One step" if k == 1 else f"{k} steps"


def _some_of(some: int, n: int) -> str:
    return {0: "none", n: f"all {n}"}.get(some, f"{some} of {n}")
