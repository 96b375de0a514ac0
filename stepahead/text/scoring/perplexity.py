"""How well a language model predicts a text, in several units, all from its negative log-likelihood of each token."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stepahead.core.artifacts import Ids
from stepahead.core.errors import StepaheadError
from stepahead.text.scoring.language_model import LanguageModel

Floats = npt.NDArray[np.float64]


def perplexity(nll: Floats) -> float:
    """exp of the mean of `nll` (T,), in nats per token (d2l 8.4.4): the effective number of equally likely next tokens.

    Every token weighs the same, however the text was cut into batches.

    Raises:
        StepaheadError: there is no token, or the result is not finite.
    """
    mean = _mean(nll)
    try:
        return math.exp(mean)
    except OverflowError:
        found = f"a mean nll of {mean:g} nats has no finite perplexity"
        raise StepaheadError(f"{found}; lower the learning rate (rnn.lr, or evaluate.dynamic_lr)") from None


def bits_per_token(nll: Floats) -> float:
    """The mean of `nll` (T,) in bits: what an ideal compressor driven by the model spends on a token.

    Raises:
        StepaheadError: there is no token, or the result is not finite.
    """
    return _mean(nll) / math.log(2)


def bits_per_char(nll: Floats, n_characters: int, spelling_bits: float) -> float:
    """The sum of `nll` (T,) in bits over the characters of the text: comparable whatever the tokens are, because it
    includes the bits that spell out the unknown ones (`stepahead.text.tokens.spelling`).

    Raises:
        StepaheadError: there is no token, or the result is not finite.
    """
    return (bits_per_token(nll) * len(nll) + spelling_bits) / n_characters


def score(model: LanguageModel, spans: Mapping[str, Ids], warmup: int) -> dict[str, Floats]:
    """The nll of each token of each span, after the last `warmup` tokens of what comes before the span."""
    before, nll = np.zeros(0, np.uint8), dict[str, Floats]()
    for span, ids in spans.items():
        # the training span has nothing before it, and is long: it must not be copied
        nll[span] = model.nll(np.concatenate([before, ids]))[len(before) :] if len(before) else model.nll(ids)
        before = np.concatenate([before, ids[max(len(ids) - warmup, 0) :]])
        before = before[max(len(before) - warmup, 0) :]
    return nll


def score_row(nll: Mapping[str, Floats], n_characters: int, spelling_bits: float) -> dict[str, float | None]:
    """A row of reports/tables/perplexity.csv: perplexity on each span, bits on the test span; None where it is empty.

    Args:
        nll: of the tokens of the spans train, val and test, as far as the model was scored on them.
        n_characters, spelling_bits: of the test span.
    """
    test = nll["test"]
    return {
        **{span: perplexity(values) if len(values) else None for span, values in nll.items()},
        "bits_per_token": bits_per_token(test) if len(test) else None,
        "bits_per_char": bits_per_char(test, n_characters, spelling_bits) if len(test) else None,
    }


def seeds_row(rows: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The mean of each column over the rows of a network's weight seeds, and their standard deviation in columns that
    end in _std; None where a row has none, or where there is one seed."""
    mean, std = dict[str, float | None](), dict[str, float | None]()
    for column in rows[0]:
        values = [value for row in rows if (value := row[column]) is not None]
        complete = len(values) == len(rows)
        mean[column] = float(np.mean(values)) if complete else None
        std[f"{column}_std"] = float(np.std(values, ddof=1)) if complete and len(rows) > 1 else None
    return mean | std


def floor_row(entropy_rate: float, n_tokens: int, n_characters: int) -> dict[str, Any]:
    """The row of the source itself, which no model can expect to beat: its entropy rate, in nats per character."""
    per_token = entropy_rate * n_characters / n_tokens
    return {
        "test": math.exp(per_token),
        "bits_per_token": per_token / math.log(2),
        "bits_per_char": entropy_rate / math.log(2),
    }


SPREAD = ("book", "train", "val", "test")
"""the columns with a standard deviation over weight seeds"""

COLUMNS = (
    *("book", "epoch", "train", "val", "test", "bits_per_token", "bits_per_char", "weight", "neural"),
    *(f"{column}_std" for column in SPREAD),
)


def perplexity_table(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Columns of reports/tables/perplexity.csv from model -> row: model, and what a row may hold."""
    return {"model": [*rows], **{column: [row.get(column) for row in rows.values()] for column in COLUMNS}}


def perplexity_metrics(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The content of reports/metrics/perplexity.json: model -> span -> perplexity. `train` is the book's running
    figure, and of what has none only there where there is no other span. The floor is a number.

    It is for comparing runs, so of the n-grams it holds the longest, and of what is averaged or learns as it reads the
    mixtures; the table has them all.
    """
    metrics: dict[str, Any] = {}
    left_out = {"ensemble", *[name for name in rows if name.startswith("ngram_")][:-1]}
    left_out |= {name for name in rows if name.startswith("adaptive_") and name != "adaptive_mixture"}
    for model, row in rows.items():
        if model in left_out or model == "floor":
            continue
        held_out = {span: row.get(span) for span in ("val", "test")}
        found = {"train": row.get("book") or (None if any(held_out.values()) else row.get("train")), **held_out}
        metrics[model] = {span: value for span, value in found.items() if value is not None}
    return metrics | ({"floor": rows["floor"]["test"]} if "floor" in rows else {})


def _mean(nll: Floats) -> float:
    if nll.size == 0:
        raise StepaheadError("there is no token to score; raise tokens.n_val and tokens.n_test")
    mean = float(np.mean(nll, dtype=np.float64))
    if not math.isfinite(mean):
        raise StepaheadError(f"the mean nll is {mean}, not a finite number; lower the learning rate")
    return mean
