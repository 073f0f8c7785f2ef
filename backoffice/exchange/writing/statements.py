"""SQL that is put together as text, run with typed parameters; and what columns hold that a file does not bring."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.declare import clock
from backoffice.exchange.stage import Part
from backoffice.exchange.writing.journal import NotBulk

NOW = object()
"""A default that is the moment of writing."""


def quoted(connection: Connection, table: Any) -> str:
    """The name of a table in SQL."""
    name: str = connection.dialect.identifier_preparer.format_table(table)
    return name


class Statement:
    """One statement with ``:names`` for parameters; ``fixed`` are those that never change."""

    def __init__(self, sql: str, types: Mapping[str, Any], fixed: Mapping[str, Any] | None = None) -> None:
        used = set(re.findall(r"(?<![:\w\\]):(\w+)(?!:)", sql))
        self.clause = sa.text(sql).bindparams(*(sa.bindparam(name, type_=types[name]) for name in sorted(used)))
        self.used, self.fixed = used, dict(fixed or {})

    def run(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Run it; answers how many rows it wrote."""
        given = {**self.fixed, **parameters}
        return connection.execute(self.clause, {name: given[name] for name in self.used}).rowcount


@dataclass(frozen=True)
class Default:
    """What a column holds where the file brings nothing: a value, or :data:`NOW`; and as the trail tells it."""

    column: sa.Column[Any]
    value: Any
    dumped: Any = None

    @property
    def parameter(self) -> str:
        """The name of its parameter."""
        return "now" if self.value is NOW else f"default_{self.column.name}"


def defaults(part: Part, own: frozenset[str]) -> dict[str, Default]:
    """The defaults of a table by the names of its columns, without those that the writer fills itself."""
    plan = part.plan
    by_column = {one.column: one for one in plan.fields.values() if not one.is_link}
    keys = {column.name: attribute.key for attribute in plan.model.__mapper__.column_attrs for column in attribute.columns}
    found = {}
    for column in plan.table.columns:
        if column.default is None or column.name in own:
            continue
        value, field = _value(column), by_column.get(keys[column.name])
        found[column.name] = Default(column, value, field.dump(value) if field and value is not NOW else None)
    return found


def _value(column: sa.Column[Any]) -> Any:
    default = column.default
    if isinstance(default, sa.ColumnDefault) and default.is_scalar:
        return default.arg
    given = getattr(default, "arg", None)
    if getattr(given, "__wrapped__", given) is clock.now:
        return NOW
    raise NotBulk(f"the default of {column} is worked out for each record")
