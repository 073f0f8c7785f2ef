"""An export that was made in the background, at ``/exports/<id>``: for the person who asked for it, and nobody else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, send_file
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from backoffice.access import require
from backoffice.db import db
from backoffice.declare import Verb, _, clock
from backoffice.errors import BadRequest, Denied, NotFound
from backoffice.exchange import exporting_files as files
from backoffice.exchange.exporting import file_name
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.tables import ExportRun
from backoffice.jobs.tables import Job
from backoffice.plan import Plan
from backoffice.views.answers import moment
from backoffice.views.common import person, record_id
from backoffice.views.selection import Selection

exports = Blueprint("exports", __name__)


@exports.get("/exports/<number>")
def export(number: str) -> str:
    """Show how far an export has come, and where its file is."""
    run, plan = _own(number)
    job = db.session.scalars(select(Job).where(Job.task == "export", Job.subject_id == run.id).order_by(Job.id.desc())).first()
    return render_template(
        "exchange/export_run.html", run=run, plan=plan, job=job, is_there=files.is_there(run), moment=moment,
        columns=[plan.fields[name].label for name in run.columns if name in plan.fields], filters=list(_said(plan, run)),
    )


@exports.get("/exports/<number>/file")
def download(number: str) -> Any:
    """Give the file, as long as the person may have what is in it."""
    run, plan = _own(number)
    role = getattr(person(), "role", None)
    if run.role != (role.value if role is not None else None):
        raise Denied  # another role may see less than the file holds
    if not files.is_there(run):
        raise NotFound
    kind, day = FORMATS[run.format], run.at.astimezone(clock.zone()).date().isoformat()
    return send_file(files.path_of(run), kind.mimetype, as_attachment=True, download_name=file_name(plan, kind, day, run.token))


def _own(number: str) -> tuple[ExportRun, Plan]:
    run = db.session.get(ExportRun, record_id(number))
    plan = current_app.extensions["plans"].get(run.resource) if run is not None else None
    if run is None or plan is None or run.user_id is None or run.user_id != person().id:
        raise NotFound
    require(person(), Verb.EXPORT, plan)
    return run, plan


def _said(plan: Plan, run: ExportRun) -> Any:
    """The filters as the list shows them; of those that mean nothing, any more, their names and values."""
    try:
        selection = Selection(person(), plan, MultiDict(run.filters), Verb.EXPORT)
    except BadRequest:
        yield from _plainly(plan, run)
        return
    yield from ((chip.label, chip.text) for chip in selection.chips)
    if selection.words:
        yield _("Search"), selection.words


def _plainly(plan: Plan, run: ExportRun) -> Any:
    for name, values in run.filters.items():
        one = plan.by_word.get(name)
        yield (one.label if one else name), " · ".join(map(str, values if isinstance(values, list) else [values]))
