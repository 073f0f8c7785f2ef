"""How a planned import goes on: applied, shown to another person first, sent back, given up. Each step is written into the trail."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.audit import record as trail
from backoffice.declare import Refused, Text, Verb, _, clock
from backoffice.declare.journal import Deed, ImportRun, RunState
from backoffice.errors import Denied, Stale
from backoffice.exchange import runs
from backoffice.exchange import stage as staging
from backoffice.exchange.options import Options
from backoffice.jobs.queue import enqueue
from backoffice.plan import Plan, plan_of

ENDED = (RunState.REFUSED, RunState.CANCELLED, RunState.FAILED, RunState.UNDONE)
LONGEST_REASON = 500


def nouns(run: ImportRun) -> list[Plan]:
    """The nouns that a run writes; a flat layout has several."""
    plan, layout = (current_app.extensions[name].get(run.resource) for name in ("plans", "layouts"))
    if plan is not None:
        return [plan]
    return [part.plan for part in layout.parts] if layout is not None else []


def pending(run: ImportRun) -> int:
    """How many rows would be written now."""
    return run.created + run.updated


def needs_approval(run: ImportRun) -> bool:
    """Whether another person must look at it first."""
    most: int = current_app.config["IMPORT_APPROVAL_ROWS"]
    return run.rows > most


def go_on(session: Session, run: ImportRun, rows: int) -> None:
    """Write the rows of an applied run that were decided since; the others are written and stay so. The caller commits."""
    _insist(run, RunState.APPLIED)
    if not rows:
        raise Refused(_("There is nothing to be written."))
    if rows > current_app.config["IMPORT_APPROVAL_ROWS"]:
        raise Refused(_("These are so many rows that another person must look at them. Load them as a file of their own."))
    change_options(run, skip_invalid=True)
    _start(session, run)


def go(session: Session, person: Any, run: ImportRun, *, skip_invalid: bool) -> None:
    """Apply a planned run, or ask for approval where it is large. The caller commits."""
    _insist(run, RunState.PLANNED)
    if not pending(run):
        raise Refused(_("There is nothing to be written."))
    if run.refused and not skip_invalid:
        raise Refused(_("Nothing is written as long as a row is refused, unless you leave the refused rows out."), field="skip_invalid")
    change_options(run, skip_invalid=skip_invalid)
    _forget_answer(run)
    if needs_approval(run):
        _move(session, run, RunState.WAITING)
        return
    _start(session, run)


def approve(session: Session, person: Any, run: ImportRun) -> None:
    """Let the run be written as the other person saw it, by the right of the one who brought the file."""
    _insist(run, RunState.WAITING)
    if run.user_id == person.id:
        raise Denied
    uploader = session.get(current_app.extensions["plans"].accounts.model, run.user_id)
    if uploader is None or not all(access.can(uploader, Verb.IMPORT, plan) for plan in nouns(run)):
        raise Refused(_("{who} may not load such files any more.", who=run.who or "?"))
    run.approver_id, run.approved_by, run.approved_at = person.id, str(person), clock.now()
    _start(session, run)


def send_back(session: Session, person: Any, run: ImportRun, reason: str) -> None:
    """Give the run back with a reason."""
    _insist(run, RunState.WAITING)
    if run.user_id == person.id:
        raise Denied
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise Refused(_("Say why, so that it can be put right."), field="reason")
    run.options = {**run.options, "answer": {"who": str(person), "at": clock.now().isoformat(), "reason": said}}
    _move(session, run, RunState.PLANNED, reason=said)


def withdraw(session: Session, run: ImportRun) -> None:
    """Take back the question for approval."""
    _insist(run, RunState.WAITING)
    _move(session, run, RunState.PLANNED)


def give_up(session: Session, run: ImportRun) -> None:
    """End a run that waits for a person; its file and its rows go."""
    _insist(run, *runs.OPEN)
    run.ended_at, run.expires_at = clock.now(), None
    _move(session, run, RunState.CANCELLED)
    staging.forget(run.id)
    runs.forget(run)


def plan_again(session: Session, run: ImportRun) -> None:
    """Check the whole file once more, in the background."""
    _insist(run, RunState.PLANNED)
    _move(session, run, RunState.PLANNING)
    enqueue(session, "import.plan", subject_id=run.id, user_id=run.user_id)


def change_options(run: ImportRun, **changed: Any) -> Options:
    """Choose otherwise; an approval was given to the earlier choice and lapses."""
    options = Options.from_json({**run.options, **changed})
    run.options = {**run.options, **options.as_json()}
    if run.state is not RunState.APPLIED:
        run.approver_id = run.approved_by = run.approved_at = None
    return options


def _start(session: Session, run: ImportRun) -> None:
    _move(session, run, RunState.APPLYING)
    enqueue(session, "import.apply", subject_id=run.id, user_id=run.user_id)


def _forget_answer(run: ImportRun) -> None:
    run.options = {name: value for name, value in run.options.items() if name != "answer"}


def _insist(run: ImportRun, *states: RunState) -> None:
    """Two people, or one with two windows, press two buttons: the second finds the run elsewhere."""
    if run.state not in states:
        raise Stale


def _move(session: Session, run: ImportRun, state: RunState, **more: str | Text) -> None:
    changes = {"state": [run.state.value, state.value], **{name: [None, str(value)] for name, value in more.items()}}
    if run.approved_by and state is RunState.APPLYING:
        changes["approved_by"] = [None, run.approved_by]
    run.state = state
    session.flush()
    trail.note(session, plan_of(ImportRun), run, Deed.UPDATE, changes)

