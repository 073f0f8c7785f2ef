"""Delimited text: which delimiter, which record is the header, and on which line each record starts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import BufferedReader, FileIO, StringIO, TextIOWrapper
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import Any

from backoffice.declare import _
from backoffice.exchange.encoding import Script
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.sources.base import LARGEST_CELL, Batches, Knows, Table, heading, no_header

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 100_000
_BLOCK = 1 << 20
_BUFFER = 1 << 16
_FEW = 16
_HEAVY, _HEAVIEST = 4 << 20, 16 << 20
_CELLS = 200_000
_SEP = re.compile(r"\s*\"?sep=(.)\"?[ \t,;]*(\r\n|\r|\n|\Z)", re.IGNORECASE)
_QUOTED = r'"[^"]*+(?:""[^"]*+)*+"'


class Text(Table):
    """A text whose cells are parted by one character."""

    format = "csv"

    def __init__(self, path: Path, script: Script, knows: Knows) -> None:
        super().__init__(path)
        self.script, self.encoding, self.is_cut = script, script.encoding, not script.ends
        beginning = sample(path, script)
        told = _SEP.match(beginning)
        self.told = told[0] if told else ""
        self.delimiter, position = _layout(beginning[len(self.told):], (told[1],) if told else DELIMITERS, knows)
        for lines, cells in self.batches(position + 1):
            if len(cells) > position:
                self.settle(lines[position], cells[position])
                break
            position -= len(cells)
        else:
            raise Unreadable("no_header", _("The file has no header line."))
        self.rows_hint = max(0, script.breaks + self.is_cut - self.header_line)

    def batches(self, size: int) -> Batches:
        """Each record with the line it starts on. Blanks between a closing quote and the delimiter are padding."""
        csv.field_size_limit(LARGEST_CELL)
        with Meter(self.path) as meter, opened(meter, self.script) as file:
            file.read(len(self.told))
            reader = csv.reader(self._lines(file), delimiter=self.delimiter, strict=True)
            first = 2 if self.told else 1
            while True:
                cells: list[list[str]] = []
                start = first + reader.line_num
                try:
                    _fill(cells, reader, size, meter)
                except (csv.Error, TooMuch) as error:
                    raise _explained(str(error), _places(start, cells)[-1]) from None
                if not cells:
                    return
                self.progress = meter.taken
                is_plain = first + reader.line_num - start == len(cells)
                yield range(start, start + len(cells)) if is_plain else _places(start, cells)[:-1], cells

    def _lines(self, file: TextIOWrapper) -> Iterator[str]:
        if not self.script.padding - {self.delimiter}:
            return file
        return chain.from_iterable(StringIO(unpadded(block, self.delimiter), newline="") for block in _blocks(file))


def _fill(cells: list[list[str]], reader: Iterator[list[str]], size: int, meter: Meter) -> None:
    """Read up to ``size`` records, fewer where they are long or wide."""
    count, start, room = -1, meter.taken, _CELLS
    while count < len(cells) < size and meter.taken - start < _HEAVY and room > 0:
        count = len(cells)
        meter.allow(_HEAVIEST)
        cells.extend(islice(reader, min(_FEW, size - count)))  # what was read before an error stays
        room -= sum(map(len, cells[count:]))


def _places(start: int, cells: list[list[str]]) -> list[int]:
    """The line that each record starts on, and the one behind the last."""
    return list(accumulate((1 + _breaks(row) for row in cells), initial=start))


def _breaks(row: list[str]) -> int:
    text = " ".join(row)
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _blocks(file: TextIOWrapper) -> Iterator[str]:
    """Whole lines, about a million characters at a time; where it can be, no quoted cell is cut in two."""
    while block := file.read(_BLOCK):
        parts, length, is_open = [block], 0, block.count('"') % 2 == 1
        while line := file.readline():
            parts.append(line)
            length += len(line)
            is_open ^= line.count('"') % 2 == 1
            if not is_open or length > 2 * LARGEST_CELL:
                break
        yield "".join(parts)


class TooMuch(Exception):
    """More was read at one go than any table needs."""


class Meter(FileIO):
    """A file that counts what is taken from it, and gives no more at one go than was allowed."""

    taken = 0
    allowed = 1 << 62

    def allow(self, size: int) -> None:
        """Let so much be taken from here on."""
        self.allowed = self.taken + size

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer."""
        count = super().readinto(buffer)
        self.taken += count
        if self.taken > self.allowed:
            raise TooMuch("endless")
        return count


def opened(file: FileIO, script: Script) -> TextIOWrapper:
    """The text, behind its mark, with its line ends as they stand."""
    file.seek(script.mark)
    return TextIOWrapper(BufferedReader(file, _BUFFER), encoding=script.encoding, newline="")


def sample(path: Path, script: Script) -> str:
    """The beginning of the text."""
    with FileIO(path) as file, opened(file, script) as text:
        return text.read(SAMPLE)


def _layout(text: str, delimiters: tuple[str, ...], knows: Knows) -> tuple[str, int]:
    """The delimiter, and the place of the header among the records."""
    known, place, delimiter = 0, 0, delimiters[0]
    for one in delimiters:
        more, position = heading(_sampled(text, one), knows)
        if (more, -position) > (known, -place):
            known, place, delimiter = more, position, one
    if known == 0:
        raise no_header(text)
    return delimiter, place


def _sampled(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(StringIO(unpadded(text, delimiter), newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error:
        return


def unpadded(text: str, delimiter: str) -> str:
    """The text without padding around quoted cells, where there is any."""
    blanks = " " if delimiter == "\t" else " \t"
    edge = re.escape(delimiter)
    if not any(f'"{blank}' in text or f'{blank}"' in text for blank in blanks):
        return text
    if not re.search(rf'"[{blanks}]+(?:[{edge}\r\n]|\Z)|(?:[{edge}\r\n]|\A)[{blanks}]+"', text):
        return text
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
    if error == "endless":
        why = _("The row that starts on line {line} does not end; this is no table, or a quotation mark is not closed.", line=line)
        return Unreadable("row_too_long", why)
    why = _("In the record that starts on line {line} a quotation mark stands inside a quoted cell; it must be doubled.", line=line)
    return Unreadable("stray_quote", why)
