"""What a stage reads is what dvc.yaml declares, and is the same at its end as at its start."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from stepahead.core import inputs
from stepahead.core.inputs import fingerprint
from tests.stepahead.core.conftest import Tiny


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        content = (folder / name).read_text(encoding="utf-8")
        assert old in content
        (folder / name).write_text(content.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (edit("params.yaml", "width: 8", "width: 12"), "width in params.yaml (8, now 12)"),
        (edit("params.yaml", "0.5", "0.25"), "work.rate in params.yaml (0.5, now 0.25)"),
        (edit("params.yaml", "width: 8\n", ""), "width in params.yaml (8, now None)"),
        (edit("params.yaml", "width: 8", "width: ["), "params.yaml"),
        (edit("data/in.txt", "content", "CONTENT"), "data/in.txt"),
        (edit("stages/work.py", "import os", "import  os"), "stages/work.py"),
        (edit("stepahead/core/errors.py", "import", "import "), "stepahead/core/errors.py"),
        (lambda folder: (folder / "data/more.txt").touch(), "data/more.txt"),
        (lambda folder: (folder / "stages/work.py").unlink(), "stages/work.py"),
    ],
)
def test_an_edit_while_a_stage_runs_makes_it_fail(change: Callable[[Path], object], named: str, tiny: Tiny) -> None:
    if named == "stepahead/core/errors.py":
        (tiny.folder / named).write_text("import os\n" + (tiny.folder / named).read_text(encoding="utf-8"))
    done = tiny.while_it_runs(lambda: change(tiny.folder))
    assert done.code == 1
    assert done.output == f"error: {named} changed while work ran; run dvc repro again\n"


def test_several_edits_are_one_line(tiny: Tiny) -> None:
    done = tiny.while_it_runs(lambda: [(tiny.folder / f"data/{i}").touch() for i in range(5)])
    assert done.output == ("error: data/0, data/1, data/2 and 2 more changed while work ran; run dvc repro again\n")


@pytest.mark.parametrize(
    "change",
    [
        edit("params.yaml", "other: 1", "other: 2"),
        edit("params.yaml", "width: 8", "width:  8  # the same"),
        lambda folder: [path.touch() for path in (folder / "stages").iterdir()],
        lambda folder: (folder / "data/.in.txt.swp").touch(),
        lambda folder: (folder / "stages/work.py~").touch(),
        lambda folder: (folder / "README.md").touch(),
    ],
)
def test_an_edit_of_anything_else_does_no_harm(change: Callable[[Path], object], tiny: Tiny) -> None:
    done = tiny.while_it_runs(lambda: change(tiny.folder))
    assert (done.code, done.output) == (0, "")
    assert (tiny.folder / "out.txt").read_text(encoding="utf-8") == "8 content"


def test_an_edit_that_is_taken_back_was_never_there(tiny: Tiny) -> None:
    """The stage loads its params while another value stands in the file."""
    later = "import subprocess; subprocess.run(['sed', '-i', 's/width: 12/width: 8/', 'params.yaml'], check=True)"
    done = tiny.while_it_runs(lambda: edit("params.yaml", "width: 8", "width: 12")(tiny.folder), later)
    assert (done.code, done.output) == (0, "")
    assert (tiny.folder / "out.txt").read_text(encoding="utf-8") == "8 content"


def test_dvc_does_not_pair_a_new_value_with_an_old_result(tiny: Tiny) -> None:
    """Edited while it runs, and `dvc repro` again: the result is that of the new value, and the last good one stays."""
    assert tiny.dvc("repro", "work").code == 0
    edit("params.yaml", "width: 8", "width: 10")(tiny.folder)
    done = tiny.while_it_runs(
        lambda: edit("params.yaml", "width: 10", "width: 12")(tiny.folder), "", "dvc", "repro", "work"
    )
    assert done.code != 0
    assert "error: width in params.yaml (10, now 12) changed while work ran; run dvc repro again" in done.output
    assert (tiny.folder / "out.txt").read_text(encoding="utf-8") == "8 content"
    again = tiny.dvc("repro", "work")
    assert again.stages == ["work"]
    assert (tiny.folder / "out.txt").read_text(encoding="utf-8") == "12 content"


@pytest.mark.parametrize(
    ("act", "name"),
    [
        ("Path('secret.csv').read_bytes()", "secret.csv"),
        ("Path('data/../other/x.csv').open()", "other/x.csv"),
        ("open(Path.cwd() / 'secret.csv')", "secret.csv"),
        ("open(b'secret.csv')", "secret.csv"),
        ("os.open('secret.csv', os.O_RDONLY)", "secret.csv"),
        ("Path('params.yaml').read_text()", "params.yaml"),
        ("import stepahead.nn.optim", "stepahead/nn/__init__.py"),
        ("from contextlib import suppress\nwith suppress(Exception): open('secret.csv')", "secret.csv"),
    ],
)
def test_a_file_that_is_not_declared_cannot_be_read(act: str, name: str, tiny: Tiny) -> None:
    for each in ("secret.csv", "other/x.csv", "stepahead/nn/__init__.py", "stepahead/nn/optim.py"):
        (tiny.folder / each).parent.mkdir(exist_ok=True)
        (tiny.folder / each).touch()
    done = tiny.work(act)
    assert done.code == 1
    assert done.output == (
        f"error: stage work opens {name}, which its entry in dvc.yaml does not declare; "
        "add it, or its folder, to deps: of work in dvc.yaml\n"
    )


@pytest.mark.parametrize(
    "act",
    [
        "Path('new.txt').write_text('')",
        "Path('out.txt').read_text(), Path('folder/new').read_text()",
        "Path('.cache').mkdir(); Path('.cache/x').touch(); Path('.cache/x').read_text()",
        "import json.tool, yaml.cyaml, unittest.mock",
        "Path('/etc/hostname').exists() and open('/etc/hostname')",
        "import importlib.metadata; importlib.metadata.entry_points()",
    ],
)
def test_what_is_no_input_may_be_read(act: str, tiny: Tiny) -> None:
    done = tiny.work(act)
    assert (done.code, done.output) == (0, "")


def test_a_stage_that_dvc_yaml_does_not_have_says_so(tiny: Tiny) -> None:
    (tiny.folder / "stages/mine.py").write_text("print('never')", encoding="utf-8")
    done = tiny.run("python", "-m", "stages.mine")
    assert done.code == 1
    assert done.output.startswith(
        "error: stage mine opens stages/mine.py, which its entry in dvc.yaml does not declare;"
    )


def test_what_is_no_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would never end; a link to nowhere, a socket or a name that is not UTF-8 is in nobody's way."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    Path("gone.csv").symlink_to("nowhere")
    Path("loop").symlink_to(".")
    Path(os.fsdecode(b"caf\xe9.csv")).write_text("x", encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.csv")
        assert list(fingerprint(["."])) == ["./" + os.fsdecode(b"caf\xe9.csv")]


def test_a_large_file_is_known_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "SMALL", 3)
    path = tmp_path / "a"
    path.write_bytes(b"large")
    before = fingerprint([str(path)])
    assert before[str(path)][1] == b""
    os.utime(path, (1, 1))
    assert fingerprint([str(path)], before) != before


def test_a_process_that_is_no_stage_reads_what_it_likes(tiny: Tiny) -> None:
    code = "from stepahead.core import stage; stage.begin_command(); print(open('params.yaml').readline())"
    done = tiny.run("python", "-c", code)
    assert done.output == "width: 8\n\n"
