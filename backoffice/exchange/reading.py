"""From a file to rows: which delimiter, which line is the header, and where each record starts.

The header is the line that names most known columns; what stands before it is a title.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backoffice.declare import _
from backoffice.exchange.encoding import decode
from backoffice.exchange.guard import unguarded
from backoffice.exchange.outcome import Unreadable

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 500
LARGEST_CELL = 131_072
_SAMPLE = 100_000
_SAMPLED_RECORDS = 60
_SEP = re.compile(r"\s*\"?sep=(.)\"?[ \t,;]*(\r\n|\r|\n|\Z)", re.IGNORECASE)
_QUOTED = r'"[^"]*+(?:""[^"]*+)*+"'

Knows = Callable[[str], str | None]
"""From a header to the field that it stands for."""


@dataclass(frozen=True)
class Row:
    """One record: the line it starts on, its number among the data rows, and its cells as they stand."""

    line: int
    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """A file as rows under a header."""

    encoding: str
    delimiter: str
    header_line: int
    headers: list[str]
    rows: list[Row]
    is_cut: bool = False
    """Whether the last line has no end, as in a file that was cut off."""


def anything(header: str) -> str | None:
    """Know every header; the first line that is not blank is then the header."""
    return header.strip() or None


def read(data: bytes, knows: Knows = anything, encoding: str | None = None) -> Sheet:
    """Read a file; raises :class:`Unreadable` with one sentence where that cannot be done."""
    text, encoding = decode(data, encoding)
    return read_text(text, encoding, knows)


def read_text(text: str, encoding: str, knows: Knows = anything) -> Sheet:
    """Read a decoded file."""
    told = _SEP.match(text)
    delimiters = (told[1],) if told else DELIMITERS
    skipped = told[0] if told else ""
    body, first_line = text[len(skipped):], 2 if skipped else 1
    delimiter, position = _layout(body, delimiters, knows)
    records = _records(body, delimiter, first_line)
    header_line, headers = _header(records, position)
    rows = [Row(line, number, cells) for number, (line, cells) in enumerate((one for one in records if _holds(one[1])), 1)]
    return Sheet(encoding, delimiter, header_line, headers, rows, is_cut=not text.endswith(("\n", "\r")))


def _header(records: Iterator[tuple[int, list[str]]], position: int) -> tuple[int, list[str]]:
    for index, (line, cells) in enumerate(records):
        if index < position:
            continue
        if len(cells) > MOST_COLUMNS:
            why = _("The file has {count} columns; {most} are the most.", count=len(cells), most=MOST_COLUMNS)
            raise Unreadable("too_many_columns", why)
        return line, [unguarded(cell).strip() for cell in cells]
    raise Unreadable("no_header", _("The file has no header line."))


def _layout(text: str, delimiters: tuple[str, ...], knows: Knows) -> tuple[str, int]:
    """The delimiter, and the place of the header among the records."""
    best = (0, 0, delimiters[0], 0)
    for delimiter in delimiters:
        for position, cells in enumerate(_sampled(text, delimiter)):
            known = len({knows(unguarded(cell)) for cell in cells[: 4 * MOST_COLUMNS]} - {None})
            if (known, -position) > best[:2]:
                best = (known, -position, delimiter, position)
            if knows is anything and known:
                break
    return _told_apart(best, text)


def _told_apart(best: tuple[int, int, str, int], text: str) -> tuple[str, int]:
    known, _place, delimiter, position = best
    if known == 0:
        shown = " ".join(text[:60].split())
        why = _("No line at the beginning of the file names columns that are known here; it begins with “{text}”.", text=shown)
        raise Unreadable("no_header", why)
    return delimiter, position


def _sampled(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=delimiter)
    try:
        for _count, cells in zip(range(_SAMPLED_RECORDS), reader):  # noqa: B905  # the sample ends the longer one
            yield cells
    except csv.Error:
        return


def _records(text: str, delimiter: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it starts on. Blanks between a closing quote and the delimiter are padding."""
    csv.field_size_limit(LARGEST_CELL)
    text = _unpadded(text, delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = first_line
    try:
        for cells in reader:
            yield line, cells
            line = first_line + reader.line_num
    except csv.Error as error:
        raise _explained(str(error), line) from None


def _unpadded(text: str, delimiter: str) -> str:
    """The text without padding around quoted cells, where there is any."""
    blanks = " " if delimiter == "\t" else " \t"
    if not any(f'"{blank}' in text or f'{blank}"' in text for blank in blanks):
        return text
    edge = re.escape(delimiter)
    padded = rf"(?:(?<=[{edge}\r\n])|\A)(?:[{blanks}]*+({_QUOTED})[{blanks}]*+(?=[{edge}\r\n]|\Z)|{_QUOTED})"
    return re.sub(padded, lambda found: found[1] or found[0], text)


def _explained(error: str, line: int) -> Unreadable:
    if "end of data" in error:
        why = _("The record that starts on line {line} opens a quotation mark that is never closed.", line=line)
        return Unreadable("unclosed_quote", why)
    if "field limit" in error:
        why = _("A cell of the record that starts on line {line} is longer than {most} characters; perhaps a quotation mark is not closed.",
                line=line, most=LARGEST_CELL)
        return Unreadable("cell_too_long", why)
    why = _("In the record that starts on line {line} a quotation mark stands inside a quoted cell; it must be doubled.", line=line)
    return Unreadable("stray_quote", why)


def _holds(cells: list[str]) -> bool:
    return any(cell and not cell.isspace() for cell in cells)
