"""Texts as people have them: which encoding a file is in, and what is wrong where it is in none that can be told.

A byte-order mark, or the zeros of a UTF-16 file without one, decide; everything else must be UTF-8. A file that is not
is refused with the encoding that does decode it, because a wrong guess turns a novel into accented rubbish that
everything after would take for text.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from stepahead.core.errors import StepaheadError

HEAD = 2**16
"""bytes looked at to tell a file's kind"""

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16's, which it starts with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = {
    b"PK\x03\x04": "a ZIP archive (or an office document)",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"{\\rtf": "an RTF document",
}


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
    encoding = encoding_of(head)
    _check_letters(head.decode(encoding, "ignore"), path)
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
    """The encoding of a text that starts with `head`: by its mark, or UTF-16 where every other byte is mostly zero, or
    UTF-8."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    pairs = len(head) // 2
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if pairs >= 8 and head[offset::2].count(0) > 0.7 * pairs and head[1 - offset :: 2].count(0) < 0.1 * pairs:
            return encoding
    return "utf-8"


def _check_letters(text: str, path: Path) -> None:
    """Refuse what a wrong conversion to UTF-8 leaves: control characters from Windows-1252's quotes, or a text in
    another script as accented letters."""
    odd = re.findall("[\u0080-\u009f]", text)
    accented = re.findall("[\u00a0-\u00ff]", text)
    if len(text) >= 100 and (len(odd) > len(text) / 300 or len(accented) > len(text) / 3):
        what = f"control characters such as U+{ord(odd[0]):04X}" if odd else "hardly anything but accented letters"
        raise StepaheadError(
            f"{path} holds {what}, which a conversion from the wrong encoding leaves; convert the original again, with "
            "iconv -f GB18030 or -f WINDOWS-1252, say, and look at the result"
        )


def _title(encoding: str) -> str:
    return "UTF-8" if encoding.startswith("utf-8") else encoding.upper()


def _way_out(piece: bytes, path: Path, param: str) -> str:
    """What to do about a piece of a file that is not UTF-8."""
    high = re.findall(rb"[\x80-\xff]+", piece)
    if not high or piece.count(0) > len(piece) // 100:
        return f"it looks like no text at all; use another {param}"
    # the letters of a Chinese text are pairs of high bytes; accented letters stand between plain ones
    paired = sum(len(run) for run in high if len(run) > 1) > 0.8 * sum(map(len, high))
    encoding = "GB18030" if paired else "WINDOWS-1252"
    if _decodes(piece, encoding):
        return f"it decodes as {encoding}: iconv -f {encoding} -t UTF-8 {path} > new.txt, and look at the result"
    return f"save it as UTF-8, or use another {param}"


def _decodes(piece: bytes, encoding: str) -> bool:
    """Whether a piece of a file, which may start and end within a character, is text in that encoding."""
    decoder: Callable[[bytes], str] = codecs.getincrementaldecoder(encoding)().decode
    for start in range(2):
        try:
            decoder(piece[start:])
            return True
        except UnicodeDecodeError:
            decoder = codecs.getincrementaldecoder(encoding)().decode
    return False
