"""JSON: a list of objects, one for each record."""

from __future__ import annotations

import json
from collections.abc import Iterator

from backoffice.exchange.formats.shape import Outgoing


class Json:
    """Whole numbers stay what they are; amounts are texts, so that no cent is lost."""

    name = "json"
    mimetype = "application/json"
    most_rows: int | None = None
    is_stream = True

    def stream(self, table: Outgoing) -> Iterator[bytes]:
        """The file, some records at a time."""
        yield b"["
        separator = "\n"
        for columns in table.chunks:
            rows = zip(*columns, strict=True)
            records = ",\n".join(json.dumps(dict(zip(table.headers, row, strict=True)), ensure_ascii=False) for row in rows)
            yield f"{separator}{records}".encode()
            separator = ",\n"
        yield b"\n]\n"
