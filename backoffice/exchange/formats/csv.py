"""CSV as Chinese Excel opens it: UTF-8 with a byte-order mark, CRLF, no cell that runs as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from backoffice.exchange.formats.shape import Columns, Outgoing, Shape
from backoffice.exchange.guard import guarded, guarded_all

BUFFERED = 200


class Csv:
    """Texts are guarded (``exchange/guard.py``); numbers stay numbers."""

    name = "csv"
    mimetype = "text/csv; charset=utf-8"
    most_rows: int | None = None
    is_stream = True

    def stream(self, table: Outgoing) -> Iterator[bytes]:
        """The headers at once, then the rows as they come."""
        buffer = StringIO(newline="")
        writer = csv.writer(buffer)
        yield _first(buffer, writer, table.headers)
        for columns in table.chunks:
            writer.writerows(zip(*_guarded(columns, table.shapes), strict=True))
            yield _taken(buffer)

    def write(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """A file of rows of any cells, some rows at a time."""
        buffer = StringIO(newline="")
        writer = csv.writer(buffer)
        yield _first(buffer, writer, headers)
        for count, row in enumerate(rows, 1):
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
            if count % BUFFERED == 0:
                yield _taken(buffer)
        yield _taken(buffer)


def _guarded(columns: Columns, shapes: Sequence[Shape]) -> Iterator[Sequence[Any]]:
    for cells, shape in zip(columns, shapes, strict=True):
        yield guarded_all(cells) if shape.is_text else cells


def _first(buffer: StringIO, writer: Any, headers: Sequence[str]) -> bytes:
    buffer.write("\ufeff")
    writer.writerow([guarded(header) for header in headers])
    return _taken(buffer)


def _taken(buffer: StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data
