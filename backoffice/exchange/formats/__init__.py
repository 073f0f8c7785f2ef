"""The formats that a file may have: each one stateless class, and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from backoffice.exchange.formats.csv import Csv
from backoffice.exchange.formats.json import Json
from backoffice.exchange.formats.shape import Outgoing
from backoffice.exchange.formats.xlsx import Xlsx


class Format(Protocol):
    """How rows become bytes. ``name`` is the word on the command line and the file's ending.

    ``most_rows`` is how many it holds, where there is such a number; ``is_stream`` says whether
    the first rows leave before the last ones are read.
    """

    name: str
    mimetype: str
    most_rows: int | None
    is_stream: bool

    def stream(self, table: Outgoing) -> Iterator[bytes]:
        """The file, piece by piece."""
        ...


FORMATS: Final[dict[str, Format]] = {one.name: one for one in (Csv(), Xlsx(), Json())}
