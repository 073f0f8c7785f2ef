"""Writes staged rows set by set: a few statements for thousands of rows, and their audit trail with them.

What is written is what the ORM would have written, entry by entry. All statements of a slice stand
in one transaction of the stage's connection; the caller begins and ends it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice.audit import record as trail
from backoffice.declare import clock
from backoffice.declare.columns import Utc
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.exchange.stage import CREATE, UPDATE, Part, Stage, stored_column
from backoffice.exchange.writing.journal import NotBulk, Teller, tongue_of, tracked
from backoffice.exchange.writing.statements import NOW, Statement, defaults, quoted
from backoffice.plan import Field

MOST_COLUMNS = 62
"""Which columns a row changes is kept in the bits of one number."""
OWN = frozenset({"id", "version", "created_at", "updated_at", "archived_at", "from_history"})
"""Columns that every record has and no file brings."""


@dataclass(frozen=True)
class Written:
    """What was written."""

    created: int = 0
    updated: int = 0


class Bulk:
    """The statements for the rows of one noun.

    ``changed``: the columns that rows of the plan change, one bit each, in all their combinations; no other is
    touched. ``where``: the rows (as ``s``) that may be written set by set. Raises :class:`NotBulk` where SQL
    cannot say what the ORM does.
    """

    def __init__(self, stage: Stage, part: Part, changed: Collection[int], where: str) -> None:
        self.connection, self.part, self.plan = stage.connection, part, part.plan
        self.mask, self.always = functools.reduce(operator.or_, changed, 0), functools.reduce(operator.and_, changed, -1)
        if len(part.mapped.columns) > MOST_COLUMNS:
            raise NotBulk("there are too many columns")
        self.tongue = tongue_of(self.connection.dialect.name)
        self.rows, self.table = quoted(self.connection, part.rows), quoted(self.connection, part.plan.table)
        self.range = f"s.row BETWEEN :first AND :last AND ({where})"
        self.places = {one.field.name: place for place, one in enumerate(part.mapped.columns)}
        self.defaults = defaults(part, OWN)
        self.types = self._types()
        self.statements = {"mark": self._mark(), "insert": self._insert(), "created": self._created()}
        if self.mask:
            self.statements |= {"updated": self._updated(), "update": self._update()}

    def write(self, first: int, last: int) -> Written:
        """Write the rows of a range."""
        now = clock.now()
        span = {"first": first, "last": last, "now": now}
        if self.connection.dialect.name == "sqlite":
            span["base"] = self.connection.scalar(sa.select(sa.func.max(self.plan.table.c.id))) or 0
        if not self._run("mark", span):
            return Written()
        created = self._run("insert", span)
        if created:
            self._run("created", span | trail.entry(self.plan, None, Deed.CREATE))
        if not self.mask:
            return Written(created)
        updated = self._run("updated", span | trail.entry(self.plan, None, Deed.UPDATE))
        return Written(created, self._run("update", span) if updated else 0)

    def _run(self, name: str, parameters: Mapping[str, Any]) -> int:
        return self.statements[name].run(self.connection, parameters)

    def _types(self) -> dict[str, Any]:
        whole = dict.fromkeys(("first", "last", "base"), sa.BigInteger())
        entry = {column.name: column.type for column in AuditEntry.__table__.columns}
        given = {one.parameter: one.column.type for one in self.defaults.values()}
        return {**entry, **given, **whole, "now": Utc()}

    def _statement(self, sql: str) -> Statement:
        fixed = {one.parameter: one.value for one in self.defaults.values() if one.value is not NOW}
        return Statement(sql, self.types, fixed)

    def _mark(self) -> Statement:
        """Give new records their ids, in the order of the file."""
        mine = f"{self.range} AND s.verdict IN ('{CREATE}', '{UPDATE}')"
        if self.connection.dialect.name == "sqlite":
            return self._statement(
                f"UPDATE {self.rows} AS s SET record_id = CASE WHEN s.verdict = '{CREATE}' THEN :base + s.row - :first + 1 ELSE s.record_id END, "  # noqa: S608  # names of tables and columns; values are parameters
                f"applied = TRUE WHERE {mine}",
            )
        sequence = self.connection.scalar(sa.select(sa.func.pg_get_serial_sequence(self.plan.table.name, "id")))
        numbered = (
            f"SELECT o.row, CASE WHEN o.verdict = '{CREATE}' THEN nextval('{sequence}') ELSE o.record_id END AS id "  # noqa: S608  # as above
            f"FROM (SELECT s.row, s.verdict, s.record_id FROM {self.rows} AS s WHERE {mine} ORDER BY s.row) AS o"
        )
        return self._statement(f"UPDATE {self.rows} AS t SET record_id = n.id, applied = TRUE FROM ({numbered}) AS n WHERE t.row = n.row")  # noqa: S608  # as above

    def _insert(self) -> Statement:
        values = {
            "id": "s.record_id", "version": "1", "created_at": ":now", "updated_at": ":now", "from_history": "s.is_history",
            **{name: f":{one.parameter}" for name, one in self.defaults.items()},
            **{stored_column(self.plan, self.plan.fields[name]).name: self._new(self.plan.fields[name]) for name in self.places},
        }
        return self._statement(
            f"INSERT INTO {self.table} ({', '.join(map(self._quote, values))}) SELECT {', '.join(values.values())} "  # noqa: S608  # names of tables and columns; values are parameters
            f"FROM {self.rows} s WHERE {self.range} AND s.verdict = '{CREATE}'",
        )

    def _new(self, field: Field) -> str:
        """The value of a field in a new record."""
        if field.name == "from_history":
            return "s.is_history"
        place, default = self.places.get(field.name), self.defaults.get(stored_column(self.plan, field).name)
        staged = f"s.c{place}" if place is not None else None
        if staged and default:
            return f"coalesce({staged}, :{default.parameter})"
        return staged or (f":{default.parameter}" if default else "NULL")

    def _created(self) -> Statement:
        teller = Teller(self.plan, self.tongue)
        values, constants = {}, {}
        for one in tracked(self.plan.model):
            default = self.defaults.get(stored_column(self.plan, one).name)
            if default and default.value is not NOW:
                constants[one.name] = default.dumped
            if one.name in self.places:
                values[one.name] = f"s.c{self.places[one.name]}" if one.name in constants else self._new(one)
            elif one.name == "from_history" or (default and default.value is NOW):
                values[one.name] = self._new(one)
        changes, name = teller.created(values, constants, self._always()), teller.name(self.plan, self._new)
        return self._tell(CREATE, changes, name, "1", f"{self.rows} s", teller)

    def _always(self) -> set[str]:
        """The fields that every new row fills."""
        rows = self.part.rows
        filled = [sa.func.count(self.part.value(place)) for place in self.places.values()]
        total, *counts = self.connection.execute(sa.select(sa.func.count(), *filled).select_from(rows).where(rows.c.verdict == CREATE)).one()
        return {"from_history", *(name for name, count in zip(self.places, counts, strict=True) if count == total)}

    def _updated(self) -> Statement:
        teller = Teller(self.plan, self.tongue)
        changes = teller.updated({
            name: (None if self._is_in_all(place) else self._changes(place), self._old(self.plan.fields[name]), f"s.c{place}")
            for name, place in self.places.items() if self._is_touched(place)
        })
        name = teller.name(self.plan, self._after)
        return self._tell(UPDATE, changes, name, "r.version + 1", f"{self.rows} s JOIN {self.table} r ON r.id = s.record_id", teller)

    def _tell(self, verdict: str, changes: str, name: str, version: str, source: str, teller: Teller) -> Statement:
        entry = trail.entry(self.plan, None, Deed.UPDATE)
        values = {
            **{column: f":{column}" for column in entry}, "record_id": "s.record_id", "record_name": f"substr({name}, 1, 400)",
            "record_version": version, "changes": changes,
        }
        return self._statement(
            f"INSERT INTO {quoted(self.connection, AuditEntry.__table__)} ({', '.join(map(self._quote, values))}) "  # noqa: S608  # names of tables and columns; values are parameters
            f"SELECT {', '.join(values.values())} FROM {' '.join((source, *teller.joins))} WHERE {self.range} AND s.verdict = '{verdict}'",
        )

    def _update(self) -> Statement:
        """Each column takes the row's value where the row changes it, and keeps its own elsewhere."""
        fields = [self.plan.fields[name] for name, place in self.places.items() if self._is_touched(place)]
        values = {stored_column(self.plan, one).name: self._after(one) for one in fields} | {"version": "r.version + 1", "updated_at": ":now"}
        return self._statement(
            f"UPDATE {self.table} AS r SET {', '.join(f'{self._quote(name)} = {value}' for name, value in values.items())} "  # noqa: S608  # names of tables and columns; values are parameters
            f"FROM {self.rows} s WHERE {self.range} AND s.verdict = '{UPDATE}' AND r.id = s.record_id",
        )

    def _after(self, field: Field) -> str:
        """The value of a field in a changed record."""
        place = self.places.get(field.name)
        if place is None or not self._is_touched(place):
            return self._old(field)
        if self._is_in_all(place):
            return f"s.c{place}"
        return f"CASE WHEN {self._changes(place)} THEN s.c{place} ELSE {self._old(field)} END"

    def _old(self, field: Field) -> str:
        return f"r.{self._quote(stored_column(self.plan, field).name)}"

    def _is_touched(self, place: int) -> bool:
        return bool(self.mask >> place & 1)

    def _is_in_all(self, place: int) -> bool:
        return bool(self.always >> place & 1)

    @staticmethod
    def _changes(place: int) -> str:
        return f"(s.changed & {1 << place}) <> 0"

    def _quote(self, name: str) -> str:
        return self.connection.dialect.identifier_preparer.quote(name)
