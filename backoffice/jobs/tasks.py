"""What a worker can do: functions marked with ``@task``, and those that come round by themselves with ``@periodic``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backoffice.jobs.tables import Job
from backoffice.jobs.ticket import Ticket

Run = Callable[[Ticket], None]
OnFailure = Callable[[Session, Job, str], None]
OnCancel = Callable[[Session, Job], None]
PATIENCE_S = 600
"""How long a task may be silent before its worker takes it for hung."""


@dataclass(frozen=True)
class Task:
    """A function that works off jobs of one name.

    ``on_failure(session, job, code)`` and ``on_cancel(session, job)`` run in the transaction that ends
    the job. ``where`` is the address to go on to, with ``{subject_id}`` and ``{id}``. ``every_s``: seconds
    from the end of one job to the next, for what comes round by itself.
    """

    name: str
    run: Run
    on_failure: OnFailure | None = None
    on_cancel: OnCancel | None = None
    where: str | None = None
    patience_s: int = PATIENCE_S
    every_s: int | None = None


TASKS: dict[str, Task] = {}
"""Every task, by name."""


def task(name: str, **options: Any) -> Callable[[Run], Run]:
    """Mark a function as the one that does the jobs of this name; options as in :class:`Task`.

    It may be ended at any moment and begun again: it goes on at ``ticket.cursor``.
    """

    def keep(run: Run) -> Run:
        TASKS[name] = Task(name, run, **options)
        return run

    return keep


def periodic(name: str, every_s: int, **options: Any) -> Callable[[Run], Run]:
    """Mark a function that one of the workers does again and again, as nobody: ``ticket.person`` is the system."""
    return task(name, every_s=every_s, **options)
