"""Writes the rows of one noun set by set, and their trail as the bulk path of imports tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.audit import record as trail
from backoffice.declare import Model, clock
from backoffice.declare.columns import Utc
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.exchange.stage import stored_column
from backoffice.exchange.writing.journal import Teller, tongue_of, tracked
from backoffice.exchange.writing.statements import Statement, quoted
from backoffice.plan import plan_of

Columns = dict[str, Any]
"""By the name of a column its values, or the one value of all rows."""


def _as_text(moment: datetime) -> str:
    """A moment as SQLite stores it; the type's own way takes five times as long."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class Pen:
    """Rows get the ids after the last one that is there; ``last`` is the last given."""

    def __init__(self, session: Session, noun: type[Model]) -> None:
        self.session, self.connection, self.plan, self.table = session, session.connection(), plan_of(noun), plan_of(noun).table
        self.last: int = session.scalar(sa.select(sa.func.max(self.table.c.id))) or 0
        self.trail: Statement | None = None

    def write(self, columns: Columns) -> None:
        """Write one row for each place in the columns."""
        count = max((len(values) for values in columns.values() if isinstance(values, list)), default=0)
        if not count:
            return
        now, first = clock.now(), self.last + 1
        self.last += count
        fixed = {column.name: column.default.arg for column in self.table.columns if isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar}
        own = {"id": list(range(first, self.last + 1)), "version": 1, "created_at": now, "updated_at": now, "from_history": True}
        whole = fixed | columns | own
        rows = zip(*(self._stored(name, values, count) for name, values in whole.items()), strict=True)
        self._insert(list(whole), rows)
        self._tell(whole, first)

    def _stored(self, name: str, values: Any, count: int) -> Iterable[Any]:
        """The values as the driver takes them."""
        bind = self._bind(self.table.c[name].type)
        if not isinstance(values, list):
            return repeat(values if bind is None else bind(values), count)
        return values if bind is None else [None if value is None else bind(value) for value in values]

    def _bind(self, stored: Any) -> Callable[[Any], Any] | None:
        """What makes of a value of a type what the driver takes."""
        dialect = self.connection.dialect
        if isinstance(stored, Utc) and dialect.name == "sqlite":
            return _as_text
        bind: Callable[[Any], Any] | None = stored.dialect_impl(dialect).bind_processor(dialect)
        return bind

    def _insert(self, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        raw: Any = self.connection.connection.driver_connection
        quote = self.connection.dialect.identifier_preparer.quote
        table, listed = quoted(self.connection, self.table), ", ".join(map(quote, names))
        if self.connection.dialect.name == "sqlite":
            raw.executemany(f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608  # names of a table and its columns
            return
        with raw.cursor() as cursor:
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{self.table.name}', 'id'), {self.last})")

    def _tell(self, whole: Columns, first: int) -> None:
        """One entry for each row, made from the row itself."""
        entry = trail.entry(self.plan, None, Deed.CREATE)
        self.trail = self.trail or self._sentence(whole, entry)
        self.trail.run(self.connection, entry | {"first": first, "last": self.last})

    def _dumped(self, name: str, value: Any) -> Any:
        """A value that all rows have, as the trail tells it."""
        field = self.plan.fields[name]
        return field.dump(value if field.target is None or value is None else self.session.get(field.target, value))

    def _sentence(self, given: Columns, entry: dict[str, Any]) -> Statement:
        teller = Teller(self.plan, tongue_of(self.connection.dialect.name))
        told = {one.name: stored_column(self.plan, one) for one in tracked(self.plan.model)}
        told = {name: column for name, column in told.items() if column.name in given}
        always = {name for name, column in told.items() if not column.nullable}
        same = {name: self._dumped(name, given[column.name]) for name, column in told.items() if not isinstance(given[column.name], list)}
        changes = teller.created({name: f"s.{column.name}" for name, column in told.items() if name not in same}, same, always)
        name = teller.name(self.plan, lambda one: f"s.{stored_column(self.plan, one).name}")
        values = {
            **{column: f":{column}" for column in entry}, "record_id": "s.id", "record_name": f"substr({name}, 1, 400)", "record_version": "1",
            "changes": changes,
        }
        types = {column.name: column.type for column in AuditEntry.__table__.columns} | dict.fromkeys(("first", "last"), sa.BigInteger())
        return Statement(
            f"INSERT INTO {quoted(self.connection, AuditEntry.__table__)} ({', '.join(values)}) SELECT {', '.join(values.values())} "  # noqa: S608  # names of tables and columns; values are parameters
            f"FROM {' '.join((quoted(self.connection, self.table) + ' s', *teller.joins))} WHERE s.id BETWEEN :first AND :last ORDER BY s.id",
            types,
        )
