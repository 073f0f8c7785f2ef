"""Whose job it is: taking it, keeping it, handing it on. Each is one statement, fenced by the name of the owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update
from sqlalchemy.orm import Session

from backoffice.db import db, reading
from backoffice.declare import clock
from backoffice.jobs.tables import JOBS, JobState

LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 5
"""So often a job is begun without getting any further; then it has failed."""
AT_ONCE = 20


def until() -> datetime:
    """When a lease that is taken or extended now runs out."""
    return clock.now() + LEASE


def is_due() -> ColumnElement[bool]:
    """Jobs that nobody works at and that may begin."""
    is_free = or_(JOBS.c.lease_until.is_(None), JOBS.c.lease_until <= clock.now())
    return and_(JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING]), is_free)


def claim(owner: str) -> Row[Any] | None:
    """Take the job that has waited longest; None where nothing is due. Of several who try, one gets it."""
    with reading(), db.engine.connect() as connection:
        numbers = connection.scalars(select(JOBS.c.id).where(is_due()).order_by(JOBS.c.id).limit(AT_ONCE)).all()
    for number in numbers:
        with db.engine.begin() as connection:
            if connection.execute(_taking(number, owner)).rowcount == 1:
                return connection.execute(select(JOBS).where(JOBS.c.id == number)).one()
    return None


def extend(owner: str, job_id: int) -> bool:
    """Keep the job for another while; False where it is not the owner's any more."""
    with db.engine.begin() as connection:
        return connection.execute(update(JOBS).where(_held(owner, job_id)).values(lease_until=until())).rowcount == 1


def end(session: Session | Connection, owner: str, job_id: int, state: JobState, **values: Any) -> bool:
    """Bring the job to an end; False where it is not the owner's any more. The caller commits."""
    given = {"state": state, "ended_at": clock.now(), "owner": None, "lease_until": None, **values}
    ended: Any = session.execute(update(JOBS).where(_held(owner, job_id)).values(given))
    return bool(ended.rowcount == 1)


def end_alone(owner: str, job_id: int, state: JobState, **values: Any) -> bool:
    """The same in a transaction of its own."""
    with db.engine.begin() as connection:
        return end(connection, owner, job_id, state, **values)


def give_back(owner: str, job_id: int | None = None, *, after_s: float = 0, is_attempt: bool = True) -> None:
    """Let somebody else go on with the job (with all that the owner holds), not before ``after_s`` seconds.

    ``is_attempt``: whether it counts as one that got stuck.
    """
    begin = clock.now() + timedelta(seconds=after_s) if after_s else None
    attempts = JOBS.c.attempts if is_attempt else func.coalesce(func.nullif(JOBS.c.attempts, 0), 1) - 1
    with db.engine.begin() as connection:
        connection.execute(update(JOBS).where(_held(owner, job_id)).values(state=JobState.QUEUED, owner=None, lease_until=begin, attempts=attempts))


def _taking(number: int, owner: str) -> Any:
    now = clock.now()
    return update(JOBS).where(JOBS.c.id == number, is_due()).values(
        state=JobState.RUNNING, owner=owner, lease_until=until(), attempts=JOBS.c.attempts + 1, attempt_at=now, attempt_done=JOBS.c.done,
        started_at=func.coalesce(JOBS.c.started_at, now),
    )


def _held(owner: str, job_id: int | None) -> ColumnElement[bool]:
    held = and_(JOBS.c.owner == owner, JOBS.c.state == JobState.RUNNING)
    return held if job_id is None else and_(held, JOBS.c.id == job_id)
