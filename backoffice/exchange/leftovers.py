"""The refused rows of a run as a file: the same columns and the reason, to be corrected and imported again."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.declare import _
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
