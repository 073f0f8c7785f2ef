"""What the queue remembers. The table is the truth; the doorbell only says that there is something to do."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base
from backoffice.declare.columns import Utc


class JobState(enum.StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = "state IN ('queued', 'running')"


class Job(Base):
    """One piece of work. Whoever holds its lease does it; a lease that ran out is taken by another worker.

    ``task`` names the function, ``subject_id`` what it is about (an import run, an export); ``cursor``
    is how far it has been written, committed together with what it stands for. A queued job is not
    begun before ``lease_until``. ``attempts`` counts since the cursor moved last, ``attempt_at`` and
    ``attempt_done`` say when and where the present attempt began. At one time a task has one job
    about a subject.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("one_job_at_a_time", "task", "subject_id", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column()
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default=JobState.QUEUED, index=True)
    cursor: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None] = mapped_column()
    attempts: Mapped[int] = mapped_column(default=0)
    attempt_at: Mapped[datetime | None] = mapped_column(Utc())
    attempt_done: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Utc())
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    failure: Mapped[str | None] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(Utc())
    started_at: Mapped[datetime | None] = mapped_column(Utc())
    ended_at: Mapped[datetime | None] = mapped_column(Utc())


JOBS: Table = Job.__table__  # type: ignore[assignment]  # a declared class has a plain table


class Worker(Base):
    """A process that does jobs; it says every few seconds that it is alive."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Utc())
    seen_at: Mapped[datetime] = mapped_column(Utc(), index=True)


WORKERS: Table = Worker.__table__  # type: ignore[assignment]  # as above
