"""Puts rows into a table, thousands at a time, the way each kind of database takes them fastest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from backoffice.declare.columns import Utc
from backoffice.exchange.writing.statements import quoted

Columns = dict[str, Any]
"""By the name of a column its values, or the one value of all rows."""
PIECE = 500
"""So many rows are sent to PostgreSQL at a time."""


class Memo(dict[Any, Any]):
    """What a function makes of a value, made once for each: thousands of rows share a few."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, value: Any) -> Any:
        """Make it."""
        made = self[value] = self.make(value)
        return made


def each(make: Callable[[Any], Any], values: list[Any]) -> Iterator[Any]:
    """What a function makes of each value; where the first hundred are nearly all different, the others are taken to be so, too."""
    return map(make if len(set(values[:100])) > 70 else Memo(make).__getitem__, values)


def as_text(moment: datetime) -> str:
    """A moment as SQLite stores it, in UTC; the type's own way takes five times as long."""
    return moment.astimezone(UTC).isoformat(" ", "microseconds")[:26]


class Press:
    """One table. Lists of moments come as :func:`as_text` says them, JSON as text."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self.connection, self.table = connection, table
        self.put = self._insert if connection.dialect.name == "sqlite" else self._copy

    def _insert(self, columns: Columns) -> None:
        same = [_literal(self._bound(name)(value)) for name, value in columns.items() if not isinstance(value, list)]
        many = {name: values for name, values in columns.items() if isinstance(values, list)}
        names = [*many, *(name for name in columns if name not in many)]
        raw: Any = self.connection.connection.dbapi_connection
        sql = f"INSERT INTO {self._head(names)} VALUES ({', '.join([*'?' * len(many), *same])})"  # noqa: S608  # names of a table and its columns
        raw.executemany(sql, zip(*(self._stored(name, values) for name, values in many.items()), strict=True))

    def _stored(self, name: str, values: list[Any]) -> Any:
        """The values as SQLite's driver takes them."""
        stored = self.table.c[name].type
        if isinstance(stored, Utc | sa.JSON) or self._binding(stored) is None:
            return values
        return each(self._bound(name), values)

    def _copy(self, columns: Columns) -> None:
        same = "".join(f"\t{_copied(self._bound(name)(value))}" for name, value in columns.items() if not isinstance(value, list))
        many = {name: values for name, values in columns.items() if isinstance(values, list)}
        names = [*many, *(name for name in columns if name not in many)]
        rows = zip(*(self._texts(name, values) for name, values in many.items()), strict=True)
        raw: Any = self.connection.connection.dbapi_connection
        with raw.cursor() as cursor:
            with cursor.copy(f"COPY {self._head(names)} FROM STDIN") as copy:
                while piece := "".join(["\t".join(row) + same + "\n" for row in islice(rows, PIECE)]):
                    copy.write(piece)
            if "id" in many:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{self.table.name}', 'id'), {many['id'][-1]})")

    def _texts(self, name: str, values: list[Any]) -> Iterator[str]:
        """The values as ``COPY`` reads them."""
        if isinstance(self.table.c[name].type, sa.JSON):
            return (text.replace("\\", "\\\\") for text in values)  # JSON has no other sign that COPY would take for its own
        if isinstance(self.table.c[name].type, Utc):
            return map(_copied, values)
        bound = self._bound(name)
        return each(lambda value: _copied(bound(value)), values)

    def _head(self, names: list[str]) -> str:
        quote = self.connection.dialect.identifier_preparer.quote
        return f"{quoted(self.connection, self.table)} ({', '.join(map(quote, names))})"

    def _bound(self, name: str) -> Callable[[Any], Any]:
        """What makes of a value, or of none, what the driver takes."""
        bind = self._binding(self.table.c[name].type)
        return lambda value: value if value is None or bind is None else bind(value)

    def _binding(self, stored: Any) -> Callable[[Any], Any] | None:
        dialect = self.connection.dialect
        if isinstance(stored, Utc):
            return as_text
        bind: Callable[[Any], Any] | None = stored.dialect_impl(dialect).bind_processor(dialect)
        return bind


def _literal(value: Any) -> str:
    """A value that SQLite's driver takes, in SQL."""
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


def _copied(value: Any) -> str:
    """A value as ``COPY`` reads it."""
    if value is None or isinstance(value, bool):
        return "\\N" if value is None else "t" if value else "f"
    if not isinstance(value, str):
        return str(value)
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
