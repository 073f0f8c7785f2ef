"""From a file to rows. What is in the file decides how it is read, never what it is called.

Every kind of file becomes a :class:`Table` (``exchange/sources/``), read from the disk in chunks.
"""

from __future__ import annotations

import re
from pathlib import Path

from backoffice.exchange.encoding import recognize
from backoffice.exchange.sources.base import LARGEST_CELL, MOST_COLUMNS, Chunk, Knows, Table, anything
from backoffice.exchange.sources.listing import Listing
from backoffice.exchange.sources.markup import Markup
from backoffice.exchange.sources.text import Text, sample
from backoffice.exchange.sources.workbook import Workbook

__all__ = ["LARGEST_CELL", "MOST_COLUMNS", "Chunk", "Knows", "Table", "anything", "open_file", "token_in"]

_JSON = re.compile(r"""\[\s*(?:[\[{\]"\d-]|true|false|null)|\{\s*["}]""")
_MARKUP = re.compile(r"<(?:html|!doctype|table|\?xml|body|head|meta|style|workbook|!--)", re.IGNORECASE)
_TOKEN = re.compile(r"-(x[0-9a-z]{8,16})(?: ?\(\d+\))?(?:\.[0-9A-Za-z]{1,5})?\Z")


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
        return Workbook(path, "xlsx", knows, sheet)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        return Workbook(path, "xls", knows, sheet)
    script = recognize(lambda: path.open("rb"), encoding)
    beginning = sample(path, script).lstrip()
    if _MARKUP.match(beginning):
        return Markup(path, script, knows, sheet)
    if _JSON.match(beginning):
        return Listing(path, script, knows)
    return Text(path, script, knows)
