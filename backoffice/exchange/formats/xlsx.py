"""XLSX: real numbers and dates, and texts that no spreadsheet takes for anything else."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import IO, TYPE_CHECKING, Any

from backoffice.declare import _
from backoffice.exchange.formats.shape import Columns, Outgoing, Shape
from backoffice.exchange.guard import FIRSTS, guarded, unguarded
from backoffice.exchange.outcome import Unreadable

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

PROPERTY = "aftercare-export"
"""The name of the file property that holds the token of an export."""
WHOLE_DIGITS = 10**15
"""A spreadsheet keeps fifteen digits of a number; longer ones stand as text."""
LONGEST = 32_767
"""Signs in a cell; the export of a longer text is refused."""
FIRST_DAY = "1900-03-01"
"""Before it the days of spreadsheets are off by one; such days stand as text."""
PIECE = 256 * 1024
PROPERTIES: dict[str, dict[str, Any]] = {
    "header": {"bold": True, "bottom": 1}, "text": {"num_format": "@"}, "risky": {"num_format": "@", "quote_prefix": True},
    "amount": {"num_format": "0.00"}, "whole": {"num_format": "0"}, "day": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm"}, "second": {"num_format": "yyyy-mm-dd hh:mm:ss"},
}
WIDTHS = {Shape.TEXT: 18, Shape.LONG: 40, Shape.WHOLE: 12, Shape.AMOUNT: 12, Shape.DAY: 12, Shape.MOMENT: 19}
_EPOCH = date(1899, 12, 30).toordinal()
_LOOKS_ESCAPED = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_NEEDS_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")

Put = Callable[[int, int, Any], Any]


class Xlsx:
    """One sheet, written row by row into a temporary file; memory does not grow with it."""

    name = "xlsx"
    mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    most_rows: int | None = 1_048_575
    is_stream = False

    def stream(self, table: Outgoing) -> Iterator[bytes]:
        """The file, once it is whole."""
        with tempfile.TemporaryFile() as file:
            with workbook(file, table.token) as book:
                fill(book, table)
            file.seek(0)
            while piece := file.read(PIECE):
                yield piece


@contextmanager
def workbook(file: IO[bytes], token: str = "", **options: Any) -> Iterator[Any]:
    """A workbook to be filled; it is closed, also where filling it failed."""
    import xlsxwriter  # noqa: PLC0415  # 3 MB that a process which only shows pages never needs

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False, **options})
    if token:
        book.set_custom_property(PROPERTY, token)
    try:
        yield book
    finally:
        book.close()


def sheet_of(book: Any, title: str) -> Worksheet:
    """A new sheet of the workbook that keeps every text to the letter."""
    sheet: Any = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or None)
    sheet._escape_control_characters = _escaped  # noqa: SLF001  # its own leaves `_x005F_x0041_` ambiguous
    sheet._xml_rich_inline_string = lambda text, attributes: sheet._xml_inline_string(text, False, attributes)  # noqa: SLF001  # a text such as <r>…</r> is a text
    return sheet


def fill(book: Any, table: Outgoing) -> None:
    """Write the table into a sheet of its own."""
    sheet, looks = sheet_of(book, table.title), {name: book.add_format(given) for name, given in PROPERTIES.items()}
    for column, (header, shape) in enumerate(zip(table.headers, table.shapes, strict=True)):
        sheet.set_column(column, column, max(WIDTHS[shape], min(len(header) * 2, 30)), looks[look_of(shape)])
        sheet.write_string(0, column, guarded(header), looks["header"])
    sheet.freeze_panes(1, 0)
    puts = [_put(sheet, looks, shape) for shape in table.shapes]
    row = 1
    for columns in table.chunks:
        row = _write(puts, columns, row)
    if table.headers:
        sheet.autofilter(0, 0, max(row - 1, 1), len(table.headers) - 1)


def look_of(shape: Shape) -> str:
    """The name of the format that a column of this shape has."""
    return "text" if shape.is_text else shape.value


def _write(puts: Sequence[Put], columns: Columns, row: int) -> int:
    """Write some rows; answers the number of the next."""
    for cells in zip(*columns, strict=True):
        for column, cell in enumerate(cells):
            if cell is not None:
                puts[column](row, column, cell)
        row += 1
    return row


def _put(sheet: Worksheet, looks: dict[str, Any], shape: Shape) -> Put:
    """What writes the cells of a column of this shape."""
    text, number, plain, risky = sheet.write_string, sheet.write_number, looks["text"], looks["risky"]

    def put_text(row: int, column: int, cell: str) -> None:
        if len(cell) > LONGEST - 1:
            raise Unreadable("cell_too_long", _("A text is longer than a cell of such a file may be. Choose CSV."))
        if cell[:1] in FIRSTS:
            text(row, column, kept(cell), risky)
        else:
            text(row, column, cell, plain)

    def put_whole(row: int, column: int, cell: int) -> None:
        if -WHOLE_DIGITS < cell < WHOLE_DIGITS:
            number(row, column, cell, looks["whole"])
        else:
            text(row, column, str(cell), plain)

    def put_amount(row: int, column: int, cell: Any) -> None:
        number(row, column, float(cell), looks["amount"])

    def put_day(row: int, column: int, cell: str) -> None:
        if cell < FIRST_DAY:
            text(row, column, cell, plain)
        else:
            number(row, column, date.fromisoformat(cell).toordinal() - _EPOCH, looks["day"])

    def put_moment(row: int, column: int, cell: str) -> None:
        if cell < FIRST_DAY:
            text(row, column, cell, plain)
            return
        seconds = int(cell[11:13]) * 3600 + int(cell[14:16]) * 60 + int(cell[17:19] or 0)
        days = date.fromisoformat(cell[:10]).toordinal() - _EPOCH
        number(row, column, days + seconds / 86_400, looks["second" if cell[17:19] else "moment"])

    return {Shape.WHOLE: put_whole, Shape.AMOUNT: put_amount, Shape.DAY: put_day, Shape.MOMENT: put_moment}.get(shape, put_text)


def kept(text: str) -> str:
    """The text as it stands in a cell: a cell of text runs nothing, so only what would not come back is guarded."""
    return "'" + text if unguarded(text) != text or text.isspace() else text


def _escaped(text: str) -> str:
    """The text with the signs that XML cannot hold written as ``_x0001_``, and what looks like that made distinct."""
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return _NEEDS_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
