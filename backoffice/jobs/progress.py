"""How far a job has come, in numbers and in words for the person who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from backoffice.declare import Text, _, clock
from backoffice.jobs.tables import WORKERS, Job, JobState
from backoffice.jobs.tasks import TASKS

ALIVE = timedelta(seconds=20)
LIVE = (JobState.QUEUED, JobState.RUNNING)
TONES = {JobState.DONE: "good", JobState.FAILED: "bad", JobState.CANCELLED: "neutral"}
FAILURES = {
    "gave_up": _("It was begun several times and never got further. Show the program's log to whoever looks after it."),
    "person_left": _("The account of the person who asked for it has been closed."),
    "unknown_task": _("The worker does not know this kind of work: it runs another version of the program."),
    "unexpected": _("It is our mistake, not yours. Tell us this number: {number}"),
}


@dataclass(frozen=True)
class Progress:
    """A look at a job. ``rate``: rows a second since the present attempt began; ``ahead``: jobs that come first."""

    id: int
    state: str
    done: int
    total: int | None
    rate: float | None
    seconds_left: int | None
    worker_alive: bool
    ahead: int
    is_begun: bool
    is_cancelled: bool
    failure: str | None
    where: str | None

    @property
    def is_live(self) -> bool:
        """Whether something is still to come."""
        return self.state in LIVE

    @property
    def percent(self) -> int | None:
        """How much is done, as far as is known; 100 only when all is."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else None

    @property
    def tone(self) -> str:
        """The tone of the state."""
        return "warn" if self.is_live and (self.is_cancelled or not self.worker_alive) else TONES.get(JobState(self.state), "info")

    @property
    def title(self) -> Text:
        """The state in a few words."""
        if self.state == JobState.RUNNING:
            going = _("At work") if self.worker_alive else _("Interrupted")
            return _("Being cancelled") if self.is_cancelled and self.worker_alive else going
        if self.state == JobState.QUEUED:
            return self._waiting()
        return {JobState.DONE: _("Done"), JobState.FAILED: _("It did not work"), JobState.CANCELLED: _("Cancelled")}[JobState(self.state)]

    @property
    def rows(self) -> Text | None:
        """How many rows, once there are any."""
        if not self.done and not self.total:
            return None
        if self.total is None or self.total < self.done:
            return _("{done} rows", done=f"{self.done:,}")
        return _("{done} of {total} rows", done=f"{self.done:,}", total=f"{self.total:,}")

    @property
    def speed(self) -> Text | None:
        """How fast."""
        return None if self.rate is None else _("{count} rows a second", count=f"{round(self.rate):,}" if self.rate >= 1 else "< 1")

    @property
    def left(self) -> Text | None:
        """How long it will take, roughly."""
        if self.seconds_left is None:
            return None
        if self.seconds_left < 90:
            return _("about {count} seconds left", count=max(1, self.seconds_left))
        return _("about {count} minutes left", count=round(self.seconds_left / 60))

    @property
    def why(self) -> Text | None:
        """Why it failed."""
        if self.failure is None:
            return None
        code, _blank, number = self.failure.partition(" ")
        return FAILURES.get(code, _("A rule says no: {code}.", code=code)).format(number=number)

    def as_json(self) -> dict[str, Any]:
        """What a page asks for again and again; the texts are in the person's language."""
        texts = {"title": self.title, "rows": self.rows, "speed": self.speed, "left": self.left, "why": self.why}
        return {
            **{name: getattr(self, name) for name in ("id", "state", "done", "total", "rate", "seconds_left", "worker_alive", "ahead", "where")},
            "is_cancelled": self.is_cancelled, "percent": self.percent, "tone": self.tone,
            "texts": {name: None if text is None else str(text) for name, text in texts.items()},
        }

    def _waiting(self) -> Text:
        if not self.worker_alive:
            return _("Waits for a worker")
        if self.ahead:
            return _("Waits until {count} other jobs are done", count=self.ahead)
        return _("Goes on in a moment") if self.is_begun else _("Begins in a moment")


def progress_of(session: Session | scoped_session[Any], job: Job) -> Progress:
    """Look at a job."""
    rate = _rate(job)
    left = (job.total - job.done) / rate if rate and job.total and job.total >= job.done and job.state == JobState.RUNNING else None
    task = TASKS.get(job.task)
    where = task.where.format(id=job.id, subject_id=job.subject_id) if task is not None and task.where else None
    return Progress(
        id=job.id, state=str(job.state), done=job.done, total=job.total, rate=rate, seconds_left=None if left is None else round(left),
        worker_alive=_is_held(job) or is_a_worker_there(session), ahead=_ahead(session, job), is_begun=job.started_at is not None,
        is_cancelled=job.is_cancelled, failure=job.failure, where=where,
    )


def is_a_worker_there(session: Session | scoped_session[Any]) -> bool:
    """Whether a worker has been seen lately."""
    return count_workers(session) > 0


def count_workers(session: Session | scoped_session[Any]) -> int:
    """How many workers have been seen lately."""
    return session.scalar(select(func.count()).select_from(WORKERS).where(WORKERS.c.seen_at > clock.now() - ALIVE)) or 0


def _is_held(job: Job) -> bool:
    """Whether a worker has said lately that it is at this very job: a long write may keep it from saying more."""
    return job.state == JobState.RUNNING and job.lease_until is not None and job.lease_until > clock.now()


def _rate(job: Job) -> float | None:
    if job.attempt_at is None or job.state == JobState.QUEUED:
        return None
    end: datetime = job.ended_at or clock.now()
    seconds, rows = (end - job.attempt_at).total_seconds(), job.done - job.attempt_done
    return rows / seconds if seconds > 0 and rows > 0 else None


def _ahead(session: Session | scoped_session[Any], job: Job) -> int:
    if job.state != JobState.QUEUED:
        return 0
    return session.scalar(select(func.count()).select_from(Job).where(Job.state.in_(LIVE), Job.id < job.id)) or 0
