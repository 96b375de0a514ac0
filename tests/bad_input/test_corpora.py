"""Texts of the user's own that cannot be read or used."""

from pathlib import Path

import pytest

from tests.bad_input.battery import after, fails, replaced
from tests.project import Project


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "mine.txt is empty; put text into it"),
        (b"\xef\xbb\xbf", "mine.txt is empty"),
        (b"caf\xe9", "mine.txt is not UTF-8 text: byte 3 is 0xe9; it reads "),
        (b"cut \xe6\x99", "mine.txt is not UTF-8 text: byte 4 is 0xe6"),
        (b"\x89PNG\r\n\x1a\n\x00", "mine.txt is not UTF-8 text: byte 0 is 0x89"),
        (b"\x1f\x8b\x08", "mine.txt cannot be read ("),
        (b"Rar!\x1a\x07", "mine.txt is a RAR archive, not a text"),
        (b"surrogate \xed\xa0\x80", "mine.txt is not UTF-8 text: byte 10 is 0xed"),
    ],
)
def test_a_file_that_is_no_text(content: bytes, message: str, broken: Project) -> None:
    with replaced(broken.folder / "data/local/mine.txt", content):
        fails(after(broken, {"corpus.name": "mine.txt"}, "fetch_corpus"), message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("moby_dick", "corpus.name = 'moby_dick' is not known; use one of bundled"),
        ("../secret.txt", "corpus.name = '../secret.txt' is not a plain file name"),
        ("/etc/passwd", "corpus.name = '/etc/passwd' is not a plain file name"),
        (".hidden", "corpus.name = '.hidden' is not a plain file name"),
        ("link.txt", "corpus.name = 'link.txt' is a link that leads out of data/local/"),
        ("folder.txt", "data/local/folder.txt is an empty folder; put texts into it"),
        ("gs10", "corpus.name = 'gs10' is a series, not a text"),
        ("a\nb", "is not a plain file name"),
        ("\u202egnp.txt", "is not a plain file name"),
        ("x" * 300, "cannot be read (File name too long)"),
    ],
)
def test_a_name_that_is_not_allowed(name: str, message: str, broken: Project) -> None:
    link, folder = broken.folder / "data/local/link.txt", broken.folder / "data/local/folder.txt"
    link.symlink_to("/etc/passwd")
    folder.mkdir()
    try:
        fails(after(broken, {"corpus.name": name}, "fetch_corpus"), message)
    finally:
        link.unlink()
        folder.rmdir()


@pytest.mark.parametrize(
    ("text", "changes", "stage", "message"),
    [
        ("1898 — 时间", {}, "tokenize", "tokens.normalize = letters leaves nothing of this corpus"),
        (" \n\t ", {"tokens.normalize": "none"}, "tokenize", "tokens.normalize = none leaves nothing of this corpus"),
    ],
)
def test_a_corpus_that_normalises_to_nothing(
    text: str, changes: dict[str, str], stage: str, message: str, broken: Project
) -> None:
    with replaced(broken.folder / "data/corpus/corpus.txt", text.encode()):
        fails(after(broken, changes, stage), message)


def test_a_download_with_another_checksum(broken: Project, tmp_path: Path) -> None:
    """The mirror's file is refused, and the addresses in the catalogue cannot be reached."""
    (tmp_path / "timemachine.txt").write_text("an error page", encoding="utf-8")
    catalog = broken.folder / "data/catalog.yaml"
    elsewhere = catalog.read_bytes().replace(b"d2l-data.s3-accelerate.amazonaws.com", b"127.0.0.1:9")
    with replaced(catalog, elsewhere):
        done = after(broken, {"corpus.name": "time_machine"}, "fetch_corpus", STEPAHEAD_MIRROR=str(tmp_path))
    fails(done, "corpus.name = time_machine")
    assert "not the expected content (its sha256 is" in done.output
    assert "STEPAHEAD_MIRROR" in done.output
