"""Writes a stored plan: noun by noun, slice by slice, from wherever the cursor stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.audit.context import circumstances
from backoffice.db import db, locking
from backoffice.declare.journal import ImportRun, Source
from backoffice.exchange.options import Options
from backoffice.exchange.stage import CREATE, DECIDE, REFUSE, UPDATE, Stage
from backoffice.exchange.writing.engines import tuned
from backoffice.exchange.writing.pace import Pace
from backoffice.exchange.writing.parking import PARKED, park, unpark
from backoffice.exchange.writing.sessions import roomy
from backoffice.exchange.writing.slices import Order, PartWriter, Refusing, Step, refuse
from backoffice.exchange.writing.statements import quoted


@dataclass(frozen=True)
class Applied:
    """What has become of the rows. ``is_taken_back``: a row was refused while writing, so nothing of the file stays."""

    created: int
    updated: int
    refused: int
    conflicts: int
    longest: float = 0.0
    is_taken_back: bool = False


def no_step(connection: Connection, *, cursor: int, done: int) -> None:
    """The step of work that nobody watches."""


def apply(stage: Stage, person: Any, options: Options, step: Step = no_step, *, run_id: int, cursor: int = 0, pace: Pace | None = None) -> Applied:
    """Write what lies behind the cursor, and say what the whole run has come to.

    Each slice ends with ``step`` inside its transaction; what that raises takes the slice back and is
    raised on. Without ``skip_invalid`` a row that is refused now takes back all that the run wrote.
    """
    pace, offset = pace or Pace.on(stage.connection.dialect.name), 0
    _learn(stage)
    if not cursor:
        park(stage, run_id)
    with circumstances(source=Source.IMPORT, action=None, run_id=run_id), roomy(stage.connection), tuned(stage.connection) as log:
        if not options.skip_invalid and cursor and _is_any_refused(stage):
            return _taken_back(stage, person, step, run_id, cursor, pace)
        for part in stage.parts():
            writer = PartWriter(stage, part, Order(person, options, run_id, step, log.settle), offset, pace)
            if cursor < offset + writer.length:
                try:
                    writer.run(max(cursor - offset, 0))
                except Refusing as error:
                    stage.connection.rollback()
                    refuse(stage, part, error.refusals)
                    stage.connection.commit()
                    return _taken_back(stage, person, step, run_id, cursor, pace)
            offset += writer.length
    return _outcome(stage, pace)


def _learn(stage: Stage) -> None:
    """Let PostgreSQL see how much waits on the stage, else it may read whole tables for every slice."""
    if not stage.is_sqlite:
        for part in stage.parts():
            stage.connection.execute(sa.text(f"ANALYZE {quoted(stage.connection, part.rows)} (row, verdict, record_id)"))
        stage.connection.commit()


def length(stage: Stage, person: Any, options: Options) -> int:
    """How far the cursor goes in all."""
    order = Order(person, options, None, no_step)
    return sum(PartWriter(stage, part, order, 0, Pace()).length for part in stage.parts())


def _taken_back(stage: Stage, person: Any, step: Step, run_id: int, cursor: int, pace: Pace) -> Applied:
    """Take back what was written; the cursor of the job stays, so that it comes here again after a crash."""
    from backoffice.exchange.undoing import take_back  # noqa: PLC0415  # its tasks need the queue, which loads late

    def keep(connection: Any, /, *, cursor: int, done: int, total: int | None = None) -> None:
        step(connection, cursor=at, done=done)

    at = max(cursor, 1)
    stage.connection.rollback()
    run = db.session.get(ImportRun, run_id)
    if run is not None:
        with locking():
            take_back(person, run, keep)
    return _outcome(stage, pace, is_taken_back=True)


def _outcome(stage: Stage, pace: Pace, *, is_taken_back: bool = False) -> Applied:
    created, updated, refused, conflicts, parked = _counts(stage)
    if parked:
        unpark(stage)
        created, updated, refused, conflicts, _none = _counts(stage)
    stage.connection.rollback()
    if is_taken_back:
        created = updated = 0
    return Applied(created, updated, refused, conflicts, pace.longest, is_taken_back)


def _counts(stage: Stage) -> Sequence[int]:
    """What was created, updated, refused, is to be decided, and stands aside: at one look at each part."""
    found = [stage.connection.execute(sa.select(*_counted(part.rows)).select_from(part.rows)).one() for part in stage.parts()]
    return [sum(some) for some in zip(*found, strict=True)]


def _counted(rows: sa.Table) -> list[sa.ColumnElement[int]]:
    verdict = rows.c.verdict
    kinds = (
        rows.c.applied & (verdict == CREATE), rows.c.applied & (verdict == UPDATE), verdict == REFUSE, verdict == DECIDE, verdict.in_(PARKED.values()),
    )
    return [sa.func.count(sa.case((kind, 1))) for kind in kinds]


def _is_any_refused(stage: Stage) -> bool:
    return any(stage.connection.scalar(sa.select(sa.exists().where(part.rows.c.verdict == REFUSE))) for part in stage.parts())
