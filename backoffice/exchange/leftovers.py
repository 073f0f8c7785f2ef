"""The refused rows of a run as a file: the same columns and the reason, to be corrected and imported again."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

from backoffice.exchange.changes import ChangeSet
from backoffice.exchange.formats.csv import Csv
from backoffice.exchange.guard import unguarded
from backoffice.exchange.mapping import REASON
from backoffice.exchange.reading import Table
from backoffice.exchange.staged import StagedRow


def refused_rows(changes: ChangeSet, table: Table) -> Iterator[bytes]:
    """The file, piece by piece: lines of the file as a person corrected them; a line that several nouns refuse stands there once."""
    width = len(table.headers)
    return Csv().write([*table.headers, str(REASON)], ([*_even(cells, width), why] for cells, why in _lines(changes, table)))


def _lines(changes: ChangeSet, table: Table) -> Iterator[tuple[list[str], str]]:
    refused = itertools.groupby(heapq.merge(*(changes.refused(part) for part in changes.parts), key=_line), _line)
    wanted, same = next(refused, (0, iter(())))
    for chunk in table.chunks():
        for line, cells in zip(chunk.lines, chunk.cells, strict=True):
            while wanted and wanted < line:
                wanted, same = next(refused, (0, iter(())))
            if line == wanted:
                yield _joined(cells, list(same), is_plain=len(changes.parts) == 1)
                wanted, same = next(refused, (0, iter(())))


def _line(row: StagedRow) -> int:
    return row.line


def _joined(cells: list[str], same: list[StagedRow], *, is_plain: bool) -> tuple[list[str], str]:
    said = dict.fromkeys(f"{one.column}: {one.message}" if one.column else one.message for row in same for one in row.errors)
    if is_plain and same[0].raw is not None:
        cells = same[0].raw
    return cells, " ".join(said)


def _even(cells: list[str], width: int) -> list[str]:
    return [*(unguarded(cell) for cell in cells[:width]), *[""] * (width - len(cells))]
