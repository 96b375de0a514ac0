"""How a stage ends: well, or with its last results in place and the right culprit named."""

import signal
from pathlib import Path

import pytest

from stepahead.core import stage
from stepahead.core.errors import StepaheadError
from tests.stepahead.core.conftest import Tiny


@pytest.fixture
def done_once(tiny: Tiny) -> Tiny:
    """The pipeline, run once; its second run finds its outputs deleted, as DVC does."""
    assert tiny.dvc("repro", "work").code == 0
    (tiny.folder / "out.txt").unlink()
    (tiny.folder / "folder/new").unlink()
    (tiny.folder / "params.yaml").write_text("width: 9\nother: 1\nwork: {rate: 0.5}\nmore: {other: 1}\n", "utf-8")
    return tiny


def check_nothing_is_lost(tiny: Tiny) -> None:
    assert (tiny.folder / "out.txt").read_text(encoding="utf-8") == "8 content"
    assert (tiny.folder / "folder/new").read_text(encoding="utf-8") == "new"


def test_a_persons_mistake_is_one_line_and_loses_nothing(done_once: Tiny) -> None:
    done = done_once.work("raise StepaheadError('width = 9; lower it')")
    assert (done.code, done.output) == (1, "error: width = 9; lower it\n")
    check_nothing_is_lost(done_once)


def test_a_bug_shows_its_traceback_and_loses_nothing(done_once: Tiny) -> None:
    done = done_once.work("1 / 0")
    assert done.code == 1
    assert done.output.startswith("Traceback (most recent call last)")
    assert done.output.endswith("\nZeroDivisionError: division by zero\n")
    check_nothing_is_lost(done_once)


def test_a_stage_that_cannot_be_imported_loses_nothing(done_once: Tiny) -> None:
    script = done_once.folder / "stages/work.py"
    script.write_text("import no_such_module\n" + script.read_text(encoding="utf-8"), encoding="utf-8")
    done = done_once.work()
    assert done.code == 1
    assert done.output.endswith("ModuleNotFoundError: No module named 'no_such_module'\n")
    check_nothing_is_lost(done_once)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stage_that_is_told_to_end_loses_nothing(number: signal.Signals, done_once: Tiny) -> None:
    done = done_once.work(f"import signal, os; os.kill(os.getpid(), {number.value}); time.sleep(60)")
    assert done.code == 1
    assert done.output.endswith("; dvc repro goes on from here\n")
    check_nothing_is_lost(done_once)


def test_memory_that_the_params_ask_for_is_one_line(done_once: Tiny) -> None:
    done = done_once.work("b'x' * 2**62")
    assert done.code == 1
    assert done.output == "error: the params ask for more memory than there is; lower the sizes in params.yaml\n"
    check_nothing_is_lost(done_once)


@pytest.mark.parametrize("output", [">&-", "2>&-", "> >(:)", ">/dev/full", ">/dev/full 2>&1"])
def test_that_nobody_reads_what_a_stage_says_does_it_no_harm(output: str, tiny: Tiny) -> None:
    act = "stage.say('a'); time.sleep(0.2); stage.say('b'); stage.say('c'); Path('end').touch()"
    done = tiny.run("bash", "-c", f"python -m stages.work {output}", DVC_STAGE="work", ACT=act)
    assert (done.code, done.output) == (0, "a\nb\nc\n" if output == "2>&-" else "")
    assert (tiny.folder / "end").exists()


READS = "Path('data/in.txt').read_text(); 1 / 0"
RECORDED = "stages:\n  earlier:\n    outs:\n    - {path: data/in.txt, md5: 9a0364b9e99bb480dd25e1f0284c8555}\n"


def test_a_changed_file_is_named_beside_the_traceback_if_it_was_read(tiny: Tiny) -> None:
    lock = tiny.folder / "dvc.lock"
    lock.write_text(RECORDED, encoding="utf-8")
    done = tiny.work("1 / 0")
    assert done.output.endswith("ZeroDivisionError: division by zero\n")  # md5("content") is what it records
    (tiny.folder / "data/in.txt").write_text("other", encoding="utf-8")
    done = tiny.work("1 / 0")
    named = "data/in.txt is not what dvc.lock records; delete it and run dvc repro"
    assert done.output.endswith(f"ZeroDivisionError: division by zero\nerror: {named}\n")
    done = tiny.work("raise StepaheadError('x; y')")
    assert done.output == f"error: x; y (and {named})\n"
    done = tiny.work("raise StepaheadError('data/in.txt is damaged; delete it')")
    assert done.output == "error: data/in.txt is damaged; delete it\n"


def test_a_changed_file_that_was_not_read_is_not_named(tiny: Tiny) -> None:
    (tiny.folder / "dvc.lock").write_text(RECORDED.replace("data/in.txt", "data/unread.txt"), encoding="utf-8")
    (tiny.folder / "data/unread.txt").write_text("other", encoding="utf-8")
    assert tiny.work("raise StepaheadError('x; y')").output == "error: x; y\n"


@pytest.mark.parametrize("name", ["dvc.lock", "dvc.yaml", "params.yaml"])
@pytest.mark.parametrize("content", ["", "stages: [", "7", "stages: 7", "stages: {work: 7}", None])
def test_damaged_files_of_dvc_are_no_bug(name: str, content: str | None, tiny: Tiny) -> None:
    path = tiny.folder / name
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_text(content, encoding="utf-8")
    done = tiny.work()
    assert "Traceback" not in done.output
    assert done.code == (0 if name == "dvc.lock" else 1)
    assert len(done.output.splitlines()) == done.code


@pytest.mark.parametrize("address", ["train", "dvc.yaml:train", "../dvc.yaml:train@"])
def test_a_stage_of_a_matrix_needs_an_entry(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", address)
    with pytest.raises(StepaheadError, match=r"train runs one entry of models.rnn at a time; .*: dvc repro train@gru"):
        stage.matrix_entry("models.rnn", ["rnn", "gru"])


@pytest.mark.parametrize("address", ["train@gru", "dvc.yaml:train@gru", "../a b@c/dvc.yaml:train@gru"])
def test_the_entry_is_the_one_that_dvc_names(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", address)
    assert stage.matrix_entry("models.rnn", ["rnn", "gru"]) == "gru"
    with pytest.raises(StepaheadError, match=r"models.rnn has the entry 'gru'; choose from rnn, lstm"):
        stage.matrix_entry("models.rnn", ["rnn", "lstm"])
    assert stage.matrix_entry("models.rnn", ["rnn", "lstm"], refused=["gru"]) == "gru"


def test_outputs_of_entries_that_are_no_longer_listed_are_deleted(tmp_path: Path) -> None:
    for name in ("gru.csv", "old.csv", ".kept.csv", "kept.txt"):
        (tmp_path / name).touch()
    assert stage.matrix_outputs(tmp_path, ["gru", "new"], ".csv") == {
        "gru": tmp_path / "gru.csv",
        "new": tmp_path / "new.csv",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == [".kept.csv", "gru.csv", "kept.txt"]
