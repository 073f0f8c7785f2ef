"""Many rows that are alike in most columns, at once: what they share is made ready for the database a single time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy import insert as insertion


def insert(connection: Connection, table: Table, same: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of what they all have and what each has for itself, as the types of the columns store it."""
    dialect = connection.dialect
    ready = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in same}
    shared = {name: _stored(ready[name], value) for name, value in same.items()}
    written = [shared | {name: _stored(ready[name], value) for name, value in row.items()} for row in rows]
    statement: Any = insertion(table).values({name: bindparam(name) for name in same}).compile(dialect=dialect)
    if statement.positional:
        names = statement.positiontup
        connection.exec_driver_sql(str(statement), [tuple(row[name] for name in names) for row in written])
    else:
        connection.exec_driver_sql(str(statement), written)


def _stored(ready: Any, value: Any) -> Any:
    return value if ready is None else ready(value)
