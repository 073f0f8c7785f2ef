"""Links whose records are made by the same file: named by the plan, found right before their rows are written."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.exchange.keys import by_text
from backoffice.exchange.stage import CREATE, ROW, UPDATE, Part, Stage, stored_column
from backoffice.exchange.writing.statements import Statement, quoted
from backoffice.plan import Plan, plan_of


class Links:
    """The links of one noun that name nothing yet. ``own``: those to the noun itself, by place, as conditions on ``s``."""

    def __init__(self, stage: Stage, part: Part) -> None:
        self.stage, self.part = stage, part
        named = {place: self._is_unnamed(place) for place, one in enumerate(part.mapped.columns) if one.field.is_link}
        self.own = {place: sql for place, sql in named.items() if self._target(place) is part.plan}
        self.unnamed = list(named.values())
        self.used = self._used(list(named))
        self.foreign = [place for place in self.used if place not in self.own]

    @staticmethod
    def _is_unnamed(place: int) -> str:
        return f"(s.c{place} IS NULL AND s.t{place} IS NOT NULL)"

    def _target(self, place: int) -> Plan:
        target = self.part.mapped.columns[place].field.target
        assert target is not None  # noqa: S101  # asked of links
        return plan_of(target)

    def _open(self, place: int) -> sa.ColumnElement[bool]:
        rows = self.part.rows
        return rows.c.verdict.in_((CREATE, UPDATE)) & self.part.value(place).is_(None) & self.part.text(place).is_not(None)

    def _used(self, places: list[int]) -> list[int]:
        """The places where rows that are to be written name nothing yet, found at one look."""
        if not places:
            return []
        counts = [sa.func.count(sa.case((self._open(place), 1))) for place in places]
        found = self.stage.connection.execute(sa.select(*counts).select_from(self.part.rows)).one()
        return [place for place, count in zip(places, found, strict=True) if count]

    def resolve(self, first: int, last: int) -> None:
        """Find the records of these rows; those that are still missing stay unnamed. Where there are any it ends the stage's transaction."""
        if not self.foreign:
            return
        for place in self.foreign:
            target = self._target(place)
            self._by_row(place, target, first, last)
            if len(target.key) == 1 and isinstance(stored_column(target, target.key[0]).type, sa.String) and not target.key[0].is_link:
                self._by_column(place, target, first, last)
            else:
                self._by_text(place, target, first, last)
        self.stage.connection.commit()

    def _by_row(self, place: int, target: Plan, first: int, last: int) -> None:
        """Links that point to a row of another part of the file."""
        other = next((part for part in self.stage.parts() if part.plan is target), None)
        if other is None:
            return
        rows, others = quoted(self.stage.connection, self.part.rows), quoted(self.stage.connection, other.rows)
        points = f"CAST(CASE WHEN substr(s.t{place}, 1, 1) = :mark THEN substr(s.t{place}, 2) END AS INTEGER)"
        sql = (
            f"UPDATE {rows} AS s SET c{place} = (SELECT o.record_id FROM {others} o WHERE o.row = {points}) "  # noqa: S608  # names alone
            f"WHERE s.row BETWEEN :first AND :last AND s.verdict IN ('{CREATE}', '{UPDATE}') AND {self._is_unnamed(place)}"
        )
        types = dict.fromkeys(("first", "last"), sa.BigInteger()) | {"mark": sa.String()}
        Statement(sql, types).run(self.stage.connection, {"first": first, "last": last, "mark": ROW})

    def _by_column(self, place: int, target: Plan, first: int, last: int) -> None:
        """Keys of one plain column: in one statement."""
        rows, key = quoted(self.stage.connection, self.part.rows), stored_column(target, target.key[0]).name
        sql = (
            f"UPDATE {rows} AS s SET c{place} = (SELECT r.id FROM {quoted(self.stage.connection, target.table)} r WHERE r.{key} = s.t{place}) "  # noqa: S608  # names
            f"WHERE s.row BETWEEN :first AND :last AND s.verdict IN ('{CREATE}', '{UPDATE}') AND {self._is_unnamed(place)}"
        )
        Statement(sql, dict.fromkeys(("first", "last"), sa.BigInteger())).run(self.stage.connection, {"first": first, "last": last})

    def _by_text(self, place: int, target: Plan, first: int, last: int) -> None:
        table, connection = self.part.rows, self.stage.connection
        span = table.c.row.between(first, last) & self._open(place)
        texts = set(connection.scalars(sa.select(self.part.text(place)).where(span).distinct()))
        for text, record in by_text(Session(connection), target, texts).items():
            connection.execute(table.update().where(span, self.part.text(place) == text).values({f"c{place}": record.id}))
