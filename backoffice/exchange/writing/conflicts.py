"""Rows that no longer fit what is stored: somebody changed the record since the plan was made, or made it meanwhile.

Such rows are set aside to be decided, they alone; a change that this very run has made is none.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from backoffice.declare.journal import AuditEntry, Deed
from backoffice.exchange.options import Options
from backoffice.exchange.stage import CREATE, DECIDE, UPDATE, Part, Stage, stored_column
from backoffice.exchange.writing.statements import Statement, quoted


class Conflicts:
    """Finds them among the rows of one noun."""

    def __init__(self, stage: Stage, part: Part, options: Options, run_id: int | None) -> None:
        self.connection, self.part, self.plan, self.options = stage.connection, part, part.plan, options
        self.rows, self.table = quoted(stage.connection, part.rows), quoted(stage.connection, part.plan.table)
        self.audit = quoted(stage.connection, AuditEntry.__table__)
        self.fixed = {"run": run_id, "resource": part.plan.name}
        self.statements = [self._changed(), self._made()]
        if stage.connection.dialect.name != "sqlite":
            self.statements.insert(0, self._locked())

    def set_aside(self, first: int, last: int) -> None:
        """Mark those of a range; what remains is locked until the end of the transaction."""
        for one in self.statements:
            one.run(self.connection, {"first": first, "last": last})

    def _statement(self, sql: str) -> Statement:
        types = dict.fromkeys(("first", "last", "run"), sa.BigInteger()) | {"resource": sa.String()}
        return Statement(sql, types, self.fixed)

    def _locked(self) -> Statement:
        """On SQLite the whole database is locked already."""
        return self._statement(
            f"SELECT count(*) FROM (SELECT 1 FROM {self.table} r JOIN {self.rows} s ON s.record_id = r.id "  # noqa: S608  # names alone
            f"WHERE s.row BETWEEN :first AND :last AND s.verdict = '{UPDATE}' ORDER BY r.id FOR UPDATE OF r) locked",
        )

    def _changed(self) -> Statement:
        own = (
            f"SELECT count(*) FROM {self.audit} a WHERE a.resource = :resource AND a.record_id = s.record_id "  # noqa: S608  # names alone
            "AND a.run_id = :run AND a.record_version > s.record_version"
        )
        return self._statement(
            f"UPDATE {self.rows} AS s SET verdict = '{DECIDE}' WHERE s.row BETWEEN :first AND :last AND s.verdict = '{UPDATE}' "  # noqa: S608  # names
            f"AND NOT EXISTS (SELECT 1 FROM {self.table} r WHERE r.id = s.record_id "
            f"AND (r.version = s.record_version OR r.version - s.record_version = ({own})))",
        )

    def _made(self) -> Statement:
        return self._statement(
            f"UPDATE {self.rows} AS s SET verdict = '{DECIDE}' WHERE s.row BETWEEN :first AND :last AND s.verdict = '{CREATE}' "  # noqa: S608  # names
            f"AND EXISTS (SELECT 1 FROM {self.table} r WHERE {self.same_key})",
        )

    @property
    def same_key(self) -> str:
        """Whether a stored record (``r``) has the key of a staged row (``s``)."""
        return " AND ".join(self._same_parts()) or "FALSE"

    def _same_parts(self) -> Iterator[str]:
        for one in self.options.keys(self.plan):
            name = self.connection.dialect.identifier_preparer.quote(stored_column(self.plan, one).name)
            stored, place = f"r.{name}", self.part.place(one)
            if place is None:
                yield f"{stored} IS NULL"
            elif one.nullable:
                yield f"({stored} = s.c{place} OR ({stored} IS NULL AND s.c{place} IS NULL))"
            else:
                yield f"{stored} = s.c{place}"

    def recall(self, last: int, where: str) -> None:
        """After a crash: what the rows up to the cursor have come to, by the trail. The stage may lack the last slice."""
        made = (
            f"SELECT r.id FROM {self.table} r JOIN {self.audit} a ON a.resource = :resource AND a.record_id = r.id "  # noqa: S608  # names
            f"AND a.run_id = :run AND a.deed = '{Deed.CREATE.value}' WHERE {self.same_key} LIMIT 1"
        )
        told = f"SELECT 1 FROM {self.audit} a WHERE a.resource = :resource AND a.record_id = s.record_id AND a.run_id = :run"  # noqa: S608  # names
        lost = f"s.row BETWEEN :first AND :last AND NOT s.applied AND ({where})"
        for sql in (
            f"UPDATE {self.rows} AS s SET applied = FALSE WHERE s.row > :last AND s.applied",  # noqa: S608  # names alone
            f"UPDATE {self.rows} AS s SET record_id = ({made}) WHERE {lost} AND s.verdict = '{CREATE}'",  # noqa: S608  # names
            f"UPDATE {self.rows} AS s SET applied = TRUE WHERE {lost} AND s.verdict IN ('{CREATE}', '{UPDATE}') AND EXISTS ({told})",  # noqa: S608  # names
            f"UPDATE {self.rows} AS s SET verdict = '{DECIDE}' WHERE {lost} AND s.verdict IN ('{CREATE}', '{UPDATE}')",  # noqa: S608  # names
        ):
            self._statement(sql).run(self.connection, {"first": 1, "last": last})
