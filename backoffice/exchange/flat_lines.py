"""The lines of a flat file: their shape, how cells are compared, and the sentences about lines that do not agree."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from backoffice.declare import Invalid, Text, _, fold
from backoffice.declare.kinds import Verbatim
from backoffice.exchange.guard import unguarded
from backoffice.exchange.seen import Remark
from backoffice.exchange.stage import ROW
from backoffice.plan import Field, plan_of

_MOST_KNOWN = 60_000


@dataclass
class Piece:
    """Some records of a part, in the order of the file; a chunk whose row numbers have gaps."""

    numbers: list[int]
    lines: list[int]
    cells: list[list[str]]
    is_cut: bool = False

    @property
    def first(self) -> int:
        """The number of its first row."""
        return self.numbers[0]


@dataclass(frozen=True)
class Line:
    """A line of the file: its data row, where it starts, its cells, and the code of what is wrong with its shape."""

    row: int
    line: int
    cells: list[str]
    flaw: str = ""


def lines_of(chunk: Any, width: int) -> Iterator[Line]:
    """The lines of a chunk of the file."""
    last = len(chunk.cells) - 1
    for place, cells in enumerate(chunk.cells):
        flaw = ""
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            flaw = "too_many_cells"
        elif chunk.is_cut and place == last and len(cells) < width:
            flaw = "cut_off"
        yield Line(chunk.first + place, chunk.lines[place], cells, flaw)


def sentence_of(remark: Remark) -> Text:
    """The sentence of a remark."""
    if remark.code == "too_many_cells":
        return _("The row has more cells than there are headers.")
    if remark.code == "cut_off":
        return _("The file ends in the middle of this row.")
    if remark.is_notice:
        return _("Line {line} says something else of the same record than line {other}, which was taken.", line=remark.line, other=remark.other_line)
    return _("Lines {other} and {line} say different things of the same record.", line=remark.line, other=remark.other_line)


def shown(cell: str) -> str | None:
    """The cell for reading; a pointer to a row says nothing to people."""
    return None if cell.startswith(ROW) else cell.strip()


def canon_of(one: Field) -> Callable[[str], str]:
    """A function from a cell to how it is compared: the spelling of its value; the words of a person as they are."""
    key = plan_of(one.target).key if one.target else ()
    kind = key[0].kind if len(key) == 1 and not key[0].is_link else one.kind

    @functools.lru_cache(_MOST_KNOWN)
    def canon(cell: str) -> str:
        text = unguarded(cell)
        if isinstance(kind, Verbatim):
            return text
        if not text.strip() or text.startswith(ROW):
            return text.strip()
        try:
            return kind.write(kind.parse(text))
        except Invalid:
            return fold(text)

    return canon
