"""The two tasks of an import: a file is planned, a plan is written. Each may be killed at any moment and begun again."""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.access import SYSTEM
from backoffice.db import db, locking, writing
from backoffice.declare import _, clock
from backoffice.declare.journal import AuditEntry, Deed, ImportRun, RunState
from backoffice.exchange import preparing, running, runs, undoing
from backoffice.exchange import stage as stages
from backoffice.exchange.lifecycle import nouns
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.preparing import Target
from backoffice.exchange.writing.applying import apply
from backoffice.jobs import Cancelled, Ticket, task
from backoffice.jobs.tables import Job


def _failed(session: Session, job: Job, code: str = "") -> None:
    """A plan that came to nothing has written nothing; what was written before a failure stays to be taken back."""
    run = session.get(ImportRun, job.subject_id)
    if run is not None:
        run.state = RunState.FAILED if code else RunState.CANCELLED
        run.receipt = {**run.receipt, "failure": code} if code else run.receipt
        run.ended_at = clock.now()
        if code and job.task == "import.apply":
            run.created, run.updated = _written(session, run)


def _written(session: Session, run: ImportRun) -> tuple[int, int]:
    """How many records the trail knows to be made and changed by a run that broke off."""
    entries = sa.select(sa.func.max(sa.case((AuditEntry.deed == Deed.CREATE, 1), else_=0)).label("is_new")).where(
        AuditEntry.run_id == run.id, AuditEntry.resource.in_([plan.name for plan in nouns(run)]), AuditEntry.deed.in_((Deed.CREATE, Deed.UPDATE)),
    )
    records = entries.group_by(AuditEntry.resource, AuditEntry.record_id).subquery()
    count, created = session.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(records.c.is_new), 0)).select_from(records)).one()
    return int(created), int(count - created)


def _cancelled(session: Session, job: Job) -> None:
    _failed(session, job)


@task("import.plan", on_failure=_failed, on_cancel=_cancelled, where="/imports/{subject_id}")
def plan(ticket: Ticket) -> None:
    """Stage and judge the file of a run."""
    run, target, options = _run(ticket, RunState.PLANNING)
    if run is None:
        return
    try:
        with stages.opened(run.id) as stage:
            table = running.opened(target, runs.file_of(run), options)
            receipt = running.plan_on(stage, ticket.person or SYSTEM, target, table, options, ticket.say)
    except Unreadable as problem:
        with writing():
            kept = _again(run.id)
            kept.state, kept.ended_at = RunState.FAILED, clock.now()
            kept.receipt = {"failure": problem.code, "message": str(problem)}
        return
    with writing():
        kept = _again(run.id)
        kept.state = RunState.PLANNED
        running.keep(kept, receipt)
        ticket.step(db.session(), cursor=receipt.rows, done=receipt.rows)  # somebody else may have the job by now


@task("import.apply", on_failure=_failed, on_cancel=_cancelled, where="/imports/{subject_id}")
def write(ticket: Ticket) -> None:
    """Write the plan of a run, from wherever the cursor stands; cancelled, it takes back what it wrote."""
    run, _target, options = _run(ticket, RunState.APPLYING)
    if run is None:
        return
    with stages.opened(run.id) as stage:
        try:
            ticket.check()
            if ticket.is_cancelled:
                raise Cancelled  # the worker that took it back was killed meanwhile
            step = functools.partial(ticket.step, total=_length(stage))
            applied = apply(stage, ticket.person or SYSTEM, options, step, run_id=run.id, cursor=ticket.cursor)
        except Cancelled:
            ticket.clear_up()
            with locking():
                undoing.take_back(ticket.person or SYSTEM, run, functools.partial(_step, ticket))
            raise
        receipt = running.receipt_of(run)
        running.settle(stage, receipt, applied)
    with writing():
        kept = _again(run.id)
        kept.state, kept.ended_at = RunState.REFUSED if applied.is_taken_back else RunState.APPLIED, clock.now()
        running.keep(kept, receipt)


def _step(ticket: Ticket, connection: Any, /, *, cursor: int, done: int, total: int | None = None) -> None:
    """Taking back goes by the trail; the cursor of the job stays where writing ended."""
    ticket.step(connection, cursor=max(ticket.cursor, 1), done=ticket.done)


def _length(stage: stages.Stage) -> int:
    """About how far the cursor goes: one noun after the other, each to its last row."""
    lasts = [stage.connection.scalar(sa.select(sa.func.max(part.rows.c.row))) or 0 for part in stage.parts()]
    stage.connection.rollback()
    return sum(lasts)


def _run(ticket: Ticket, state: RunState) -> tuple[ImportRun | None, Target, Options]:
    """The run as it waits for this task; None where it has been done, or ended otherwise."""
    run = db.session.get_one(ImportRun, ticket.subject_id, populate_existing=True)
    target = preparing.target_named(run.resource)
    db.session.commit()
    if target is None:
        raise Unreadable("unknown_resource", _("There is no resource “{name}”.", name=run.resource))
    return (run if run.state is state else None), target, Options.from_json(run.options)


def _again(run_id: int) -> ImportRun:
    return db.session.get_one(ImportRun, run_id, populate_existing=True, with_for_update=True)
