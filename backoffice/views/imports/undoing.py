"""Taking an import back: first what would become of each record, then the work."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template
from sqlalchemy import select

from backoffice.batches.tasks import AT_ONCE
from backoffice.db import db
from backoffice.declare import Refused
from backoffice.declare.journal import AuditEntry, ImportRun
from backoffice.errors import Denied
from backoffice.exchange import undoing
from backoffice.jobs import enqueue
from backoffice.views.answers import moment
from backoffice.views.common import person
from backoffice.views.imports import receipts
from backoffice.views.imports.batches import is_batch
from backoffice.views.imports.looking import Look, look_at

LOOKED_AT = 20_000
"""As many entries of the trail are looked through while the person waits; of a larger import the newest part is shown."""


@receipts.get("/imports/<number>/undo")
def undo_page(number: str) -> Any:
    """Show what taking the import back would do; nothing is done yet."""
    look = look_at(number)
    _insist(look)
    outcome = undoing.preview(db.session(), person(), look.run, most=LOOKED_AT)
    return render_template("exchange/undo.html", look=look, run=look.run, outcome=outcome, moment=moment)


@receipts.post("/imports/<number>/undo")
def undo(number: str) -> Any:
    """Take the run back, in the background; a small change of rows of a list at once."""
    look = look_at(number, lock=True)
    _insist(look)
    if is_batch(look.run) and look.run.rows <= AT_ONCE:
        return redirect(f"/imports/{undoing.undo(person(), look.run).undo_run}")
    undo_run = undoing.begin(db.session(), person(), look.run)
    enqueue(db.session(), "import.undo", subject_id=look.run.id, user_id=person().id)
    db.session.commit()
    return redirect(f"/imports/{undo_run.id}")


def may_undo(look: Look) -> bool:
    """Whether the person is offered the way back."""
    run: ImportRun = look.run
    return undoing.may_undo(db.session(), look.person, run) and undoing.objection(db.session(), run) is None and is_written(run)


def is_written(run: ImportRun) -> bool:
    """Whether the trail knows of anything that the run has written."""
    return db.session.scalar(select(AuditEntry.id).where(AuditEntry.run_id == run.id).limit(1)) is not None


def _insist(look: Look) -> None:
    if not undoing.may_undo(db.session(), look.person, look.run):
        raise Denied
    if (problem := undoing.objection(db.session(), look.run)) is not None:
        raise Refused(problem.why, code=problem.code)
