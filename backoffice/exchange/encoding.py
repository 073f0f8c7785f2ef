"""From bytes to text: a byte-order mark decides, then strict UTF-8, then strict GB18030; nothing is guessed.

The whole file is looked at once, a piece at a time, before a row is read: a file is of one encoding or refused.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from backoffice.declare import _
from backoffice.exchange.outcome import Unreadable

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_NO_TABLE = _("This is no table but another kind of file. Choose a CSV, Excel or JSON file.")
_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"SQLite format 3", b"Rar!", b"7z\xbc\xaf")
_FIRST = 4096
_BLOCK = 1 << 20
_LINE = 1 << 16
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1b")
_SURE = 5_000

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Script:
    """How a text is written: its encoding, the length of its byte-order mark, and what one look at all of it has shown."""

    encoding: str
    mark: int
    breaks: int
    ends: bool
    """Whether the last line has an end."""
    padding: frozenset[str]
    """The blanks that stand beside a quotation mark somewhere."""


class _Misfit(Exception):
    """The bytes are not of the encoding; ``line`` is where that shows."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def recognize(opened: Opener, name: str | None = None) -> Script:
    """The encoding of a text; ``name`` is the encoding that the person says.

    Raises :class:`Unreadable` for an empty file, for what is no text, and for an encoding that does not fit.
    """
    with opened() as file:
        first = file.read(_FIRST)
    if first.startswith(_MAGIC):
        raise Unreadable("binary_file", _NO_TABLE)
    if name or (found := _marked(first)) is None:
        return _named(opened, name, first) if name else _found(opened, first)
    encoding, mark = found
    return _insist(opened, encoding, mark)


def _named(opened: Opener, name: str, first: bytes) -> Script:
    try:
        encoding = codecs.lookup(name).name
        "".encode(encoding)
        codecs.getincrementaldecoder(encoding)
    except (LookupError, ValueError):
        raise Unreadable("unknown_encoding", _("There is no encoding named “{name}”.", name=name[:40])) from None
    marked = _marked(first)
    is_same = marked is not None and marked[0] == encoding
    return _insist(opened, encoding, marked[1] if is_same and marked else 0)


def _marked(first: bytes) -> tuple[str, int] | None:
    return next(((encoding, len(mark)) for mark, encoding in _MARKS if first.startswith(mark)), None)


def _insist(opened: Opener, encoding: str, mark: int) -> Script:
    try:
        return _scan(opened, encoding, mark)
    except _Misfit as misfit:
        why = _("Line {line} is not written in {encoding}. Name the right encoding (--encoding).", line=misfit.line, encoding=encoding)
        raise Unreadable("wrong_encoding", why) from None


def _found(opened: Opener, first: bytes) -> Script:
    if wide := _wide(first):
        try:
            return _scan(opened, wide, 0)
        except _Misfit:
            raise Unreadable("binary_file", _NO_TABLE) from None
    if sum(byte in _CONTROLS for byte in first) > len(first) // 20:
        raise Unreadable("binary_file", _NO_TABLE)
    try:
        return _scan(opened, "utf-8", 0)
    except _Misfit:
        line, foreign, fitting = _compared(opened)
    # A file of UTF-8 with one line of something else is not GB18030: half of it would turn to nonsense.
    mixed = Unreadable(
        "mixed_encoding", _("Line {line} is written in another encoding than the rest, or cut off. Save the whole file as UTF-8.", line=line))
    if foreign < fitting:
        raise mixed
    try:
        return _scan(opened, "gb18030", 0)
    except _Misfit:
        unknown = Unreadable("unknown_encoding", _("The file is neither UTF-8 nor GB18030. Name its encoding, such as big5 (--encoding)."))
        raise (mixed if fitting else unknown) from None


def _wide(first: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Latin letters, digits and delimiters is zero."""
    half = len(first) // 2
    odd, even = first[1::2].count(0), first[::2].count(0)
    if half and odd > 0.7 * half and not even:
        return "utf-16-le"
    if half and even > 0.7 * half and not odd:
        return "utf-16-be"
    return None


def _scan(opened: Opener, encoding: str, mark: int) -> Script:
    """Look at all of the text; raises :class:`_Misfit` where it is not of the encoding."""
    newlines = returns = 0
    is_blank, last = True, ""
    padding: set[str] = set()
    for text in _decoded(opened, encoding, mark):
        if "\x00" in text:
            line = newlines + text[: text.index("\x00")].count("\n") + 1
            raise Unreadable("nul_character", _("Line {line} holds a NUL character; the file is damaged or no text.", line=line))
        is_blank = is_blank and not text.strip("\ufeff \t\r\n\x0b\x0c")
        newlines += text.count("\n")
        returns += text.count("\r") if not newlines else 0
        padding.update(blank for blank in " \t" if f'"{blank}' in (edged := last + text) or f'{blank}"' in edged)
        last = text[-1:] or last
    if is_blank:
        raise Unreadable("empty_file", _("The file is empty."))
    return Script(encoding, mark, newlines or returns, last in "\r\n", frozenset(padding))


def _decoded(opened: Opener, encoding: str, mark: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = 0
    with opened() as file:
        file.seek(mark)
        while block := file.read(_BLOCK):
            try:
                yield decoder.decode(block)
            except UnicodeError as error:
                read = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
                raise _Misfit(newlines + read.count(b"\n") + 1) from None
            newlines += block.count(b"\n")
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeError:
            raise _Misfit(newlines + 1) from None


def _compared(opened: Opener) -> tuple[int, int, int]:
    """The first line that is no UTF-8, how many are not, and how many are UTF-8 beyond ASCII; a long file is judged by its beginning."""
    first = foreign = fitting = 0
    with opened() as file:
        for number, line in enumerate(iter(lambda: file.readline(_LINE), b""), 1):
            if line.isascii():
                continue
            if _is_utf8(line):
                fitting += 1
                continue
            foreign += 1
            first = first or number
            if foreign > _SURE and foreign > 10 * fitting:
                break
    return first, foreign, fitting


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
