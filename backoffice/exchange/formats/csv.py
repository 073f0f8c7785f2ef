"""CSV as Chinese Excel opens it: UTF-8 with a byte-order mark, CRLF, no cell that runs as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from backoffice.exchange.guard import guarded

BUFFERED = 200


class Csv:
    """Texts are guarded (``exchange/guard.py``); numbers stay numbers."""

    name = "csv"
    mimetype = "text/csv; charset=utf-8"

    def write(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """The file, some rows at a time."""
        buffer = StringIO(newline="")
        writer = csv.writer(buffer)
        buffer.write("\ufeff")
        writer.writerow([guarded(header) for header in headers])
        for count, row in enumerate(rows, 1):
            writer.writerow([_cell(value) for value in row])
            if count % BUFFERED == 0:
                yield _taken(buffer)
        yield _taken(buffer)


def _cell(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value


def _taken(buffer: StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data
