"""What is done every minute besides the jobs: work that comes round by itself is queued, old traces are removed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backoffice.db import db, reading
from backoffice.declare import clock
from backoffice.jobs.tables import JOBS, WORKERS, JobState
from backoffice.jobs.tasks import TASKS, Task, periodic
from backoffice.jobs.ticket import Ticket

NOTHING = 0
"""The subject of what comes round by itself: it has one job, used again and again."""
ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
KEPT, FORGOTTEN = timedelta(days=90), timedelta(days=1)
LOOKED_AT = 1_000
"""From how many entries of an index SQLite tells how well it selects; a million take a fraction of a second."""


def sweep() -> None:
    """Queue what is due again."""
    for task in TASKS.values():
        if task.every_s is not None:
            _come_round(task, task.every_s)


def _come_round(task: Task, every_s: int) -> None:
    mine = (JOBS.c.task == task.name) & (JOBS.c.subject_id == NOTHING)
    with reading(), db.engine.connect() as connection:
        found = connection.execute(select(JOBS.c.id, JOBS.c.state, JOBS.c.ended_at).where(mine).order_by(JOBS.c.id.desc())).first()
    if found is None:
        _begin(task)
    elif found.state in ENDED and found.ended_at + timedelta(seconds=every_s) <= clock.now():
        again = {"state": JobState.QUEUED, "cursor": 0, "done": 0, "total": None, "attempts": 0, "is_cancelled": False, "failure": None,
                 "started_at": None, "ended_at": None}
        with db.engine.begin() as connection:
            connection.execute(update(JOBS).where(JOBS.c.id == found.id, JOBS.c.state == found.state).values(again))


def _begin(task: Task) -> None:
    first = {"task": task.name, "subject_id": NOTHING, "payload": {}, "state": JobState.QUEUED, "cursor": 0, "done": 0, "attempts": 0,
             "attempt_done": 0, "is_cancelled": False, "made_at": clock.now()}
    try:
        with db.engine.begin() as connection:
            connection.execute(insert(JOBS).values(first))
    except IntegrityError:
        return  # another worker was faster


@periodic("jobs.forget", every_s=24 * 3600)
def forget(ticket: Ticket) -> None:
    """Jobs that ended three months ago, and workers that were not seen for a day, are forgotten."""
    now = clock.now()
    with db.engine.begin() as connection:
        connection.execute(delete(JOBS).where(JOBS.c.state.in_(ENDED), JOBS.c.ended_at < now - KEPT, JOBS.c.subject_id.is_distinct_from(NOTHING)))
        connection.execute(delete(WORKERS).where(WORKERS.c.seen_at < now - FORGOTTEN))


@periodic("jobs.analyze", every_s=24 * 3600)
def analyze(ticket: Ticket) -> None:
    """SQLite looks how its indexes are filled, to choose the right one for a list; PostgreSQL does so by itself."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
            connection.exec_driver_sql("ANALYZE")
