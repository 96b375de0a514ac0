import io

import pytest

from stepahead.core.errors import StepaheadError
from stepahead.text.rnn import progress
from stepahead.text.rnn.progress import Progress
from stepahead.text.rnn.training import Epoch


def follow(table, epochs=30, earlier=0, val=7.5):
    history = [Epoch(10 / n, val) for n in range(1, epochs + 1)]
    with Progress("rnn", 300, epochs, earlier, table) as told:
        for n in range(epochs):
            told.tell(history[: n + 1])
    return history


def test_a_log_gets_ten_lines_without_control_characters(tmp_path, capsys):
    follow(tmp_path / "table.csv")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert all(line.isprintable() for line in lines)
    assert lines[0].startswith("rnn: epoch 3/30, perplexity 3.33, validation 7.50, ")
    assert lines[-1].endswith("tokens/s, 0:00 left")


def test_without_a_validation_span_it_says_nothing_of_one(tmp_path, capsys):
    follow(tmp_path / "table.csv", val=None)
    assert "validation" not in capsys.readouterr().out


def test_what_was_trained_before_a_stop_is_not_told_again(tmp_path, capsys):
    follow(tmp_path / "table.csv", earlier=25)
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "rnn: goes on after epoch 25"
    assert [line.split(",")[0] for line in rest] == ["rnn: epoch 27/30", "rnn: epoch 30/30"]


def test_the_table_can_be_followed(tmp_path):
    table = tmp_path / "table.csv"
    with Progress("rnn", 300, 20, 0, table) as told:
        told.tell([Epoch(9.0, None)])
        assert not table.exists()
        told.tell([Epoch(9.0, None), Epoch(8.0, 7.5)])
    assert table.read_text() == "epoch,perplexity,val\n1,9.0,\n2,8.0,7.5\n"


@pytest.mark.parametrize("before", [None, "epoch,perplexity,val\n1,5.0,\n"])
def test_a_training_that_fails_leaves_the_table_as_it_was(tmp_path, before):
    table = tmp_path / "table.csv"
    if before:
        table.write_text(before)

    def fail():
        with Progress("rnn", 300, 10, 0, table) as told:
            told.tell([Epoch(9.0, None)])
            assert table.exists()
            raise StepaheadError("rnn.lr = 1e+20: the loss is no longer finite; lower it")

    with pytest.raises(StepaheadError):
        fail()
    assert (table.read_text() if table.exists() else None) == before


def test_a_terminal_gets_a_bar(tmp_path, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    follow(tmp_path / "table.csv")
    assert "left" in terminal.getvalue()
    assert max(map(len, terminal.getvalue().split("\r"))) <= 80
    assert capsys.readouterr().out == ""


def test_without_a_terminal_or_any_other_place_for_errors_there_is_no_bar(tmp_path, monkeypatch):
    monkeypatch.setattr(progress.sys, "stderr", None)  # as Python has it where it was started with 2>&-
    follow(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").exists()
