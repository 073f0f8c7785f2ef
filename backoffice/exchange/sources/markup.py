"""Tables in HTML, and Excel's XML of 2003: what many systems write under the name of .xls.

The table is the one that is named, or the first whose header is known. The line of a record is its
row in the table, as a spreadsheet shows it. A cell that spans others stands in the first of them.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

from backoffice.declare import _
from backoffice.exchange.encoding import Script
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.sources.base import (
    LARGEST_CELL,
    MOST_COLUMNS,
    SAMPLED_RECORDS,
    Batches,
    Knows,
    Table,
    heading,
    no_header,
    too_wide,
)
from backoffice.exchange.sources.text import Meter, opened

LARGEST = 64 << 20
_BLOCK = 1 << 16
_LONGEST_TAG = 1 << 20
_ROWS, _CELLS = {"tr", "row"}, {"td", "th", "cell"}
_SILENT = {"script", "style", "title"}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?")

Found = tuple[str, int, list[str]]
"""The table, the number of the row in it, and the cells."""


class Markup(Table):
    """One table of a page."""

    format = "html"

    def __init__(self, path: Path, script: Script, knows: Knows, sheet: str | None) -> None:
        super().__init__(path)
        self.script, self.encoding = script, script.encoding
        if self.size > LARGEST:
            why = _("A table in HTML or XML of more than {most} MB is not read. Save it as .xlsx or CSV UTF-8.", most=LARGEST >> 20)
            raise Unreadable("too_large", why)
        first: dict[str, list[tuple[int, list[str]]]] = {}
        with closing(self._rows()) as rows:
            for table, number, cells in rows:
                seen = first.setdefault(table, [])
                if len(seen) < SAMPLED_RECORDS:
                    seen.append((number, cells))
        self.sheets = list(first)
        self._choose(first, knows, sheet)
        self.progress = 0

    def _choose(self, first: dict[str, list[tuple[int, list[str]]]], knows: Knows, sheet: str | None) -> None:
        if not first:
            why = _("This is a web page or XML without a table. Open it in a spreadsheet and save it as CSV UTF-8.")
            raise Unreadable("html_file", why)
        if sheet is not None and sheet not in first:
            why = _("The workbook has no sheet “{sheet}”; it has {sheets}.", sheet=sheet[:60], sheets=", ".join(first)[:300])
            raise Unreadable("no_such_sheet", why)
        for name in first if sheet is None else [sheet]:
            known, place = heading((cells for _number, cells in first[name]), knows)
            if known:
                self.sheet = name
                self.settle(*first[name][place])
                return
        raise no_header(" ".join(cell for rows in first.values() for _number, cells in rows for cell in cells))

    def batches(self, size: int) -> Batches:
        """Each row with its number in the table."""
        with closing(self._rows()) as rows:
            some: list[tuple[int, list[str]]] = []
            for table, number, cells in rows:
                if table == self.sheet:
                    some.append((number, cells))
                    if len(some) == size:
                        yield [line for line, _cells in some], [cells for _line, cells in some]
                        some = []
            if some:
                yield [line for line, _cells in some], [cells for _line, cells in some]

    def _rows(self) -> Generator[Found, None, None]:
        parser = _Parser()
        with Meter(self.path) as meter, opened(meter, self.script) as file:
            while block := file.read(_BLOCK):
                parser.feed(block)
                if len(parser.rawdata) > _LONGEST_TAG:
                    raise Unreadable("damaged_file", _("The web page or XML is damaged. Open it in a spreadsheet and save it as CSV UTF-8."))
                self.progress = meter.taken
                yield from parser.taken()
        parser.close()
        parser.end_row()
        self.is_cut = bool(parser.tables)
        yield from parser.taken()


class _Parser(HTMLParser):
    """Collects rows; a tag that is not closed ends where the next of its kind begins."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []
        self.count = 0
        self.tables: list[_Grid] = []
        self.worksheet: str | None = None
        self.is_silent = False

    def taken(self) -> list[Found]:
        """The rows that were completed since the last call."""
        found, self.found = self.found, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, a row, a cell or a line break begins."""
        self.is_silent = tag in _SILENT
        said = dict(attrs)
        if tag == "worksheet":
            self.worksheet = said.get("ss:name")
        elif tag == "table":
            self.count += 1
            self.tables.append(_Grid(self.worksheet or str(self.count)))
        elif self.tables:
            self._in_table(tag, said)

    def _in_table(self, tag: str, said: dict[str, str | None]) -> None:
        grid = self.tables[-1]
        if tag in _ROWS:
            self.end_row()
            grid.begin_row(_number(said.get("ss:index"), grid.number + 1))
        elif tag in _CELLS:
            grid.end_cell()
            across = _number(said.get("colspan"), 1 + _number(said.get("ss:mergeacross"), 0))
            down = _number(said.get("rowspan"), 1 + _number(said.get("ss:mergedown"), 0))
            grid.begin_cell(_number(said.get("ss:index"), 0), across, down, is_exact=tag == "cell")
        elif tag == "data":
            grid.is_muted = False
        elif tag == "br":
            grid.say("\n")

    def handle_endtag(self, tag: str) -> None:
        """One of them ends."""
        self.is_silent = False
        if tag == "table" and self.tables:
            self.end_row()
            self.tables.pop()
        elif tag in _ROWS:
            self.end_row()
        elif tag in _CELLS and self.tables:
            self.tables[-1].end_cell()
        elif tag == "data" and self.tables:
            self.tables[-1].is_muted = True

    def handle_data(self, data: str) -> None:
        """A text."""
        if self.tables and not self.is_silent:
            grid = self.tables[-1]
            grid.say(data if grid.is_exact else data.replace("\n", " "))

    def end_row(self) -> None:
        """Put the row by."""
        if self.tables and (row := self.tables[-1].end_row()):
            self.found.append((self.tables[-1].name, self.tables[-1].number, row))


class _Grid:
    """One table while it is read: the row and the cell that are open, and the cells from above that reach down."""

    def __init__(self, name: str) -> None:
        self.name, self.number = name, 0
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.length = 0
        self.across, self.down = 1, 1
        self.is_exact = self.is_muted = False
        self.below: dict[int, int] = {}

    def begin_row(self, number: int) -> None:
        self.number, self.row, self.length = number, [], 0

    def begin_cell(self, index: int, across: int, down: int, *, is_exact: bool) -> None:
        if self.row is None:
            self.begin_row(self.number + 1)
        row = self.row or []
        self.row = row
        self._fill_from_above()
        row.extend("" for _gap in range(min(index - 1, MOST_COLUMNS) - len(row)))
        self.cell, self.across, self.down = [], across, down
        self.is_exact = self.is_muted = is_exact

    def say(self, text: str) -> None:
        if self.cell is not None and not self.is_muted:
            self.cell.append(text)
            self.length += len(text)
            if self.length > 8 * LARGEST_CELL:
                raise self._too_long()

    def end_cell(self) -> None:
        if self.cell is None or self.row is None:
            return
        text = "".join(self.cell)
        text = _plain(text) if self.is_exact else "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
        if len(text) > LARGEST_CELL:
            raise self._too_long()
        across = min(self.across, 4 * MOST_COLUMNS)
        if self.down > 1:
            self.below.update(dict.fromkeys(range(len(self.row), len(self.row) + across), self.down))
        self.row += [text, *[""] * (across - 1)]
        self.cell = None
        if len(self.row) > 4 * MOST_COLUMNS:
            raise too_wide(len(self.row), self.number)

    def _fill_from_above(self) -> None:
        while self.row is not None and self.below.get(len(self.row), 0) > 0 and len(self.row) < 4 * MOST_COLUMNS:
            self.row.append("")

    def end_row(self) -> list[str] | None:
        self.end_cell()
        row, self.row = self.row, None
        if row is not None:
            self.below = {column: rows - 1 for column, rows in self.below.items() if rows > 1}
        return row

    def _too_long(self) -> Unreadable:
        why = _("A cell of the record that starts on line {line} is longer than {most} characters; perhaps a quotation mark is not closed.",
                line=self.number, most=LARGEST_CELL)
        return Unreadable("cell_too_long", why)


def _number(text: str | None, otherwise: int) -> int:
    return min(int(text), 1_048_576) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _plain(text: str) -> str:
    """A value of Excel's XML: a day without a time is a day."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return text
    day, clock, seconds = found[1], found[2], found[3] or ""
    clock += seconds if seconds != ":00" else ""
    if day in {"1899-12-30", "1899-12-31"}:
        return clock
    return day if clock == "00:00" else f"{day} {clock}"
