"""python -m stepahead perplexity: other texts, scored by what was trained."""

from pathlib import Path

import numpy as np
import pytest

from stepahead.core import artifacts
from stepahead.text.ngram.file import read_ngram
from stepahead.text.tokens.vocab import Vocabulary
from tests.project import Project

TEXT = "The tide went out, and 40 years later it came back.\n"


def test_it_scores_each_file_with_each_model(finished: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text(TEXT * 3)
    done = finished.run("python", "-m", "stepahead", "perplexity", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert done.code == 0, done.output
    rows = {line.split()[0]: line.split()[1:] for line in done.output.splitlines() if "warning" not in line}
    assert rows["perplexity"] == ["a.txt", "b.txt"]
    assert {"gru", "lstm", "rnn", "scratch", "ngram_6"} <= set(rows)
    model = read_ngram(*artifacts.read_tensors(finished.folder / "models/text/ngram/ngram_6.safetensors"))
    ids = Vocabulary(**finished.json("data/vocab/vocab.json")).encode_text(TEXT)
    assert float(rows["ngram_6"][0]) == pytest.approx(np.exp(model.nll(ids).mean()), abs=0.005)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("时间机器", "letters leaves nothing of it; take another text"),
        ("the 时间机器 of 1895", "warning: tokens.normalize = letters keeps 7 of 16"),
    ],
)
def test_what_is_no_text_costs_one_line(content: str, message: str, finished: Project, tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_text(content, encoding="utf-8")
    done = finished.run("python", "-m", "stepahead", "perplexity", str(tmp_path / "odd.txt"))
    assert message in done.output
    assert "Traceback" not in done.output
