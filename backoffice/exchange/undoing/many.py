"""Many rows that are alike in most columns, at once: what they share is made ready for the database a single time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam
from sqlalchemy import insert as insertion

Ready = Mapping[str, Callable[[Any], Any] | None]


def insert(connection: Connection, table: Table, same: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of what they all have and what each has for itself, as the types of the columns store it."""
    text, names, ready = _prepared(connection.dialect, table, tuple(same))
    shared = {name: _stored(ready, name, value) for name, value in same.items()}
    written = [shared | {name: _stored(ready, name, value) for name, value in row.items()} for row in rows]
    if names is None:
        connection.exec_driver_sql(text, written)
    else:
        connection.exec_driver_sql(text, [tuple(row[name] for name in names) for row in written])


@functools.lru_cache(maxsize=8)
def _prepared(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...] | None, Ready]:
    """The statement, the order of its parameters (None where they go by name), and what makes a value ready."""
    statement: Any = insertion(table).values({name: bindparam(name) for name in columns}).compile(dialect=dialect)
    ready = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns}
    return str(statement), tuple(statement.positiontup) if statement.positional else None, ready


def _stored(ready: Ready, name: str, value: Any) -> Any:
    make = ready[name]
    return value if make is None else make(value)
