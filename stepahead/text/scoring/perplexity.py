"""How well a language model predicts a text, in several units, all from its negative log-likelihood of each token."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from stepahead.core.errors import StepaheadError

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
        raise StepaheadError(f"a mean nll of {mean:g} nats has no finite perplexity; lower the learning rate") from None


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


def score_row(nll: Mapping[str, Floats], n_characters: int, spelling_bits: float) -> dict[str, float | None]:
    """A row of reports/tables/perplexity.csv: perplexity on each span, bits on the test span; None where it is empty.

    Args:
        nll: of the tokens of the spans train, val and test.
        n_characters, spelling_bits: of the test span.
    """
    test = nll["test"]
    return {
        **{span: perplexity(values) if len(values) else None for span, values in nll.items()},
        "bits_per_token": bits_per_token(test) if len(test) else None,
        "bits_per_char": bits_per_char(test, n_characters, spelling_bits) if len(test) else None,
    }


def floor_row(entropy_rate: float, n_tokens: int, n_characters: int) -> dict[str, Any]:
    """The row of the source itself, which no model can expect to beat: its entropy rate, in nats per character."""
    per_token = entropy_rate * n_characters / n_tokens
    return {
        "test": math.exp(per_token),
        "bits_per_token": per_token / math.log(2),
        "bits_per_char": entropy_rate / math.log(2),
    }


COLUMNS = ("book", "epoch", "train", "val", "test", "bits_per_token", "bits_per_char", "weight", "neural")


def perplexity_table(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Columns of reports/tables/perplexity.csv from model -> row: model, and what a row may hold."""
    return {"model": [*rows], **{column: [row.get(column) for row in rows.values()] for column in COLUMNS}}


def perplexity_metrics(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The content of reports/metrics/perplexity.json: model -> span -> perplexity; `train` is the book's running figure
    where there is one. The floor is a number."""
    metrics: dict[str, Any] = {}
    for model, row in rows.items():
        found = {"train": row.get("book") or row.get("train"), "val": row.get("val"), "test": row.get("test")}
        metrics[model] = {span: value for span, value in found.items() if value is not None}
    return metrics | ({"floor": rows["floor"]["test"]} if "floor" in rows else {})


def _mean(nll: Floats) -> float:
    if nll.size == 0:
        raise StepaheadError("there is no token to score; raise tokens.n_val and tokens.n_test")
    mean = float(np.mean(nll, dtype=np.float64))
    if not math.isfinite(mean):
        raise StepaheadError(f"the mean nll is {mean}, not a finite number; lower the learning rate")
    return mean
