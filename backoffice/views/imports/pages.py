"""The page of a run, by its state: at work, to be looked through, or over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request
from sqlalchemy import select

from backoffice.access import Access, field_access
from backoffice.db import db
from backoffice.declare import Text, _
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import BadRequest
from backoffice.exchange import lifecycle, runs
from backoffice.exchange import stage as staging
from backoffice.exchange.changes import VIEWS, ChangeSet, is_staged
from backoffice.exchange.options import Options
from backoffice.exchange.stage import Part
from backoffice.jobs.tables import Job
from backoffice.views.answers import moment
from backoffice.views.common import LARGEST, clipped, whole_number
from backoffice.views.imports import batches, receipts, undoing
from backoffice.views.imports.kept import grouped
from backoffice.views.imports.looking import Look, look_at, stored_findings
from backoffice.views.imports.rows import Painter
from backoffice.views.imports.tiles import Tile
from backoffice.views.imports.written import written
from backoffice.views.matching import cleaned

PER_PAGE = 50
PER_REFUSED = 20
"""Refused rows are forms to fill in: fewer of them are looked at at once."""
LABELS: dict[str, tuple[Text, str]] = {
    "new": (_("New"), "good"), "changed": (_("Changed"), "info"), "unchanged": (_("Unchanged"), ""), "decide": (_("To decide"), "warn"),
    "refused": (_("Refused"), "bad"), "notices": (_("Notices"), "warn"),
}


@receipts.get("/imports/<number>")
def receipt(number: str) -> Any:
    """Show how far a file has come: at work, waiting for a look, or written."""
    look = look_at(number)
    state = look.run.state
    if batches.is_batch(look.run) and look.run.undoes_id is None and state is not RunState.UNDOING:
        return batches.page(look, job_of(look.run), may_undo=undoing.may_undo(look), undone_by=_undone_by(look.run))
    if state in runs.AT_WORK:
        return render_template("exchange/working.html", look=look, run=look.run, job=job_of(look.run), moment=moment)
    if state is RunState.UPLOADED and look.may_work:
        return redirect(f"/imports/{look.run.id}/mapping")
    return over(look)


def over(look: Look, why: Text | None = None, status: int = 200, form: dict[str, str] | None = None) -> Any:
    """The page of a run that is not at work: what it would do or has done, with a page of its rows if they are still there."""
    if look.run.state is RunState.UPLOADED or not is_staged(look.run.id):
        return _shown(look, None, why), status
    with staging.opened(look.run.id) as stage:
        corrected = Options.from_json(look.run.options).cells
        return _shown(look, ChangeSet(stage, corrected), why, form or {}), status


def _shown(look: Look, changes: ChangeSet | None, why: Text | None, form: dict[str, str] | None = None) -> str:
    run = look.run
    template = "exchange/review.html" if run.state in (RunState.PLANNED, RunState.WAITING) else "exchange/receipt.html"
    values: dict[str, Any] = {
        "look": look, "run": run, "moment": moment, "why": why, "form": form, "lifecycle": lifecycle, "answer": run.options.get("answer"),
        "changes": None, "undone_by": _undone_by(run), "seconds": _seconds(run), "may_undo": undoing.may_undo(look), "waiting_rows": 0,
        "is_written": undoing.is_written(run),
    }
    if changes is not None and changes.parts:
        values |= _reviewed(look, changes)
    else:
        values["tiles"] = [Tile(name, label, tone, _count(run, name), None, is_here=False) for name, (label, tone) in LABELS.items()]
        values |= _kept(look)
    return render_template(template, **values)


def _reviewed(look: Look, changes: ChangeSet) -> dict[str, Any]:
    """What the page shows of the staged rows."""
    part = changes.part(request.args.get("part"))
    counts = _counts(look.run, changes, part)
    view, words = _view(counts), cleaned(request.args.get("q"))
    fields = [column.field for column in part.mapped.columns if not look.covers(part.plan, column.field)]
    found = changes.page(
        part, view, words=words, fields=fields, after=_place("after") or 0, before=_place("before"), size=PER_REFUSED if view == "refused" else PER_PAGE,
    )
    return {
        "changes": changes, "part": part, "view": view, "words": words, "slice": found, "lines": Painter(look, part).lines(found.rows),
        "tiles": list(_tiles(counts, part, view)), "said": [one for one in stored_findings(look, "notices") if one.row == 0],
        "troubles": changes.troubles(part, view) if view in ("refused", "notices", "decide") else [],
        "bad_values": _bad_values(look, changes, part) if view == "refused" else [], "address": address_of(view, part, words),
        "waiting_rows": changes.waiting() if look.run.state is RunState.APPLIED and look.may_work else 0,
        "place": request.query_string.decode("ascii", "ignore"),
    }


def _kept(look: Look) -> dict[str, Any]:
    """What the receipt keeps of rows that are not staged any more."""
    errors, notices = stored_findings(look, "errors"), stored_findings(look, "notices")
    events, more = written(look, _place("after") or 0)
    return {"groups": grouped(errors), "errors": errors, "notices": notices, "events": events, "more_events": more}


def address_of(view: str, part: Part, words: str) -> Any:
    """A function that makes the address of this list with changes."""

    def make(**changed: Any) -> str:
        pairs = {"show": view, "part": part.plan.name, "q": words, **changed}
        return "?" + urlencode({name: value for name, value in pairs.items() if value not in (None, "")})

    return make


def _counts(run: ImportRun, changes: ChangeSet, part: Part) -> dict[str, int]:
    """Of a single noun they stand in the run; of several they are counted, and where the run tells what was written before it broke off."""
    if len(changes.parts) == 1 and run.state is not RunState.FAILED:
        return {name: _count(run, name) for name in LABELS}
    return {**changes.counts(part), "notices": run.warnings}


def _count(run: ImportRun, name: str) -> int:
    column = {"new": "created", "changed": "updated", "decide": "conflicts", "notices": "warnings"}.get(name, name)
    return int(getattr(run, column))


def _view(counts: dict[str, int]) -> str:
    wish = request.args.get("show")
    if wish is None:
        return next((name for name in VIEWS if counts[name]), "unchanged")
    if wish not in VIEWS:
        raise BadRequest(_("There is no filter “{name}” here.", name=clipped(wish)))
    return wish


def _tiles(counts: dict[str, int], part: Part, view: str) -> Iterator[Tile]:
    for name, (label, tone) in LABELS.items():
        address = address_of(name, part, "")()
        yield Tile(name, label, tone, counts[name], address, is_here=name == view)


def _place(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    number = whole_number(text)
    if number is None or number > LARGEST:
        raise BadRequest(_("“{text}” is no page number.", text=clipped(text)))
    return number


def _bad_values(look: Look, changes: ChangeSet, part: Part) -> list[Any]:
    """Texts to be replaced for all rows, for the person who may do that."""
    if not (look.may_work and look.run.state is RunState.PLANNED):
        return []
    fields = part.plan.by_word
    return [one for one in changes.bad_values(part) if one.word in fields and field_access(look.person, part.plan, fields[one.word]) > Access.HIDDEN]


def job_of(run: ImportRun) -> Job | None:
    """The latest work on the run; a run that takes another one back is worked on under that one's number."""
    query = select(Job).where(Job.subject_id == (run.undoes_id or run.id), Job.task.in_(("import.plan", "import.apply", "import.batch", "import.undo")))
    return db.session.scalars(query.order_by(Job.id.desc())).first()


def _seconds(run: ImportRun) -> str | None:
    """How long it took to write."""
    task = "import.undo" if run.undoes_id else "import.apply"
    job = db.session.scalars(select(Job).where(Job.subject_id == (run.undoes_id or run.id), Job.task == task).order_by(Job.id.desc())).first()
    if job is None or job.started_at is None or job.ended_at is None:
        return None
    return f"{(job.ended_at - job.started_at).total_seconds():,.1f}"


def _undone_by(run: ImportRun) -> list[ImportRun]:
    """The runs that took it back, one after the other."""
    states = (RunState.UNDOING, RunState.APPLIED)
    return list(db.session.scalars(select(ImportRun).where(ImportRun.undoes_id == run.id, ImportRun.state.in_(states)).order_by(ImportRun.id)))
