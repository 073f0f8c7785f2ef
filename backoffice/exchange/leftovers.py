"""The refused rows of a run as a file: the same columns and the reason, to be corrected and imported again."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

from backoffice.declare import _
from backoffice.exchange.changes import ChangeSet, StagedRow
from backoffice.exchange.formats.csv import Csv
from backoffice.exchange.guard import unguarded
from backoffice.exchange.mapping import known_by
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Receipt
from backoffice.exchange.reading import read
from backoffice.plan import Plan

REASON = _("Why it was refused")


def refused_rows(plan: Plan, data: bytes, options: Options, receipt: Receipt) -> Iterator[bytes]:
    """The file, piece by piece."""
    why: dict[int, list[str]] = {}
    for one in receipt.errors:
        why.setdefault(one.row, []).append(f"{one.column}: {one.message}" if one.column else one.message)
    sheet = read(data, known_by(plan, options.columns), options.encoding)
    width = len(sheet.headers)
    rows = (
        [*(unguarded(cell) for cell in row.cells[:width]), *[""] * (width - len(row.cells)), " ".join(why[row.number])]
        for row in sheet.rows if row.number in why
    )
    return Csv().write([*sheet.headers, str(REASON)], rows)


def staged_rows(changes: ChangeSet, headers: list[str]) -> Iterator[bytes]:
    """The same from the stage, piece by piece; a row that several nouns refuse stands there once, with all reasons."""
    refused = heapq.merge(*(changes.refused(part) for part in changes.parts), key=lambda row: row.number)
    width = len(headers)
    rows = (
        [*(unguarded(cell) for cell in cells[:width]), *[""] * (width - len(cells)), reasons]
        for cells, reasons in (_joined(list(same)) for _number, same in itertools.groupby(refused, lambda row: row.number))
    )
    return Csv().write([*headers, str(REASON)], rows)


def _joined(same: list[StagedRow]) -> tuple[list[str], str]:
    said = dict.fromkeys(f"{one.column}: {one.message}" if one.column else one.message for row in same for one in row.errors)
    return next((row.raw for row in same if row.raw is not None), []), " ".join(said)


def headers(changes: ChangeSet) -> list[str]:
    """The headers of the columns that were matched, each at its place in the file."""
    columns = [column for part in changes.parts for column in part.mapped.columns]
    found = [""] * (max((column.index for column in columns), default=-1) + 1)
    for column in columns:
        found[column.index] = column.header
    return found
