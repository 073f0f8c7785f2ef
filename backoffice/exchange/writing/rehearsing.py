"""Tries rows out: writes them with every rule, in slices that are taken back, and says what was refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping

from backoffice.exchange.stage import CREATE, UPDATE, Part, Stage
from backoffice.exchange.writing.names import Index, Names
from backoffice.exchange.writing.one_by_one import OneByOne, Refusal
from backoffice.exchange.writing.pace import Pace
from backoffice.exchange.writing.rules import is_tried
from backoffice.exchange.writing.sessions import session_on, transaction

Needed = dict[str, dict[int, RowMapping]]
"""Rows by the noun that they make and their number, those first that others need."""


def rehearse(
    stage: Stage, part: Part, person: Any, run_id: int | None = None, where: sa.ColumnElement[bool] | None = None, pace: Pace | None = None,
    say: Callable[[int, int | None], None] | None = None,
) -> Iterator[Refusal]:
    """What the rules say against the rows that they may refuse (of those that fulfill a condition). Ends the stage's transaction.

    A row that links to a row of the same file is tried out together with it. ``say`` is told between slices how far it is.
    """
    yield from Rehearsal(stage, part, person, run_id, pace or Pace.on(stage.connection.dialect.name)).run(sa.true() if where is None else where, say)


class Rehearsal:
    """Tries out the rows of one noun."""

    def __init__(self, stage: Stage, part: Part, person: Any, run_id: int | None, pace: Pace) -> None:
        self.stage, self.part, self.person, self.run_id, self.pace = stage, part, person, run_id, pace
        self.indexes: dict[str, Index] = {}
        self.parts = stage.parts()

    def run(self, where: sa.ColumnElement[bool], say: Callable[[int, int | None], None] | None = None) -> Iterator[Refusal]:
        """Slice by slice."""
        rows, last, done = self.part.rows, 0, 0
        query = rows.select().where(is_tried(self.part, self.person), rows.c.verdict.in_((CREATE, UPDATE)), where).order_by(rows.c.row)
        total = self.stage.connection.scalar(sa.select(sa.func.count()).select_from(query.subquery())) if say is not None else None
        while some := self.stage.connection.execute(query.where(rows.c.row > last).limit(self.pace.singles)).mappings().all():
            yield from self._tried(some)
            last, done = some[-1]["row"], done + len(some)
            if say is not None:
                say(done, total)

    def _tried(self, rows: Sequence[RowMapping]) -> list[Refusal]:
        needed = self._needed(rows)
        with transaction(self.stage.connection, is_kept=False):
            begun = time.monotonic()
            with session_on(self.stage.connection, self.person, self.run_id) as session:
                names = Names()
                writer = OneByOne(session, self.part, self.person, names)
                for part in self.parts:
                    first = writer if part is self.part else OneByOne(session, part, self.person, names)
                    for some in _in_order(part, list(needed.get(part.plan.name, {}).values())):
                        first.write(some)
                tried = needed.get(self.part.plan.name, {})
                writer.write([row for row in rows if row["row"] not in tried])
        self.pace.took(time.monotonic() - begun, 0, len(rows))
        asked = {row["row"] for row in rows}
        return [one for one in writer.refusals if one.row in asked]

    def _needed(self, rows: Sequence[RowMapping]) -> Needed:
        found: Needed = {}
        for row in rows:
            self._collect(self.part, row, found, frozenset())
        return found

    def _collect(self, part: Part, row: RowMapping, found: Needed, above: frozenset[tuple[str, int]]) -> None:
        """The rows of the file that a row links to, and those that they link to, deepest first."""
        for place, column in enumerate(part.mapped.columns):
            target = column.field.target
            if target is None or row[f"c{place}"] is not None or not row[f"t{place}"]:
                continue
            other = next((one for one in self.parts if one.plan.model is target), None)
            number = self._index(other).find(row[f"t{place}"]) if other else None
            if other is None or number is None or (other.plan.name, number) in above or number in found.get(other.plan.name, {}):
                continue
            parent = self.stage.connection.execute(other.rows.select().where(other.rows.c.row == number)).mappings().one()
            self._collect(other, parent, found, above | {(part.plan.name, row["row"])})
            found.setdefault(other.plan.name, {})[number] = parent

    def _index(self, part: Part) -> Index:
        if part.plan.name not in self.indexes:
            self.indexes[part.plan.name] = Index(self.stage, part, part.rows.c.verdict == CREATE)
        return self.indexes[part.plan.name]


def _in_order(part: Part, rows: list[RowMapping]) -> Iterator[list[RowMapping]]:
    """The rows at once; of a noun that links to itself one after the other, as they are needed."""
    if any(column.field.target is part.plan.model for column in part.mapped.columns):
        yield from ([row] for row in rows)
    elif rows:
        yield rows
