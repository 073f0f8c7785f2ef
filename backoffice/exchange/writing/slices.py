"""Writes the staged rows of one noun slice by slice: each slice, its trail and the cursor of the job are one transaction.

A slice is a range of row numbers. Rows without a rule go set by set, the others one by one. Rows
that link to a row of their own noun which the file makes come last, parents before children.
"""

from __future__ import annotations

import graphlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import DataError, IntegrityError

from backoffice.exchange.options import Options
from backoffice.exchange.stage import CREATE, REFUSE, UPDATE, Part, Stage
from backoffice.exchange.staging.noting import Notebook
from backoffice.exchange.writing.bulk import Bulk
from backoffice.exchange.writing.conflicts import Conflicts
from backoffice.exchange.writing.journal import NotBulk
from backoffice.exchange.writing.linking import Links
from backoffice.exchange.writing.names import Index, Names
from backoffice.exchange.writing.one_by_one import OneByOne, Refusal
from backoffice.exchange.writing.pace import LEAST, Pace
from backoffice.exchange.writing.sessions import session_on, transaction


class Step(Protocol):
    """Saves how far the work has come, inside the transaction of a slice."""

    def __call__(self, connection: Connection, *, cursor: int, done: int) -> None:
        """Save it, or raise to have the slice taken back."""


def nothing() -> None:
    """What is done between slices where nothing is to be done."""


class Refusing(Exception):
    """Rows are refused, and the file is to be written whole or not at all."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(f"{len(refusals)} rows are refused")
        self.refusals = refusals


@dataclass(frozen=True)
class Order:
    """For whom, how and as which run the rows are written; what is done ``between`` two slices, outside transactions."""

    person: Any
    options: Options
    run_id: int | None
    step: Step
    between: Callable[[], None] = nothing


class PartWriter:
    """Writes the rows of one noun. ``offset``: the cursor before its first row."""

    def __init__(self, stage: Stage, part: Part, order: Order, offset: int, pace: Pace) -> None:
        self.stage, self.part, self.order, self.offset, self.pace = stage, part, order, offset, pace
        self.connection, self.rows = stage.connection, part.rows.alias("s")
        self.links = Links(stage, part)
        self.is_open = self.rows.c.verdict.in_((CREATE, UPDATE))
        self.last: int = self._scalar(sa.func.max(self.rows.c.row)) or 0
        self.bulk, self.single = self._bulk()
        self.conflicts = Conflicts(stage, part, order.options, order.run_id)
        self.late = self._late()
        self.has_singles = self.bulk is None or bool(self.links.used) or self._is_any(self._is(self.single))
        self.names = Names()

    @property
    def length(self) -> int:
        """How many places of the cursor the part takes."""
        return self.last + len(self.late)

    def _bulk(self) -> tuple[Bulk | None, str]:
        """The statements for many rows, if there can be any, and which rows (``s``) they do not write."""
        counted = [place for place, one in enumerate(self.part.mapped.columns) if one.field.numbered]
        blank = [f"(s.verdict = '{CREATE}' AND s.c{place} IS NULL)" for place in counted]
        single = " OR ".join(["s.is_ruled", *self.links.unnamed, *blank])
        changed = self.connection.scalars(sa.select(self.rows.c.changed).where(self.rows.c.verdict == UPDATE).distinct()).all()
        try:
            return Bulk(self.stage, self.part, changed, f"NOT ({single})"), single
        except NotBulk:
            return None, "TRUE"

    def _late(self) -> list[int]:
        """The rows that wait for a row of their own noun, in the order in which they can be written.

        Whatever has become of them: after a crash the order is the same.
        """
        if not self.links.own:
            return []
        late = sa.literal_column(f"({' OR '.join(self.links.own.values())})", sa.Boolean)
        numbers = [self.rows.c.row, *(self.rows.c[f"t{place}"] for place in self.links.own)]
        waiting = self.connection.execute(sa.select(*numbers).where(late).order_by(self.rows.c.row)).all()
        if not waiting:
            return []
        index = Index(self.stage, self.part, self.part.rows.c.row.in_([row[0] for row in waiting]))
        needs = {row[0]: [found for text in row[1:] if text and (found := index.find(text)) not in (None, row[0])] for row in waiting}
        try:
            return list(graphlib.TopologicalSorter(needs).static_order())
        except graphlib.CycleError:  # rows that wait for each other cannot be written; each says so
            return list(needs)

    def run(self, cursor: int) -> None:
        """Write what lies behind the cursor (of this part). Raises :class:`Refusing`."""
        if cursor:
            self._recall(cursor)
        at = min(cursor, self.last)
        while at < self.last:
            at = self._slice(at)
        place = max(cursor - self.last, 0)
        while place < len(self.late):
            place = self._late_slice(place)

    def _recall(self, cursor: int) -> None:
        waits = " OR ".join(self.links.own.values()) or "FALSE"
        self.connection.rollback()
        self.conflicts.recall(min(cursor, self.last), f"NOT ({waits})")
        self.connection.commit()

    def _slice(self, at: int) -> int:
        """Write some rows behind a place; answers the new place."""
        first = at + 1
        last = self._bounded(at, self.last, sa.true(), self.pace.rows if self.bulk else self.pace.singles)
        self.links.resolve(first, last)
        if self.has_singles:
            last = self._bounded(at, last, self._is(self.single), self.pace.singles)
        rows = self._count(first, last)
        self.connection.rollback()
        try:
            self._write(first, last, rows, is_bulk=True)
        except (IntegrityError, DataError):
            if rows > LEAST and self.bulk:
                self.pace.failed(rows)
                return at
            self._write(first, last, rows, is_bulk=False)
        return last

    def _write(self, first: int, last: int, rows: int, *, is_bulk: bool) -> None:
        begun = time.monotonic()
        with transaction(self.connection):
            begun = time.monotonic()
            self.conflicts.set_aside(first, last)
            if self.bulk is not None and is_bulk:
                self.bulk.write(first, last)
            singles = self._singles(first, last, is_bulk=is_bulk)
            self._write_singles(singles)
            self.order.step(self.connection, cursor=self.offset + last, done=self.offset + last)
        self.pace.took(time.monotonic() - begun, rows - len(singles), len(singles))
        self.order.between()

    def _singles(self, first: int, last: int, *, is_bulk: bool) -> Sequence[RowMapping]:
        """The rows of a slice that are written one by one."""
        if is_bulk and not self.has_singles:
            return ()
        among = self.rows.c.row.between(first, last) & ~self._is_late
        return self._staged(among & self._is(self.single) if is_bulk else among)

    def _late_slice(self, place: int) -> int:
        """The same for rows that wait for others of their noun."""
        numbers = self.late[place:place + self.pace.singles]
        with transaction(self.connection):
            begun = time.monotonic()
            for number in numbers:
                self.conflicts.set_aside(number, number)
            order = {number: at for at, number in enumerate(numbers)}
            staged = sorted(self._staged(self.rows.c.row.in_(numbers)), key=lambda row: order[row["row"]])
            for row in staged:  # one after the other: a child asks for its parent
                self._write_singles([row])
            cursor = self.offset + self.last + place + len(numbers)
            self.order.step(self.connection, cursor=cursor, done=cursor)
        self.pace.took(time.monotonic() - begun, 0, len(numbers))
        self.order.between()
        return place + len(numbers)

    def _write_singles(self, rows: Sequence[RowMapping]) -> None:
        if not rows:
            return
        self.names.made.clear()  # they belong to the session of the slice
        with session_on(self.connection, self.order.person, self.order.run_id) as session:
            writer = OneByOne(session, self.part, self.order.person, self.names)
            writer.write(rows)
        if writer.refusals and not self.order.options.skip_invalid:
            raise Refusing(writer.refusals)
        self._mark_written([(number, record.id) for number, record in writer.written.items()])
        refuse(self.stage, self.part, writer.refusals)

    def _mark_written(self, written: Iterable[tuple[int, int]]) -> None:
        table = self.part.rows
        if values := [{"number": number, "record": record} for number, record in written]:
            mark = table.update().where(table.c.row == sa.bindparam("number")).values(applied=True, record_id=sa.bindparam("record"))
            self.connection.execute(mark, values)

    def _staged(self, where: sa.ColumnElement[bool]) -> Sequence[RowMapping]:
        query = self.rows.select().where(self.is_open, where).order_by(self.rows.c.row)
        return self.connection.execute(query).mappings().all()

    def _bounded(self, at: int, last: int, where: sa.ColumnElement[bool], most: int) -> int:
        """The last row of a slice that takes at most so many of certain rows."""
        query = sa.select(self.rows.c.row).where(self.rows.c.row.between(at + 1, last), self.is_open, where).order_by(self.rows.c.row)
        beyond: int | None = self.connection.scalar(query.limit(1).offset(most))
        return last if beyond is None else max(beyond - 1, at + 1)

    def _count(self, first: int, last: int) -> int:
        return self._scalar(sa.func.count(), self.rows.c.row.between(first, last) & self.is_open) or 0

    def _is_any(self, where: sa.ColumnElement[bool]) -> bool:
        return bool(self.connection.scalar(sa.select(sa.exists(sa.select(self.rows.c.row).where(self.is_open, where)))))

    def _scalar(self, what: Any, where: sa.ColumnElement[bool] | None = None) -> Any:
        query = sa.select(what).select_from(self.rows)
        return self.connection.scalar(query if where is None else query.where(where))

    @property
    def _is_late(self) -> sa.ColumnElement[bool]:
        return self._is(" OR ".join(self.links.own.values()) or "FALSE")

    @staticmethod
    def _is(sql: str) -> sa.ColumnElement[bool]:
        return sa.literal_column(f"({sql})", sa.Boolean)


def refuse(stage: Stage, part: Part, refusals: Sequence[Refusal]) -> None:
    """Write refusals on the stage, in the open transaction."""
    if not refusals:
        return
    notes = Notebook(stage, part)
    for one in refusals:
        place = part.place(one.field) if one.field else None
        column = part.mapped.columns[place] if place is not None else None
        notes.add(one.row, one.line, column, one.value, one.code, one.why, one.field)
    notes.write()
    stage.connection.execute(part.rows.update().where(part.rows.c.row.in_([one.row for one in refusals])).values(verdict=REFUSE))
