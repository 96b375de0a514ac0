import gzip
import hashlib
import subprocess

import pytest
import yaml

from stepahead.core.errors import StepaheadError
from stepahead.sources.corpora import read_corpus

GUTENBERG = """The Project Gutenberg eBook of A Test
Licence. START OF THE PROJECT is not a marker here.

*** START OF THE PROJECT GUTENBERG EBOOK A TEST ***
Chapter 1

*** not a marker ***
The end.
*** END OF THE PROJECT GUTENBERG EBOOK A TEST ***
Licence again.
"""
OLD_GUTENBERG = """Project Gutenberg Etext of A Test
***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***
*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*
Chapter 1
End of the Project Gutenberg Etext of A Test
"""
BOOK = "\ufeffTime,\r\nagain\r".encode()


@pytest.fixture
def read(tmp_path):
    """read_corpus in a folder with a bundled text, one catalogue entry of each kind and an empty data/local/."""
    common = {"title": "t", "licence": "CC0", "addresses": ["file:///nowhere"]}
    text = common | {"kind": "text", "file": "book.txt", "sha256": hashlib.sha256(BOOK).hexdigest()}
    table = common | {"kind": "series", "file": "t.csv", "sha256": None, "unit": "m"}
    table |= {"date_columns": ["DATE"], "value_column": "x"}
    (tmp_path / "catalog.yaml").write_text(yaml.safe_dump({"book": text, "table": table}), encoding="utf-8")
    (tmp_path / "bundled.txt").write_text("a tide clock\n", encoding="utf-8")
    (tmp_path / "local").mkdir()

    def read(name, mirror=None, chunk=100):
        chunks = read_corpus(
            name,
            bundled=tmp_path / "bundled.txt",
            catalog=tmp_path / "catalog.yaml",
            local=tmp_path / "local",
            cache=tmp_path / "cache",
            mirror=mirror,
            chunk=chunk,
        )
        return "".join(chunks)

    return read


def test_bundled(read):
    assert read("bundled") == "a tide clock\n"


def test_hello_world(read):
    assert read("hello_world") == "hello world"


def test_a_text_of_the_catalogue(read, tmp_path):
    (tmp_path / "book.txt").write_bytes(BOOK)
    assert read("book", mirror=str(tmp_path)) == "Time,\nagain\n"


def test_a_text_that_cannot_be_fetched(read):
    with pytest.raises(StepaheadError, match=r"^corpus\.name = book cannot be fetched .* or use corpus\.name=bundled$"):
        read("book")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain\n", "plain\n"),
        (b"\xef\xbb\xbfmarked", "marked"),
        (b"a\r\nb\rc\nd\n\re", "a\nb\nc\nd\n\ne"),
        ("時光機器\r\n".encode(), "時光機器\n"),
        (b"\x1b[31m<script>\0", "\x1b[31m<script>\0"),
        ("wide 時光\r\n".encode("utf-16"), "wide 時光\n"),
        (b"\xfe\xff" + "wide".encode("utf-16-be"), "wide"),
        ("wide\r\n".encode("utf-32"), "wide\n"),
        ("no mark at all".encode("utf-16-le"), "no mark at all"),
        ("no mark at all".encode("utf-16-be"), "no mark at all"),
        (gzip.compress("packed 時\r\n".encode(), mtime=0), "packed 時\n"),
        (GUTENBERG.encode(), "Chapter 1\n\n*** not a marker ***\nThe end.\n"),
        ("старые часы\n".encode("utf-16-le"), "старые часы\n"),
        ("墙上的旧钟\n".encode("utf-16-be"), "墙上的旧钟\n"),
        ("墙上的旧钟\n".encode("utf-32-le"), "墙上的旧钟\n"),
        (b"one stray \0 in plain text\n", "one stray \0 in plain text\n"),
        (OLD_GUTENBERG.encode(), "Chapter 1\n"),
        (b"  *** Start of this Project Gutenberg eBook\nof A ***\nText\nEnd of Project Gutenberg's A\n", "Text\n"),
    ],
)
def test_a_users_own_file(read, tmp_path, content, text):
    (tmp_path / "local" / "mine.txt").write_bytes(content)
    assert read("mine.txt") == text
    assert read("mine.txt", chunk=1) == text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; put text into it"),
        (b"\xef\xbb\xbf", "is empty; put text into it"),
        (b"caf\xe9 au lait", "is not UTF-8 text: byte 3 is 0xe9; it reads 'café au lait' as WINDOWS-1252 or "),
        (
            "第一章\u3000开端\n".encode("gbk"),
            "is not UTF-8 text: byte 0 is 0xb5; it reads '第一章 开端' as GB18030 or ",
        ),
        (
            "第一章\u3000开端".encode("gbk").decode("latin-1").encode() * 9,
            "holds hardly anything but accented letters, wh",
        ),
        (
            b"she said it\xc2\x92s late " * 20,
            "holds control characters such as U+0092, which a conversion from the wro",
        ),
        (bytes(range(256)) * 20, "is not UTF-8 text: byte 128 is 0x80; "),
        (b"PK\x03\x04rest", "is a ZIP archive (or an office document), not a text; take the text out of it"),
        (b"%PDF-1.7", "is a PDF document, not a text"),
        (b"\x1f\x8bno gzip", "cannot be read ("),
        (gzip.compress(b"cut off" * 1000, mtime=0)[:-20], "cannot be read ("),
        (b"\xef\xbb\xbfcaf\xe9", "is not UTF-8 text: byte 6 is 0xe9"),
        (b"cut \xe6\x99", "is not UTF-8 text: byte 4 is 0xe6"),
        ("ж".encode() * 30000 + b"\xe6a", "is not UTF-8 text: byte 60000 is 0xe6"),
        (b"a" + "ж".encode() * 30000 + b"\xe6", "is not UTF-8 text: byte 60001 is 0xe6"),
        (b"\xef\xbb\xbf" + b"\r\n" * 30000 + b"\x80", "is not UTF-8 text: byte 60003 is 0x80"),
        (
            b"\x01" + b"plain text" * 20 + b"\0" * 90,
            "holds control characters such as U+0001 (91 in its first 291 ",
        ),
        (
            "plain words, and déjà vu. ".encode().decode("cp1252").encode() * 9,
            "holds 'Ã©' for 'é' and the like, which a conversion",
        ),
        ("d\ufffdj\ufffd vu ".encode() * 20, "holds lost characters (U+FFFD), which a conversion from the wrong"),
        (b"<!DOCTYPE HTML>\n<p>gone</p>", "is an HTML page, not a text; take the text out of it"),
        (b"PAR1" + bytes(99), "is a Parquet file, not a text"),
        ("odd".encode("utf-16") + b"x", "is not UTF-16 text: byte 8 is 0x78"),
    ],
)
def test_a_bad_file_is_one_line_with_its_name(read, tmp_path, content, said):
    (tmp_path / "local" / "mine.txt").write_bytes(content)
    with pytest.raises(StepaheadError) as caught:
        read("mine.txt", chunk=1)
    assert str(caught.value).startswith(f"{tmp_path}/local/mine.txt {said}")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Старые часы на стене остановились, и никто не знал, когда. ", "KOI8-R"),
        ("Старые часы на стене остановились, и никто не знал, когда. ", "WINDOWS-1251"),
        ("牆上的舊鐘早已停了，村裡沒有人知道是什麼時候的事。", "BIG5"),
        ("壁の古い時計は止まっていて、いつからなのか誰も知らなかった。", "SHIFT_JIS"),
        ("벽에 걸린 낡은 시계는 멈춰 있었고, 누구도 알지 못했다. ", "EUC-KR"),
        ("Zażółć gęślą jaźń, powiedział Łukasz nad rzeką. ", "WINDOWS-1250"),
        ("Où est passée la grande horloge ? Elle a été volée. ", "WINDOWS-1252"),
        ("Где это 'было'? ", "UTF-8"),
    ],
)
def test_the_encoding_is_named_with_what_the_text_says_in_it(read, tmp_path, text, encoding):
    content = (20 * text).encode(encoding)
    name = "it's mine.txt"
    (tmp_path / "local" / name).write_bytes(content[:-4] if encoding == "UTF-8" else content)
    with pytest.raises(StepaheadError) as caught:
        read(name)
    converted = subprocess.run(
        f"cd {tmp_path} && iconv{str(caught.value).partition(': iconv')[2].partition(' > ')[0]}",
        shell=True, capture_output=True, check=False,
    ).stdout.decode()  # fmt: skip
    assert converted.startswith(text)


def test_a_folder_of_texts_is_read_in_the_order_of_their_names(read, tmp_path):
    folder = tmp_path / "local" / "books"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "two.txt").write_text("two", encoding="utf-16")
    (folder / "a.txt.gz").write_bytes(gzip.compress(b"one\r\n", mtime=0))
    (folder / ".hidden").write_bytes(b"\xff")
    (folder / ".git").mkdir()
    (folder / ".git" / "three.txt").write_text("three", encoding="utf-8")
    (folder / "out.txt").symlink_to(tmp_path / "bundled.txt")
    assert read("books") == read("books", chunk=1) == "one\n\ntwo\n"
    (tmp_path / "local" / "empty").mkdir()
    with pytest.raises(StepaheadError, match="is an empty folder; put texts into it"):
        read("empty")


NOVELS = ("novel_gbk.txt", "novel_gbk_after_hint.txt", "novel_utf16_after_hint.txt", "cp1252_after_hint.txt")


@pytest.mark.parametrize("name", NOVELS)
def test_a_novel_in_the_wrong_encoding_never_passes_for_text(read, tmp_path, root, name):
    field = root.parent / "shared/field/text" / name
    if not field.exists():
        pytest.skip("needs the texts in ../shared/field, which users do not have")
    (tmp_path / "local" / name).write_bytes(field.read_bytes())
    with pytest.raises(StepaheadError, match=r"as GB18030; |a conversion from the wrong encoding"):
        read(name)


def test_an_unknown_name_lists_what_is_allowed(read, tmp_path):
    (tmp_path / "local" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(StepaheadError) as caught:
        read("tme_machine")
    assert str(caught.value) == (
        "corpus.name = 'tme_machine' is not known; use one of bundled, hello_world, markov_source, book, mine.txt, "
        f"or put your file into {tmp_path}/local/"
    )


def test_a_series_is_no_corpus(read):
    with pytest.raises(StepaheadError, match=r"corpus\.name = 'table' is a series, not a text; use one of bundled"):
        read("table")


@pytest.mark.parametrize("name", ["../bundled.txt", "local/mine.txt", "/etc/passwd", "..", "link", "\x1b[31m"])
def test_a_name_that_leaves_the_folder_is_refused(read, tmp_path, name):
    (tmp_path / "local" / "link").symlink_to(tmp_path / "bundled.txt")
    with pytest.raises(StepaheadError, match=r"^corpus\.name = ") as caught:
        read(name)
    assert str(caught.value).isprintable()


def test_a_missing_bundled_text_is_one_line(read, tmp_path):
    (tmp_path / "bundled.txt").unlink()
    with pytest.raises(StepaheadError, match=r"bundled\.txt cannot be read \(No such file or directory\)"):
        read("bundled")
