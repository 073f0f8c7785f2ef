"""Writes a stored plan: noun by noun, slice by slice, from wherever the cursor stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.audit.context import circumstances
from backoffice.db import db, locking
from backoffice.declare.journal import ImportRun, Source
from backoffice.exchange.options import Options
from backoffice.exchange.stage import CREATE, DECIDE, REFUSE, UPDATE, Stage
from backoffice.exchange.writing.pace import Pace
from backoffice.exchange.writing.parking import park, unpark
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
    with circumstances(source=Source.IMPORT, action=None, run_id=run_id), roomy(stage.connection):
        if not options.skip_invalid and cursor and _count(stage, REFUSE):
            return _taken_back(stage, person, step, run_id, cursor, pace)
        for part in stage.parts():
            writer = PartWriter(stage, part, Order(person, options, run_id, step), offset, pace)
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
            stage.connection.execute(sa.text(f"ANALYZE {quoted(stage.connection, part.rows)}"))
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
    unpark(stage)
    created, updated = (0, 0) if is_taken_back else (_count(stage, CREATE, is_applied=True), _count(stage, UPDATE, is_applied=True))
    outcome = Applied(created, updated, _count(stage, REFUSE), _count(stage, DECIDE), pace.longest, is_taken_back)
    stage.connection.rollback()
    return outcome


def _count(stage: Stage, verdict: str, *, is_applied: bool = False) -> int:
    total = 0
    for part in stage.parts():
        rows = part.rows.c
        query = sa.select(sa.func.count()).select_from(part.rows).where(rows.verdict == verdict)
        total += stage.connection.scalar(query.where(rows.applied) if is_applied else query) or 0
    return total
