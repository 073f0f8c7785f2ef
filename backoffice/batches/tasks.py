"""Runs over many rows, from the press to the end: at once where they are few, else as a job that may be killed at any moment."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from backoffice.batches import choosing
from backoffice.batches.orders import Order
from backoffice.batches.tables import Batch
from backoffice.batches.working import rows_of, work
from backoffice.db import db, locking
from backoffice.declare import clock
from backoffice.declare.journal import ImportRun, RunState
from backoffice.jobs import Ticket, enqueue, periodic, task
from backoffice.jobs.tables import Job

AT_ONCE = 200
"""So many rows are done while the person waits."""
SLICE = 40
DAY_S = 24 * 3600


def begin(session: Session, person: Any, batch: Batch, order: Order) -> ImportRun:
    """Do an order to the chosen rows, at once or in the background. The caller has locked the batch, and commits."""
    run = ImportRun(
        user_id=person.id, who=str(person), resource=batch.resource, file_name=str(order.label)[:200], sha256="", encoding="", rows=batch.rows,
        state=RunState.APPLYING, options={"batch": order.as_json()}, created=0, updated=0, unchanged=0, refused=0, conflicts=0, warnings=0, receipt={},
    )
    session.add(run)
    session.flush()
    batch.run_id = run.id
    if batch.rows > AT_ONCE:
        enqueue(session, "import.batch", subject_id=run.id, user_id=person.id)
    else:
        work(session, person, order.plan, run, batch.id, rows_of(session, batch.id, 0, AT_ONCE))
        _end(run)
    session.flush()
    return run


def _end(run: ImportRun, failure: str = "") -> None:
    """What was changed stays, and can be taken back, however it ended."""
    run.ended_at = clock.now()
    run.state = RunState.APPLIED if run.updated or not failure else RunState.CANCELLED if failure == STOPPED else RunState.FAILED
    if failure:
        run.receipt = {**run.receipt, "failure": failure}


STOPPED = "stopped"


def _broken(session: Session, job: Job, code: str = STOPPED) -> None:
    run = session.get(ImportRun, job.subject_id)
    if run is not None and run.state is RunState.APPLYING:
        _end(run, code)


@task("import.batch", on_failure=_broken, on_cancel=_broken, where="/imports/{subject_id}")
def carry_out(ticket: Ticket) -> None:
    """Go on behind the cursor, slice by slice; each is committed whole, together with the cursor, so no row is done twice."""
    session = db.session()
    while _slice(session, ticket):
        pass


def _slice(session: Session, ticket: Ticket) -> bool:
    with locking():
        run = session.get_one(ImportRun, ticket.subject_id, populate_existing=True)
        batch = choosing.of_run(session, run.id)
        if run.state is not RunState.APPLYING or batch is None:
            session.rollback()
            return False
        rows = rows_of(session, batch.id, ticket.cursor, SLICE)
        if rows:
            work(session, ticket.person, current_app.extensions["plans"][run.resource], run, batch.id, rows)
            last = rows[-1].place
            ticket.step(session, cursor=last, done=last, total=batch.rows)
        else:
            _end(run)
        session.commit()
        return bool(rows)


@periodic("batches.forget", every_s=DAY_S)
def forget(_ticket: Ticket) -> None:
    """Remove what was chosen and never used, and outcomes that are a month old."""
    with locking():
        choosing.forget(db.session())
        db.session.commit()
