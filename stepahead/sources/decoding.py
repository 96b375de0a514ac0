"""Texts as people have them: which encoding a file is in, and what is wrong where it is in none that can be told.

A byte-order mark, or the zeros of a UTF-16 or UTF-32 file without one, decide; everything else must be UTF-8. A file
that is not is refused with the encoding that seems to be right and what it makes of the text, because a wrong guess
turns a novel into accented rubbish that everything after would take for text.
"""

import codecs
import gzip
import io
import re
import shlex
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from stepahead.core.errors import StepaheadError

HEAD = 2**16
"""bytes looked at to tell a file's kind"""
SHOWN = 12
"""characters before and after the first that is not ASCII in a sample"""
SURE, MOST = 100, 3
"""bytes beyond ASCII from which the likeliest encoding is told alone; and encodings told where there are fewer"""

_CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f]")  # but for white space

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16's, which it starts with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a ZIP archive (or an office document)",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"{\\rtf": "an RTF document",
    b"PAR1": "a Parquet file",
    b"version https://git-lfs": "a pointer of Git LFS (git lfs pull brings the file)",
}
_UNMARKED = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_USUAL = 0.01
"""share of a text's characters, at the least, that are ASCII: spaces, line ends, punctuation"""
_PLAIN = 0.8
"""share of a text's bytes that are printable ASCII where it is not UTF-16 or UTF-32, though zeros stand in it"""
_ODD = 1 / 300
"""share of a text's characters, at the most, that are what a wrong conversion leaves"""

_LEGACY = (
    *("GB18030", "BIG5", "SHIFT_JIS", "EUC-JP", "EUC-KR", "WINDOWS-1252", "WINDOWS-1250", "WINDOWS-1251", "KOI8-R"),
    *("ISO-8859-2", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "CP866", "MACINTOSH"),
)
"""Encodings that old files are in, as iconv calls them; of two that fit as well, the first is told."""


def read_text_file(path: Path, param: str, size: int) -> Iterator[str]:
    r"""The text of a file, or of a gzip of one, in chunks of at most `size` characters, every line end as \n.

    Raises:
        StepaheadError: it cannot be read, is empty, or is no text; says which encoding decodes it, or what it is.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not zipped:
                yield from decode(file, path, param, size)
                return
            with gzip.open(file) as text:
                yield from decode(cast(BinaryIO, text), path, param, size)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StepaheadError(f"{path} cannot be read ({reason}); bring it back, or use another {param}") from None


def decode(binary: BinaryIO, path: Path, param: str, size: int) -> Iterator[str]:
    """As `read_text_file`, from an open file that can seek; `path` names it in an error."""
    head = binary.read(HEAD)
    binary.seek(0)
    for magic, what in _NO_TEXT.items():
        if head.startswith(magic):
            raise StepaheadError(f"{path} is {what}, not a text; take the text out of it, or use another {param}")
    if re.match(rb"\s*<(!doctype )?html", head, re.IGNORECASE):
        raise StepaheadError(f"{path} is an HTML page, not a text; take the text out of it, or use another {param}")
    encoding = encoding_of(head)
    if (text := _decoded(head, encoding)) is not None:
        _check_letters(text, path)
    file = io.TextIOWrapper(binary, encoding=encoding)  # also makes every line end \n
    empty = True
    try:
        while chunk := file.read(size):
            empty = False
            yield chunk
    except UnicodeDecodeError as error:
        place = binary.tell() - len(error.object) + error.start  # the object ends where reading has come to
        found = f"byte {place} is 0x{error.object[error.start]:02x}"
        binary.seek(max(place - HEAD // 2, 0))
        way_out = _way_out(binary.read(HEAD), path, param)
        raise StepaheadError(f"{path} is not {_title(encoding)} text: {found}; {way_out}") from None
    finally:
        file.detach()  # whoever opened `binary` closes it
    if empty:
        raise StepaheadError(f"{path} is empty; put text into it, or use another {param}")


def encoding_of(head: bytes) -> str:
    """The encoding of a text that starts with `head`: by its mark; or where there are zeros, one of UTF-16 or UTF-32 in
    which it holds none; or UTF-8."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    printable = len(head) - len(head.translate(None, bytes(range(32, 127))))
    for encoding in _UNMARKED if b"\0" in head and printable < _PLAIN * len(head) else ():
        text = _decoded(head, encoding) or ""
        if sum(map(str.isascii, text)) > _USUAL * len(text) and not _CONTROLS.search(text):
            return encoding
    return "utf-8"


def _decoded(piece: bytes, encoding: str) -> str | None:
    """The start of a text, which may be cut within a character; None where it is not in that encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(piece)
    except UnicodeDecodeError:
        return None


def _check_letters(text: str, path: Path) -> None:
    """Refuse what is no text, and what a wrong conversion to UTF-8 leaves: control characters from Windows-1252's
    quotes, marks for what was lost, UTF-8 taken for Windows-1252, or a text in another script as accented letters."""
    if len(text) < 100:
        return
    odd, accented = re.findall("[\u0080-\u009f\ufffd]", text), re.findall("[\u00a0-\u00ff]", text)
    if len(odd) > _ODD * len(text):
        what = f"control characters such as U+{ord(odd[0]):04X}" if odd[0] != "\ufffd" else "lost characters (U+FFFD)"
    elif len(accented) > len(text) / 3:
        what = "hardly anything but accented letters"
    elif twice := _undone(text):
        what = f"{twice[0]!r} for {twice[1]!r} and the like"
    elif len(controls := _CONTROLS.findall(text)) > _ODD * len(text):
        raise StepaheadError(
            f"{path} holds control characters such as U+{ord(controls[0]):04X} ({len(controls):,} in its first "
            f"{len(text):,} characters), so it seems to be no text; save it as UTF-8 text"
        )
    else:
        return
    raise StepaheadError(
        f"{path} holds {what}, which a conversion from the wrong encoding leaves; convert the original again, with "
        "iconv -f GB18030 or -f WINDOWS-1252, say, and look at the result"
    )


def _undone(text: str) -> tuple[str, str] | None:
    """What a text that was UTF-8, and was taken for Windows-1252, holds at its first accented letter, and for what."""
    found = re.search("[^\0-\x7f]+", text)
    try:
        undone = _decoded(text.encode("cp1252"), "utf-8")
    except UnicodeEncodeError:
        return None
    return (found[0], found[0].encode("cp1252").decode("utf-8", "ignore")) if found and undone else None


def _title(encoding: str) -> str:
    return "UTF-8" if encoding.startswith("utf-8") else encoding.upper()


def _way_out(piece: bytes, path: Path, param: str) -> str:
    """What to do about a piece of a file that is not UTF-8, and may start and end within a character."""
    from charset_normalizer import from_bytes

    file = shlex.quote(str(path))
    rest = piece.decode("utf-8", "ignore")
    if len(re.findall("[^\0-\x7f]", rest)) > 10 * (len(piece) - len(rest.encode())):
        return f"the rest is, so it is damaged there: iconv -c -f UTF-8 -t UTF-8 {file} > new.txt leaves such bytes out"
    if len(re.findall(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", piece)) > len(piece) / 100:
        return f"it looks like no text at all; use another {param}"
    names = {codecs.lookup(name).name: name for name in _LEGACY}
    found = [
        (each.chaos, -each.coherence, _LEGACY.index(names[codecs.lookup(encoding).name]), str(each))
        for each in from_bytes(piece, cp_isolation=[*names])
        for encoding in each.could_be_from_charset
    ]
    if not found:
        return f"save it as UTF-8, or use another {param}"
    samples: dict[str, str] = {}
    for *_, place, text in sorted(found):
        samples.setdefault(_sample(text), _LEGACY[place])
    letters = sum(byte > 127 for byte in piece)
    likely = [*samples.items()][: 1 if letters > SURE else MOST]
    read = " or ".join(f"{sample!r} as {name}" for sample, name in likely)
    return f"it reads {read}; convert it from the right one: iconv -f {likely[0][1]} -t UTF-8 {file} > new.txt"


def _sample(text: str) -> str:
    """What stands around its first letter that is not ASCII."""
    first = next(i for i, letter in enumerate(text) if not letter.isascii())
    return " ".join(text[max(first - SHOWN, 0) : first + SHOWN].split())
