"""Progress reports during training: a bar in a terminal, ten lines in a log or beside others, and a table to follow."""

import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from stepahead.core import artifacts, stage
from stepahead.text.rnn.training import Epoch

REPORTS = 10
BAR = "{desc} {bar} {remaining} left"  # what is said fits 80 columns


def write_history(path: Path, history: Sequence[Epoch]) -> None:
    """The table of a training, which `dvc plots` and editors can draw before it is complete."""
    columns = {
        "epoch": range(1, len(history) + 1),
        "perplexity": [epoch.perplexity for epoch in history],
        "val": [epoch.val for epoch in history],
    }
    artifacts.write_table(path, columns)


class Progress:
    """Follows the training of a cell.

    Args:
        n_tokens: of the training span.
        earlier: how many of the `epochs` were trained before it was stopped.
        table: where the history goes at each report, if anywhere; what it held before comes back if the training fails.
    """

    def __init__(self, cell: str, n_tokens: int, epochs: int, earlier: int, table: Path | None) -> None:
        self.name, self.n_tokens, self.epochs, self.earlier, self.table = cell, n_tokens, epochs, earlier, table
        self.started = time.monotonic()
        if earlier:
            stage.say(f"{self.name}: goes on after epoch {earlier}")
        self.bar = None
        terminal = sys.stderr and sys.stderr.isatty()
        if terminal and multiprocessing.parent_process() is None:  # the terminal has no other in it
            from tqdm import tqdm

            done, total = earlier * n_tokens, epochs * n_tokens
            self.bar = tqdm(desc=self.name, initial=done, total=total, leave=False, bar_format=BAR, dynamic_ncols=True)

    def tell(self, history: Sequence[Epoch]) -> None:
        """Report the last epoch of `history`, if one is due."""
        done = len(history)
        if done <= self.earlier:
            return
        due = done % max(self.epochs // REPORTS, 1) == 0
        if due and self.table:
            write_history(self.table, history)
        perplexity, val = history[-1]
        validation = "" if val is None else f", validation {val:.2f}"
        news = f"epoch {done}/{self.epochs}, perplexity {perplexity:.2f}{validation}"
        if self.bar is not None:
            self.bar.set_description_str(f"{self.name}: {news}", refresh=False)
            self.bar.update(self.n_tokens)
        elif due:
            rate = (done - self.earlier) * self.n_tokens / (time.monotonic() - self.started)
            left = round((self.epochs - done) * self.n_tokens / rate)
            stage.say(f"{self.name}: {news}, {rate:,.0f} tokens/s, {left // 60}:{left % 60:02} left")

    def __enter__(self) -> Self:
        self.before = self.table.read_bytes() if self.table and self.table.exists() else None
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
        failed = kind is not None and not issubclass(
            kind, SystemExit
        )  # Ctrl-C has put results back before it gets here
        if failed and self.table:
            self._put_back(self.table)

    def _put_back(self, table: Path) -> None:
        if self.before is None:
            table.unlink(missing_ok=True)
        else:
            with artifacts.atomic(table) as temporary:
                temporary.write_bytes(self.before)
