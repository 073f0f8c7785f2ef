"""The undo in the background: ``enqueue(session, "import.undo", subject_id=<the run that is taken back>, user_id=…)``."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare.journal import ImportRun
from backoffice.exchange.undoing import runs, work
from backoffice.jobs import Ticket, task
from backoffice.jobs.tables import Job


def _gave_up(session: Session, job: Job, _code: str = "") -> None:
    """What was reversed stays so; the rest may be asked for again."""
    run = session.get(ImportRun, job.subject_id)
    begun = runs.opened(session, run) if run is not None else None
    if run is not None and begun is not None:
        runs.close(session, run, begun, is_whole=False)


@task("import.undo", on_failure=_gave_up, on_cancel=_gave_up, where="/imports/{subject_id}")
def undo_import(ticket: Ticket) -> None:
    """Work off the undo that :func:`runs.begin` has written down."""
    run = db.session.get(ImportRun, ticket.subject_id)
    if run is not None and runs.opened(db.session(), run) is not None:
        work.carry_on(ticket.person or SYSTEM, run, ticket.step)
