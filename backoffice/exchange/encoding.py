"""From bytes to text: a byte-order mark decides, then strict UTF-8, then strict GB18030; nothing is guessed."""

from __future__ import annotations

import codecs

from backoffice.declare import _
from backoffice.exchange.outcome import Unreadable

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ARCHIVE = _("This is an Excel workbook or a zip archive. Open it and save the sheet as CSV UTF-8.")
_OLD_EXCEL = _("This is an old Excel workbook. Open it and save the sheet as CSV UTF-8.")
_PICTURE = _("This is no table but another kind of file. Choose a CSV file.")
_MAGIC = {
    b"PK\x03\x04": ("zip_file", _ARCHIVE), b"PK\x05\x06": ("zip_file", _ARCHIVE), b"\xd0\xcf\x11\xe0": ("excel_file", _OLD_EXCEL),
    b"%PDF": ("binary_file", _PICTURE), b"\x89PNG": ("binary_file", _PICTURE), b"\xff\xd8\xff": ("binary_file", _PICTURE),
    b"GIF8": ("binary_file", _PICTURE), b"\x1f\x8b": ("binary_file", _PICTURE), b"\x7fELF": ("binary_file", _PICTURE),
    b"SQLite format 3": ("binary_file", _PICTURE),
}
_PAGES = ("<html", "<!doctype", "<table", "<?xml", "<body", "<head", "<meta", "<style")
_FIRST = 4096
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1b")


def decode(data: bytes, name: str | None = None) -> tuple[str, str]:
    """The text of a file and the name of its encoding; ``name`` is the encoding that the person says.

    Raises :class:`Unreadable` for an empty file, for what is no text, and for an encoding that does not fit.
    """
    if not data.strip():
        raise Unreadable("empty_file", _("The file is empty."))
    for magic, (code, why) in _MAGIC.items():
        if data.startswith(magic):
            raise Unreadable(code, why)
    encoding, mark = (_named(name), b"") if name else _found(data)
    text = _decoded(data.removeprefix(mark), encoding).removeprefix("\ufeff")
    _insist_on_text(text)
    return text, encoding


def _named(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        raise Unreadable("unknown_encoding", _("There is no encoding named “{name}”.", name=name[:40])) from None
    return found.name


def _found(data: bytes) -> tuple[str, bytes]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, mark
    if sum(byte in _CONTROLS for byte in data[:_FIRST]) > len(data[:_FIRST]) // 20:
        raise Unreadable("binary_file", _PICTURE)
    if _fits(data, "utf-8"):
        return "utf-8", b""
    foreign, fitting = _lines(data)
    is_gb18030 = _fits(data, "gb18030")
    if len(foreign) < fitting or (fitting and not is_gb18030):
        # A file of UTF-8 with one line of something else is not GB18030: half of it would turn to nonsense.
        why = _("Line {line} is written in another encoding than the rest, or cut off. Save the whole file as UTF-8.", line=foreign[0])
        raise Unreadable("mixed_encoding", why)
    if is_gb18030:
        return "gb18030", b""
    raise Unreadable("unknown_encoding", _("The file is neither UTF-8 nor GB18030. Name its encoding, such as big5 (--encoding)."))


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _lines(data: bytes) -> tuple[list[int], int]:
    """The lines that are no UTF-8, and how many are UTF-8 beyond ASCII."""
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if not line.isascii()]
    foreign = [number for number, line in lines if not _fits(line, "utf-8")]
    return foreign, len(lines) - len(foreign)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        why = _("Line {line} is not written in {encoding}. Name the right encoding (--encoding).", line=line, encoding=encoding)
        raise Unreadable("wrong_encoding", why) from None


def _insist_on_text(text: str) -> None:
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise Unreadable("nul_character", _("Line {line} holds a NUL character; the file is damaged or no text.", line=line))
    if text.lstrip()[:16].lower().startswith(_PAGES):
        raise Unreadable("html_file", _("This is a web page or XML under another name. Open it in a spreadsheet and save it as CSV UTF-8."))
