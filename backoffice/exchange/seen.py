"""What a flat file has said of each record so far: on disk, so that a file of any length needs the same little memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import orjson


@dataclass
class Said:
    """One record: the row and line that first name it, its cells, and the lines of cells that came later."""

    row: int
    line: int
    cells: list[str]
    later: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Remark:
    """Something to say about a cell (``place``) or all of a record: ``row`` is the record's, ``line`` where it is seen."""

    row: int
    line: int
    place: int | None
    value: str | None
    code: str
    other_line: int
    is_notice: bool


class Seen:
    """The records of each part by their identity, in a database that lives as long as this object."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA synchronous=OFF")
        self.database.execute("CREATE TABLE said (part, identity, row, line, cells, later, PRIMARY KEY (part, identity)) WITHOUT ROWID")
        self.database.execute("CREATE TABLE remarks (part, row, line, place, value, code, other_line, is_notice)")

    def forget(self, part: int) -> None:
        """Begin a part anew."""
        for table in ("said", "remarks"):
            self.database.execute(f"DELETE FROM {table} WHERE part = ?", (part,))  # noqa: S608  # two words of ours

    def find(self, part: int, identities: Iterable[str]) -> dict[str, Said]:
        """The records that are known."""
        query = "SELECT identity, row, line, cells, later FROM said WHERE part = ? AND identity IN (SELECT value FROM json_each(?))"
        found = self.database.execute(query, (part, orjson.dumps(list(identities)).decode()))
        return {identity: Said(row, line, orjson.loads(cells), orjson.loads(later)) for identity, row, line, cells, later in found}

    def keep(self, part: int, records: Mapping[str, Said]) -> None:
        """Remember these records as they are now."""
        self.database.execute("BEGIN")
        self.database.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?, ?)", (
            (part, identity, one.row, one.line, orjson.dumps(one.cells), orjson.dumps(one.later)) for identity, one in records.items()
        ))
        self.database.execute("COMMIT")

    def close_part(self, part: int) -> None:
        """Sort a part by its rows, to be given out."""
        self.database.execute(f"CREATE INDEX IF NOT EXISTS by_row_{part} ON said (row) WHERE part = {part}")

    def records(self, part: int) -> Iterator[Said]:
        """The records of a part in the order of the file."""
        query = f"SELECT row, line, cells, later FROM said WHERE part = {part} ORDER BY row"  # noqa: S608  # a number of ours, so that the index serves
        for row, line, cells, later in self.database.execute(query):
            yield Said(row, line, orjson.loads(cells), orjson.loads(later))

    def later(self, part: int, row: int) -> dict[str, int]:
        """The lines of the cells of a record that came after its first line, by their place."""
        query = f"SELECT later FROM said WHERE part = {part} AND row = ?"  # noqa: S608  # as above
        found = self.database.execute(query, (row,)).fetchone()
        return orjson.loads(found[0]) if found else {}

    def remark(self, part: int, remarks: Iterable[Remark]) -> None:
        """Write down what is to be said about a part."""
        self.database.executemany("INSERT INTO remarks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (
            (part, one.row, one.line, one.place, one.value, one.code, one.other_line, one.is_notice) for one in remarks
        ))

    def remarks(self, part: int) -> Iterator[Remark]:
        """What is to be said about a part, in the order of the file."""
        query = "SELECT row, line, place, value, code, other_line, is_notice FROM remarks WHERE part = ? ORDER BY row, line, place"
        for row, line, place, value, code, other, is_notice in self.database.execute(query, (part,)):
            yield Remark(row, line, place, value, code, other, is_notice=bool(is_notice))

    def close(self) -> None:
        """Let go of the disk space."""
        self.database.close()
