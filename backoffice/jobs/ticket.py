"""What a task holds while it works: what it is about, how far it has come, and the right to go on."""

from __future__ import annotations

import logging
import time
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, case, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, scoped_session

from backoffice.db import db, patience
from backoffice.jobs import leases
from backoffice.jobs.stopping import Stop
from backoffice.jobs.tables import JOBS, JobState

log = logging.getLogger(__name__)
SAY_EVERY_S = 1.0
SAY_PATIENCE_MS = 2_000


class Interrupted(Exception):
    """The task is to end here, and what the open transaction holds is to be rolled back."""


class Lost(Interrupted):
    """Somebody else holds the job now."""


class Cancelled(Interrupted):
    """A person wants no more of it."""


class Stopped(Interrupted):
    """The worker ends; the job goes on in the next one."""


class Ticket:
    """The right to work at one job, as long as :meth:`step` and :meth:`say` raise nothing.

    ``cursor`` is where to go on; ``person`` acts (the system where nobody asked for the job).
    """

    def __init__(self, job: Any, person: Any = None, stop: Stop | None = None) -> None:
        self.job_id: int = job.id
        self.task: str = job.task
        self.subject_id: int | None = job.subject_id
        self.user_id: int | None = job.user_id
        self.payload: dict[str, Any] = job.payload
        self.cursor: int = job.cursor
        self.done: int = job.done
        self.total: int | None = job.total
        self.is_cancelled: bool = job.is_cancelled
        self.person = person
        self.owner: str = job.owner
        self.is_lost = False
        self.moved_at = time.monotonic()  # the last sign of life, for the heartbeat
        self._stop = stop or Stop()
        self._is_last = self._is_clearing_up = False
        self._said_at = 0.0

    def step(self, connection: Connection | Session | scoped_session[Any], *, cursor: int, done: int, total: int | None = None) -> None:
        """Save how far the work of the open transaction leads, as its last statement: both are committed, or neither.

        Extends the lease. Raises :class:`Lost`, :class:`Cancelled` or :class:`Stopped`; roll back then.
        A worker that ends lets one more step through, so that its slice is not lost.
        """
        if self._is_last:
            raise Stopped
        self._is_last = self._stop.is_set()
        self._save(connection, cursor=cursor, done=done, total=total)

    def say(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, between transactions, as often as you like: it is written once a second.

        Extends the lease, and raises as :meth:`step` does. Not inside a transaction that writes: on
        SQLite the two would wait for each other.
        """
        self.check()
        self._note(done, total)
        if time.monotonic() - self._said_at < SAY_EVERY_S:
            return
        try:
            with patience(SAY_PATIENCE_MS), db.engine.begin() as connection:
                self._save(connection, cursor=None, done=done, total=total)
        except OperationalError:
            log.info("the progress of job %s was not written: the database is busy", self.job_id)
        self._said_at = time.monotonic()

    def check(self) -> None:
        """Between slices, without asking the database: raise :class:`Stopped` or :class:`Lost` where nothing is lost by it."""
        self.moved_at = time.monotonic()
        if self.is_lost:
            raise Lost
        if self._stop.is_set():
            raise Stopped

    def clear_up(self) -> None:
        """The task knows that it was cancelled and takes back what it did: from now on nothing raises :class:`Cancelled`."""
        self._is_clearing_up = True

    def _save(self, connection: Connection | Session | scoped_session[Any], *, cursor: int | None, done: int, total: int | None) -> None:
        self._note(done, total)
        values: dict[str, Any] = {"done": done, "lease_until": leases.until()}
        if total is not None:
            values["total"] = total
        if cursor is not None:
            values |= {"cursor": cursor, "attempts": case((JOBS.c.cursor < cursor, 1), else_=JOBS.c.attempts)}
        mine = (JOBS.c.id == self.job_id) & (JOBS.c.owner == self.owner) & (JOBS.c.state == JobState.RUNNING)
        if not self._is_clearing_up:
            mine &= ~JOBS.c.is_cancelled
        saved = cast("CursorResult[Any]", connection.execute(update(JOBS).where(mine).values(values)))
        if saved.rowcount != 1:
            self._give_up(connection)
        self.cursor = self.cursor if cursor is None else cursor

    def _note(self, done: int, total: int | None) -> None:
        self.moved_at = time.monotonic()
        self.done, self.total = done, self.total if total is None else total

    def _give_up(self, connection: Connection | Session | scoped_session[Any]) -> None:
        """Say why the job is not ours to go on with."""
        found = connection.execute(select(JOBS.c.owner, JOBS.c.state).where(JOBS.c.id == self.job_id)).first()
        if found is None or found.owner != self.owner or found.state != JobState.RUNNING:
            self.is_lost = True
            raise Lost
        self.is_cancelled = True
        raise Cancelled
