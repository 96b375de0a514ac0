"""The tables of the README and of docs/, by name, each made from tracked files."""

from collections.abc import Callable
from pathlib import Path

from docs.stages import param_table, stage_picture
from docs.tables import cost, exercises, run, scores

TABLES: dict[str, Callable[[Path], str]] = {
    "kstep": run.kstep_table,
    "perplexity": run.perplexity_table,
    "intervals": run.interval_table,
    "interval_methods": scores.method_table,
    "interval_rates": scores.rate_table,
    "outside": scores.outside_table,
    "passengers": scores.passengers_table,
    "reverse": scores.reverse_table,
    "recipe": scores.recipe_table,
    "shakespeare": scores.shakespeare_table,
    "book": scores.book_table,
    "time": cost.time_table,
    "big_text": cost.big_text_table,
    "diff": scores.diff_table,
    "speed": cost.speed_table,
    "whole_job": cost.whole_job_table,
    "quality": cost.quality_table,
    "params": param_table,
    "stages": stage_picture,
    "exercises": exercises.exercise_table,
    "kenlm": cost.kenlm_table,
    "panel": cost.panel_table,
    "scale": cost.scale_table,
    "shards": cost.shard_table,
    "trial": cost.trial_table,
}
