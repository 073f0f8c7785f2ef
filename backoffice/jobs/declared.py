"""Work that the domain declares with ``declare.periodic``, as tasks of the worker."""

from __future__ import annotations

from backoffice.db import db
from backoffice.declare.commands import PERIODIC, PeriodicSpec
from backoffice.jobs.tasks import TASKS, Run, Task
from backoffice.jobs.ticket import Ticket


def adopt() -> None:
    """Let the worker do what is declared."""
    for spec in PERIODIC.values():
        TASKS[spec.name] = Task(spec.name, _run(spec), every_s=spec.every_s)


def _run(spec: PeriodicSpec) -> Run:
    def run(ticket: Ticket) -> None:
        session = db.session()
        for done, _pause in enumerate(spec.run(session), start=1):
            session.commit()
            ticket.say(done)
        session.commit()

    return run
