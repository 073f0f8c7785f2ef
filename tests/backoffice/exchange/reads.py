"""Reads a file that a test writes, whole, as a person sees it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.reading import Table, anything, open_file


@dataclass(frozen=True)
class Row:
    """One row of a file."""

    line: int
    number: int
    cells: list[str]


@dataclass(frozen=True)
class Whole:
    """A file that has been read to its end."""

    table: Table
    rows: list[Row]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)

    @property
    def cells(self) -> list[list[str]]:
        return [row.cells for row in self.rows]


def read(data: bytes | str | Path, knows: Any = anything, encoding: str | None = None, *, size: int = 5_000, **how: Any) -> Whole:
    """The file under an ending that says nothing about it."""
    if isinstance(data, Path):
        return whole(open_file(data, knows, encoding, **how), size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return whole(open_file(path, knows, encoding, **how), size)


def whole(table: Table, size: int = 5_000) -> Whole:
    chunks = list(table.chunks(size))
    assert all(len(chunk.lines) == len(chunk.cells) <= size for chunk in chunks)
    return Whole(table, [
        Row(line, number, cells) for chunk in chunks for line, number, cells in zip(chunk.lines, chunk.numbers, chunk.cells, strict=True)
    ])


def code(data: bytes | str | Path, knows: Any = anything, **how: Any) -> str:
    """The code of the refusal, which must come with a sentence."""
    with pytest.raises(Unreadable) as problem:
        read(data, knows, **how)
    assert str(problem.value)
    return problem.value.code
