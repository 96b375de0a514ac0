"""What to try next, by figure: commands that start from this run's own params and results."""

import shlex
from collections.abc import Mapping
from typing import Any

from stepahead.core.override import override
from stepahead.report.columns import Columns
from stepahead.series.data.dataset import Series

NOISE = 0.2
"""to try where there is none: the book's"""


def commands(
    params: Mapping[str, Any], orders: Columns, kept: Mapping[str, int], *, has_signal: bool, held_out: int
) -> dict[str, str]:
    """Figure -> a command that changes one param of this run.

    Args:
        params: those of the run.
        orders: columns tau and bic.
        kept: the epoch whose weights each text network kept.
        held_out: steps of the series after training.
    """
    best = int(orders["tau"][orders["bic"].argmin()])
    tau = 2 * best if params["tau"] in (best, "auto") else best
    epochs = params["rnn"]["epochs"]
    late = kept and max(kept.values()) >= epochs  # still getting better when training ended
    series = params["series"]
    spaced = params["tokens"]["normalize"] == "letters"  # not every script puts spaces between words
    kind = "word" if spaced else "bpe"
    noise = series["noise_std"]
    often, seldom = (int(float(f"{max(held_out / n, 1):.1g}")) for n in (8, 4))
    refits = [each for each in (often, seldom, 0) if each != params["kstep"]["refit_every"]]
    changes = {
        "kstep_error": ("tau", tau),
        "future": ("kstep.refit_every", refits[0]),
        "series": ("series.noise_std", noise / 4 or NOISE) if has_signal else ("series.reverse", not series["reverse"]),
        "kstep": ("kstep.horizons", sorted({1, 2, *(2 * k for k in params["kstep"]["horizons"][:2])})),
        "multistep": ("mlp.epochs", 10 * params["mlp"]["epochs"]),
        "intervals": ("series.noise_std", 2 * noise or NOISE) if has_signal else ("kstep.refit_every", refits[0]),
        "coverage": ("kstep.refit_every", refits[1]),
        "orders": ("tau", tau),
        "gradient_cosines": ("direct.hidden", 2 * params["direct"]["hidden"]),
        "perplexity": ("rnn.dropout_output", 0.3 if params["rnn"]["dropout_output"] != 0.3 else 0.5),
        "training_perplexity": ("rnn.epochs", 2 * epochs) if late else ("rnn.lr", params["rnn"]["lr"] / 2),
        "frequencies": ("corpus.name", "time_machine" if params["corpus"]["name"] != "time_machine" else "bundled"),
        "horizon_entropy": ("tokens.kind", kind if params["tokens"]["kind"] != kind else "char"),
        "gradient_flow": ("rnn.forget_bias", 1 - params["rnn"]["forget_bias"]),
        "generated": ("generate.temperature", 0.7 if params["generate"]["temperature"] != 0.7 else 1),
    }
    return {figure: f"dvc exp run {override(*change)}" for figure, change in changes.items()}


def same_forecast(ahead: Columns, series: Series, *, reverse: bool) -> str:
    """The command that prints what is in reports/tables/future.csv; empty where no file has the series as its model saw
    it, or no model was trained."""
    own = series.name != "sine" and series.sha256 is None
    if not len(ahead["step"]) or (reverse and (own or series.dates is not None)):
        return ""
    file = shlex.quote(f"data/local/{series.name}") if own else "data/series/series.csv --column value"
    return f"python -m stepahead forecast --model {ahead['model'][0]} --steps {len(ahead['step'])} {file}"
