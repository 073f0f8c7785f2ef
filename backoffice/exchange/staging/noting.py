"""What is said about staged rows: findings that refuse them, and notices that do not."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from backoffice.declare import Text
from backoffice.exchange.mapping import Column
from backoffice.exchange.outcome import Finding
from backoffice.exchange.stage import Part, Stage
from backoffice.plan import Field

AT_ONCE = 5_000


class Notebook:
    """Collects findings about the rows of one part, and keeps them on the stage."""

    def __init__(self, stage: Stage, part: Part) -> None:
        self.stage, self.part = stage, part
        self.waiting: list[dict[str, Any]] = []

    def add(
        self, row: int, line: int, column: Column | None, value: str | None, code: str, why: Text, one: Field | None = None, *, is_notice: bool = False,
    ) -> None:
        """Say something about a cell, or about a field that has no column."""
        self.waiting.append(self._entry(column, one, code, why, is_notice=is_notice) | {"row": row, "line": line, "value": value})
        if len(self.waiting) >= AT_ONCE:
            self.write()

    def take(self, finding: Finding, *, is_notice: bool) -> None:
        """Take over what the source says of its own rows."""
        self.waiting.append({**finding.as_json(), "part": self.part.plan.name, "is_notice": is_notice})

    def write(self) -> None:
        """Put on the stage what was collected."""
        if self.waiting:
            self.stage.connection.execute(self.stage.findings.insert(), self.waiting)
            self.waiting = []

    def refuse(self, where: sa.ColumnElement[bool], column: Column | None, code: str, why: Text, one: Field | None = None) -> int:
        """Say the same of all rows that fulfill a condition; answers how many they are."""
        rows, entry = self.part.rows, self._entry(column, one, code, why, is_notice=False)
        said = [sa.literal(value, type_=self.stage.findings.c[name].type).label(name) for name, value in entry.items()]
        query = sa.select(rows.c.row, rows.c.line, *said).where(where)
        insert = self.stage.findings.insert().from_select(["row", "line", *entry], query)
        return self.stage.connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount

    def _entry(self, column: Column | None, one: Field | None, code: str, why: Text, *, is_notice: bool) -> dict[str, Any]:
        header = column.header if column else str(one.label) if one else None
        word = column.word if column else one.word if one else None
        return {"part": self.part.plan.name, "column": header, "field": word, "code": code, "message": str(why), "is_notice": is_notice}

    def refused(self) -> sa.ScalarSelect[Any]:
        """The rows that something was said against."""
        findings = self.stage.findings
        return sa.select(findings.c.row).where(findings.c.part == self.part.plan.name, ~findings.c.is_notice).scalar_subquery()


def findings(stage: Stage, *, notices: bool, most: int | None = None) -> list[Finding]:
    """What was said, by row."""
    table = stage.findings
    query = sa.select(table).where(table.c.is_notice == notices).order_by(table.c.row, table.c.id).limit(most)
    return [_finding(one) for one in stage.connection.execute(query)]


def _finding(one: Any) -> Finding:
    return Finding(one.line, one.row, one.column, one.field, one.value, one.code, one.message)
