"""Putting work into the queue and taking it out again, in the caller's own transaction."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from backoffice.declare import clock
from backoffice.jobs.bell import Bell
from backoffice.jobs.tables import JOBS, Job, JobState
from backoffice.jobs.tasks import TASKS

_RINGS = "rings"


def register(sessions: Any) -> None:
    """Ring after the commit of these sessions: before it nobody could see the job."""
    event.listen(sessions, "after_commit", _ring)
    event.listen(sessions, "after_rollback", _forget)


def enqueue(
    session: Session | scoped_session[Any], name: str, *, subject_id: int | None = None, user_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> Job:
    """Put a job into the queue; a worker begins with it after the caller's commit.

    Where the task has a job about the same subject already, waiting or running, that one is answered.
    """
    job = Job(task=TASKS[name].name, subject_id=subject_id, user_id=user_id, payload=payload or {}, made_at=clock.now())
    session.flush()
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        return _live(session, name, subject_id) or enqueue(session, name, subject_id=subject_id, user_id=user_id, payload=payload)
    session.info.setdefault(_RINGS, []).append(job.id)
    return job


def cancel(session: Session | scoped_session[Any], job: Job) -> None:
    """Want no more of a job. One that nobody has begun ends at once, another at its next step. The caller commits."""
    waits = (JOBS.c.id == job.id) & (JOBS.c.state == JobState.QUEUED) & JOBS.c.started_at.is_(None)
    ended: Any = session.execute(update(JOBS).where(waits).values(state=JobState.CANCELLED, ended_at=clock.now(), is_cancelled=True))
    if ended.rowcount == 1:
        on_cancel = TASKS[job.task].on_cancel if job.task in TASKS else None
        if on_cancel is not None:
            on_cancel(session() if isinstance(session, scoped_session) else session, job)
    else:
        running = (JOBS.c.id == job.id) & JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING])
        session.execute(update(JOBS).where(running).values(is_cancelled=True))
    session.expire(job)


def _live(session: Session | scoped_session[Any], name: str, subject_id: int | None) -> Job | None:
    live = Job.state.in_([JobState.QUEUED, JobState.RUNNING])
    return session.scalars(select(Job).where(Job.task == name, Job.subject_id == subject_id, live)).first()


def _ring(session: Session) -> None:
    if session.in_nested_transaction():
        return
    bell: Bell = current_app.extensions["bell"]
    for job_id in session.info.pop(_RINGS, ()):
        bell.ring(job_id)


def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_RINGS, None)
