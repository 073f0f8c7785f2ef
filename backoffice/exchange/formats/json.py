"""JSON: a list of objects, one for each record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any


class Json:
    """Whole numbers and truth stay what they are; amounts are texts, so that no cent is lost."""

    name = "json"
    mimetype = "application/json"

    def write(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """The file, one record at a time."""
        yield b"["
        separator = "\n"
        for row in rows:
            values = (str(value) if isinstance(value, Decimal) else value for value in row)
            record = json.dumps(dict(zip(headers, values, strict=True)), ensure_ascii=False)
            yield f"{separator}{record}".encode()
            separator = ",\n"
        yield b"\n]\n"
