"""The formats that a file may have: each one stateless class, and one line here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from backoffice.exchange.formats.csv import Csv
from backoffice.exchange.formats.json import Json


class Format(Protocol):
    """How rows become bytes. ``name`` is the word on the command line and the file's ending."""

    name: str
    mimetype: str

    def write(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """The file, piece by piece; cells are texts, numbers, booleans or None."""
        ...


FORMATS: Final[dict[str, Format]] = {one.name: one for one in (Csv(), Json())}
