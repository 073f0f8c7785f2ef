"""Runs that take back other runs: who may begin one, what speaks against it, and how both runs are written down."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.audit import record as trail
from backoffice.audit.context import circumstances
from backoffice.declare import Refused, Text, Verb, _, clock
from backoffice.declare.journal import AuditEntry, Deed, ImportRun, RunState
from backoffice.errors import Denied
from backoffice.plan import Plan, Plans, plan_of

CAN_BE_UNDONE = (RunState.APPLIED, RunState.UNDOING)
PLACE = "undo"
"""In ``options`` of the undoing run: how far it has come."""
BATCH = "batch"
"""In ``options`` of a run that changed rows of a list rather than loading a file: what was done to them."""


def purpose(run: ImportRun) -> Verb:
    """What the person must be allowed to do with a record to give it back: to import, or what was done to the rows of a list."""
    told = run.options.get(BATCH)
    return Verb.IMPORT if told is None else Verb[told["verb"]]


def nouns(plans: Plans, run: ImportRun) -> list[Plan]:
    """The nouns that the file was about. What else the run touched, rules made along."""
    if run.resource in plans:
        return [plans[run.resource]]
    layout = current_app.extensions.get("layouts", {}).get(run.resource)
    return [part.plan for part in layout.parts] if layout is not None else []


def may_undo(session: Session, person: Any, run: ImportRun) -> bool:
    """Whether the person may take the run back: whose it is, or who sees all imports, and may do such things."""
    plans: Plans = current_app.extensions["plans"]
    if person is access.SYSTEM:
        return True
    known = nouns(plans, run)
    return bool(known) and all(access.can(person, purpose(run), plan) for plan in known) and _is_theirs(person, run, plans)


def _is_theirs(person: Any, run: ImportRun, plans: Plans) -> bool:
    if run.user_id is not None and run.user_id == person.id:
        return True
    imports = plans.get(ImportRun.__resource__.name)
    return imports is not None and access.can(person, Verb.READ, imports) and access.right(person, imports).rows is None


def objection(session: Session, run: ImportRun) -> Refused | None:
    """Why a run cannot be taken back, if so."""
    if run.undoes_id is not None:
        if BATCH in run.options:
            return Refused(_("This run took changes back. It cannot be taken back itself."), code="is_undo")
        return Refused(_("This run took an import back. Import the file again instead."), code="is_undo")
    if run.state is RunState.UNDONE:
        return Refused(_("This import has been taken back already."), code="already_undone")
    if run.state not in CAN_BE_UNDONE and not _broke_off_midway(session, run):
        return Refused(_("Only an import that was applied can be taken back."), code="not_applied")
    return None


def _broke_off_midway(session: Session, run: ImportRun) -> bool:
    """Whether an import failed and left something that no undoing has taken back."""
    if run.state is not RunState.FAILED or session.scalar(select(AuditEntry.id).where(AuditEntry.run_id == run.id).limit(1)) is None:
        return False
    ended = session.scalars(select(ImportRun.options).where(ImportRun.undoes_id == run.id, ImportRun.state == RunState.APPLIED))
    return all(options.get(PLACE, {}).get("left") for options in ended)


def insist(session: Session, person: Any, run: ImportRun) -> None:
    """Raise :class:`Denied` or :class:`Refused` unless the person may take the run back now."""
    if not may_undo(session, person, run):
        raise Denied
    if (problem := objection(session, run)) is not None:
        raise problem


def begin(session: Session, person: Any, run: ImportRun) -> ImportRun:
    """Write a run down that undoes another, in the caller's transaction; one that was interrupted is answered again."""
    insist(session, person, run)
    return opened(session, run) or open_run(session, person, run)


def opened(session: Session, run: ImportRun) -> ImportRun | None:
    """The undoing of a run that has begun and not ended."""
    query = select(ImportRun).where(ImportRun.undoes_id == run.id, ImportRun.state == RunState.UNDOING)
    return session.scalars(query.execution_options(populate_existing=True)).first()


def open_run(session: Session, person: Any, run: ImportRun) -> ImportRun:
    """A new run that undoes another."""
    undo = ImportRun(
        user_id=person.id, who=str(person) if person is not access.SYSTEM else None, resource=run.resource, file_name=run.file_name,
        sha256=run.sha256, encoding=run.encoding, state=RunState.UNDOING, undoes_id=run.id,
        options={PLACE: {"cursor": None, "done": 0, "before": run.state.name}, **({BATCH: run.options[BATCH]} if BATCH in run.options else {})},
    )
    session.add(undo)
    move(session, run, RunState.UNDOING)
    return undo


def move(session: Session, run: ImportRun, state: RunState) -> None:
    """Give a run another state, and tell the trail."""
    if run.state is state:
        session.flush()
        return
    changes = {"state": [run.state.value, state.value]}
    run.state = state
    session.flush()
    with circumstances(run_id=None):
        trail.note(session, plan_of(ImportRun), run, Deed.UPDATE, changes)


def close(session: Session, run: ImportRun, undo: ImportRun, *, is_whole: bool) -> None:
    """End an undoing run. What it undid is ``UNDONE`` when nothing of it is left, else as it was: the rest may be asked for again."""
    undo.ended_at = clock.now()
    undo.state = RunState.APPLIED if is_whole or undo.updated else RunState.CANCELLED
    if run.state is RunState.UNDOING:
        before = RunState[undo.options.get(PLACE, {}).get("before", RunState.APPLIED.name)]
        rest = before if before is not RunState.UNDOING else RunState.APPLIED
        move(session, run, RunState.UNDONE if is_whole and not undo.options[PLACE].get("left") else rest)
    session.flush()


def unknown(number: str) -> Text:
    """What is said of a number that no run has."""
    return _("There is no import {number}.", number=number[:20])
