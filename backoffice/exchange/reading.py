"""From a file to rows. What is in the file decides how it is read, never what it is called.

Every kind of file becomes a :class:`Table` (``exchange/sources/``), read from the disk in chunks.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backoffice.declare import _
from backoffice.exchange.encoding import recognize
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.sources.base import LARGEST_CELL, MOST_COLUMNS, Chunk, Knows, Table, anything
from backoffice.exchange.sources.text import Text, sample

__all__ = ["LARGEST_CELL", "MOST_COLUMNS", "Chunk", "Knows", "Row", "Sheet", "Table", "anything", "open_file", "read", "token_in"]

_ARCHIVE = _("This is an Excel workbook or a zip archive. Open it and save the sheet as CSV UTF-8.")
_OLD_EXCEL = _("This is an old Excel workbook. Open it and save the sheet as CSV UTF-8.")
_MARKUP = _("This is a web page or XML under another name. Open it in a spreadsheet and save it as CSV UTF-8.")
_PAGES = ("<html", "<!doctype", "<table", "<?xml", "<body", "<head", "<meta", "<style")
_TOKEN = re.compile(r"-x([0-9a-z]{8,16})(?: ?\(\d+\))?(?:\.[0-9A-Za-z]{1,5})?\Z")


def open_file(
    path: Path, knows: Knows = anything, encoding: str | None = None, *, sheet: str | None = None, name: str | None = None,
) -> Table:
    """Open a file for reading its rows; raises :class:`Unreadable` with one sentence where that cannot be done.

    ``knows`` finds the header, ``sheet`` names one of a workbook's, and ``name`` is what the file was called when it was sent.
    """
    table = _opened(path, knows, encoding, sheet)
    table.export_token = table.export_token or token_in(name or path.name)
    return table


def token_in(name: str) -> str | None:
    """The token of an export in the name of a file, such as ``orders-2026-11-21-x1a2b3c4d (1).csv``."""
    found = _TOKEN.search(name)
    return found[1] if found else None


def _opened(path: Path, knows: Knows, encoding: str | None, sheet: str | None) -> Table:
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise Unreadable("zip_file", _ARCHIVE)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("excel_file", _OLD_EXCEL)
    script = recognize(lambda: path.open("rb"), encoding)
    beginning = sample(path, script).lstrip()
    if beginning[:16].lower().startswith(_PAGES):
        raise Unreadable("html_file", _MARKUP)
    return Text(path, script, knows)


@dataclass(frozen=True)
class Row:
    """One record: the line it starts on, its number among the data rows, and its cells as they stand."""

    line: int
    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """A whole file as rows under a header."""

    encoding: str
    delimiter: str
    header_line: int
    headers: list[str]
    rows: list[Row]
    is_cut: bool = False


def read(data: bytes, knows: Knows = anything, encoding: str | None = None) -> Sheet:
    """Read a whole file at once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        table = open_file(path, knows, encoding)
        chunks = list(table.chunks())
    rows = [
        Row(line, number, cells) for chunk in chunks
        for number, (line, cells) in enumerate(zip(chunk.lines, chunk.cells, strict=True), chunk.first)
    ]
    return Sheet(table.encoding, table.delimiter, table.header_line, table.headers, rows, is_cut=table.is_cut)
