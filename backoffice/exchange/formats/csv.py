"""CSV as Chinese Excel opens it: UTF-8 with a byte-order mark, CRLF, no cell that runs as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any, cast

from backoffice.exchange.formats.shape import Columns, Outgoing, Shape
from backoffice.exchange.guard import guarded, guarded_all

BUFFERED = 200
QUOTE = '"'
QUOTED = (QUOTE, ",", "\n", "\r")
_IS_QUOTED = re.compile('[",\\n\\r]')


class Csv:
    """Texts are guarded (``exchange/guard.py``); numbers stay numbers."""

    name = "csv"
    mimetype = "text/csv; charset=utf-8"
    most_rows: int | None = None
    is_stream = True

    def stream(self, table: Outgoing) -> Iterator[bytes]:
        """The headers at once, then the rows as they come."""
        buffer = StringIO(newline="")
        yield _first(buffer, csv.writer(buffer), table.headers)
        for columns in table.chunks:
            yield lines(columns, table.shapes).encode()

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


def lines(columns: Columns, shapes: Sequence[Shape]) -> str:
    """Some rows as ``csv.writer`` writes them, in a fraction of its time: whether anything is to be quoted is asked of whole columns."""
    texts = [_texts(cells, shape) for cells, shape in zip(columns, shapes, strict=True)]
    if len(texts) == 1:  # an empty line would be no row
        texts = [[text or '""' for text in texts[0]]]
    return "".join([",".join(row) + "\r\n" for row in zip(*texts, strict=True)])


def _texts(cells: Sequence[Any], shape: Shape) -> Sequence[str]:
    if not shape.is_text:
        return ["" if cell is None else str(cell) for cell in cells]
    found = guarded_all(cells)
    texts = ["" if text is None else text for text in found] if None in found else cast("Sequence[str]", found)
    whole = "".join(texts)
    if not any(sign in whole for sign in QUOTED):
        return texts
    return [f'"{text.replace(QUOTE, QUOTE * 2)}"' if _IS_QUOTED.search(text) else text for text in texts]


def _first(buffer: StringIO, writer: Any, headers: Sequence[str]) -> bytes:
    buffer.write("\ufeff")
    writer.writerow([guarded(header) for header in headers])
    return _taken(buffer)


def _taken(buffer: StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data
