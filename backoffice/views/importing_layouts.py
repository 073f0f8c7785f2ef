"""Flat files at ``/import/<layout>``: one file that is taken apart into several nouns, checked in the background and reviewed as any other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request

from backoffice.accounts.guard import wants_json
from backoffice.db import db, reads_first, writing
from backoffice.declare import Text
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import NotFound
from backoffice.exchange import preparing, running, runs
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.jobs import enqueue
from backoffice.plan import Field, plan_of
from backoffice.spools import BigForm, reads_its_own_form
from backoffice.views.common import person
from backoffice.views.importing import may_import, received

flat_files = Blueprint("flat_files", __name__)


@flat_files.route("/import/<name>", methods=("GET", "POST"))
@reads_its_own_form
@reads_first
def page(name: str) -> Any:
    """Take a file of a layout, and have it checked."""
    layout: LayoutPlan | None = current_app.extensions["layouts"].get(name)
    if layout is None or not may_import(layout):
        raise NotFound
    if request.method != "POST":
        return _form(layout)
    form = BigForm(request) if request.mimetype == "multipart/form-data" else None
    try:
        run = _taken(layout, form)
    except Unreadable as problem:
        db.session.rollback()
        if wants_json():
            return jsonify({"error": {"code": problem.code, "message": str(problem.why)}}), 422
        return _form(layout, problem.why), 422
    address = f"/imports/{run.id}"
    return jsonify({"next": address}) if wants_json() else redirect(address)


def _form(layout: LayoutPlan, why: Text | None = None) -> str:
    own = {one.word: _own(one) for one in _common(layout)}
    return render_template(
        "exchange/layout.html", layout=layout, why=why, common=_common(layout), given={**own, **_given(layout)}, most=runs.LARGEST_UPLOAD,
    )


def _common(layout: LayoutPlan) -> list[Field]:
    """Links that every new record needs and that a file may leave open: the same for all lines."""
    found = {one.word: one for part in layout.parts for one in part.fields if one.is_link and one.required}
    return list(found.values())


def _own(one: Field) -> str:
    """What the person's own record has there."""
    own = current_app.extensions["plans"].accounts.fields.get(one.name)
    record = getattr(person(), one.name, None) if own is not None and own.target is one.target else None
    return plan_of(one.target).key_of(record) if one.target is not None and record is not None else ""


def _given(layout: LayoutPlan) -> dict[str, str]:
    sent = {one.word: request.form.get(one.word, "").strip() for one in _common(layout)}
    return {word: text for word, text in sent.items() if text}


def _taken(layout: LayoutPlan, form: BigForm | None) -> ImportRun:
    """The run of the file in the form, on its way to be checked; raises :class:`Unreadable`."""
    incoming, name = received(form)
    try:
        options = Options(given=_given(layout), encoding=request.form.get("encoding", "").strip() or None, file_name=name)
        db.session.rollback()  # nobody waits for us while we read
        table = running.opened(layout, incoming.path, options)
        with preparing.prepared(person(), layout, table, options), writing():
            run = runs.begin(db.session(), person(), layout, incoming, name)
            run.encoding, run.options, run.state = table.encoding, options.as_json(), RunState.PLANNING
            enqueue(db.session(), "import.plan", subject_id=run.id, user_id=person().id)
    except BaseException:
        incoming.drop()
        raise
    return run
