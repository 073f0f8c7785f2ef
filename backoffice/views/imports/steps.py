"""The buttons of a run: apply, ask, approve, send back, withdraw, give up, check again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request

from backoffice import jobs
from backoffice.db import db
from backoffice.declare import Refused, Text, _
from backoffice.declare.journal import RunState
from backoffice.errors import Denied
from backoffice.exchange import lifecycle, runs
from backoffice.exchange import stage as staging
from backoffice.exchange.changes import ChangeSet
from backoffice.views.imports import receipts
from backoffice.views.imports.looking import Look, look_at, own
from backoffice.views.imports.pages import job_of, over


@receipts.post("/imports/<number>/apply")
def apply(number: str) -> Any:
    """Write what was reviewed, or ask another person first."""
    look = own(number)
    if look.run.state is RunState.APPLIED:
        with staging.opened(look.run.id) as stage:
            rows = ChangeSet(stage).waiting()
        return _done(look, lambda: lifecycle.go_on(db.session(), look.run, rows))
    skip_invalid = request.form.get("skip_invalid") == "1"
    return _done(look, lambda: lifecycle.go(db.session(), look.person, look.run, skip_invalid=skip_invalid))


@receipts.post("/imports/<number>/approve")
def approve(number: str) -> Any:
    """Say yes to somebody else's file."""
    look = look_at(number, lock=True)
    if look.is_own or not look.may_import:
        raise Denied
    return _done(look, lambda: lifecycle.approve(db.session(), look.person, look.run), _("Approved. It is being written now."))


@receipts.post("/imports/<number>/return")
def send_back(number: str) -> Any:
    """Say no, and why."""
    look = look_at(number, lock=True)
    if look.is_own or not look.may_import:
        raise Denied
    reason = request.form.get("reason", "")
    return _done(look, lambda: lifecycle.send_back(db.session(), look.person, look.run, reason), _("Sent back."), "/")


@receipts.post("/imports/<number>/withdraw")
def withdraw(number: str) -> Any:
    """Take the question for approval back, to change something."""
    look = own(number)
    return _done(look, lambda: lifecycle.withdraw(db.session(), look.run))


@receipts.post("/imports/<number>/cancel")
def cancel(number: str) -> Any:
    """Give the file up before it is written, or want no more of what is being done with it."""
    look = look_at(number, lock=True)
    if not look.is_own:
        raise Denied
    if look.run.state in runs.AT_WORK and (job := job_of(look.run)) is not None:
        jobs.cancel(db.session(), job)
        db.session.commit()
        return redirect(f"/imports/{look.run.id}")
    return _done(look, lambda: lifecycle.give_up(db.session(), look.run))


@receipts.post("/imports/<number>/check")
def check_again(number: str) -> Any:
    """Compare the whole file with what is stored now."""
    look = own(number)
    return _done(look, lambda: lifecycle.plan_again(db.session(), look.run))


def _done(look: Look, step: Callable[[], None], said: Text | None = None, where: str | None = None) -> Any:
    """Take the step; what is refused is said on the page of the run."""
    try:
        step()
    except Refused as no:
        db.session.rollback()
        db.session.refresh(look.run)
        if look.run.state not in (RunState.PLANNED, RunState.WAITING, RunState.APPLIED):
            raise
        return over(look, no.why, 422)
    db.session.commit()
    if said is not None:
        flash(str(said), "success")
    return redirect(where or f"/imports/{look.run.id}")
