"""What every kind of file becomes: headers, and chunks of rows that are read when they are asked for.

The header is the record that names most known columns; what stands before it is a title. Cells are
written as in our own text files, guard included (``exchange/guard.py``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from backoffice.declare import _
from backoffice.exchange.guard import unguarded
from backoffice.exchange.outcome import Unreadable

MOST_COLUMNS = 500
LARGEST_CELL = 131_072
CHUNK = 5_000
SAMPLED_RECORDS = 60

Knows = Callable[[str], str | None]
"""From a header to the field that it stands for."""
Batch = tuple[Sequence[int], list[list[str]]]
"""The lines that some records start on, and their cells."""
Batches = Generator[Batch, None, None]


def anything(header: str) -> str | None:
    """Know every header; the first line that is not blank is then the header."""
    return header.strip() or None


@dataclass(frozen=True)
class Chunk:
    """Some rows: the number of the first, the line that each starts on, and their cells as they stand.

    ``is_cut``: the last of these rows is the last of the file, and its line has no end, as in a file that was cut off.
    ``picked`` are the numbers of the rows where they do not follow one another.
    """

    first: int
    lines: list[int]
    cells: list[list[str]]
    is_cut: bool = False
    picked: Sequence[int] | None = None

    @property
    def numbers(self) -> Sequence[int]:
        """The number of each row."""
        return self.picked if self.picked is not None else range(self.first, self.first + len(self.lines))


class Table(ABC):
    """A file as rows under a header. Nothing but the place in the file is kept in memory.

    ``rows_hint`` is about how many rows there are, ``progress`` how many of the ``size`` bytes have been
    read, and ``export_token`` names the export that the file once was.
    """

    format: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str | None = None
    is_cut: bool = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.progress = 0
        self.rows_hint: int | None = None
        self.header_line = 0
        self.headers: list[str] = []
        self.sheets: list[str] = []
        self.export_token: str | None = None

    @abstractmethod
    def batches(self, size: int) -> Batches:
        """Every record of the file from its first line on, title and header among them; may be called again."""

    def chunks(self, size: int = CHUNK) -> Generator[Chunk, None, None]:
        """The rows that hold something, at most ``size`` at a time; raises :class:`Unreadable` where the file turns bad."""
        first, ready = 1, None
        with closing(self.batches(size)) as batches:
            for lines, cells in batches:
                chunk = Chunk(first, *self._filled(lines, cells))
                if chunk.cells:
                    if ready is not None:
                        yield ready
                    ready = chunk
                    first += len(chunk.cells)
        if ready is not None:
            yield replace(ready, is_cut=self.is_cut)

    def _filled(self, lines: Sequence[int], cells: list[list[str]]) -> tuple[list[int], list[list[str]]]:
        """The records below the header that hold something."""
        left_out = {place for place, row in enumerate(cells) if not row or ((not row[0] or row[0].isspace()) and not _holds(row))}
        if lines and lines[0] <= self.header_line:
            left_out.update(place for place, line in enumerate(lines) if line <= self.header_line)
        if left_out:
            kept = [place for place in range(len(cells)) if place not in left_out]
            lines, cells = [lines[place] for place in kept], [cells[place] for place in kept]
        if cells and max(map(len, cells)) > 4 * MOST_COLUMNS:
            raise next(too_wide(len(row), line) for line, row in zip(lines, cells, strict=True) if len(row) > 4 * MOST_COLUMNS)
        return list(lines), cells

    def settle(self, line: int, cells: list[str]) -> None:
        """Take this record as the header."""
        if len(cells) > MOST_COLUMNS:
            raise too_wide(len(cells), line)
        self.header_line, self.headers = line, [unguarded(cell).strip() for cell in cells]


def _holds(cells: list[str]) -> bool:
    return any(cell and not cell.isspace() for cell in cells)


def too_wide(count: int, line: int) -> Unreadable:
    """What is said of a record with more cells than any table has."""
    why = _("Line {line} has {count} columns; {most} are the most.", line=line, count=count, most=MOST_COLUMNS)
    return Unreadable("too_many_columns", why)


def heading(records: Iterable[list[str]], knows: Knows) -> tuple[int, int]:
    """How many known columns the best header among the first records names, and the place of that record."""
    most, place = 0, 0
    for position, cells in enumerate(islice(records, SAMPLED_RECORDS)):
        known = len({knows(unguarded(cell)) for cell in cells[: 4 * MOST_COLUMNS]} - {None})
        if known > most:
            most, place = known, position
            if knows is anything:
                break
    return most, place


def no_header(beginning: str) -> Unreadable:
    """What is said of a file whose columns nobody knows."""
    shown = " ".join(beginning[:60].split())
    why = _("No line at the beginning of the file names columns that are known here; it begins with “{text}”.", text=shown)
    return Unreadable("no_header", why)
