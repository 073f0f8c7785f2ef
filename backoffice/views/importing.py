"""Where an import begins: ``/<resource>/import`` takes a file of any size, looks at its first rows, and leads on to its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import current_app, jsonify, redirect, request
from flask_admin import expose
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict

from backoffice.access import can, require
from backoffice.accounts.guard import wants_json
from backoffice.db import db, reads_first, writing
from backoffice.declare import Text, Verb, _
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import BadRequest
from backoffice.exchange import baseline, guessing, profiles, runs, surveying
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.mapping import IGNORED
from backoffice.exchange.options import MODES, Mode, Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.preparing import Target
from backoffice.exchange.surveying import Survey
from backoffice.exchange.tables import ImportProfile
from backoffice.plan import Plan
from backoffice.spools import BigForm, reads_its_own_form
from backoffice.views.answers import moment
from backoffice.views.common import person

NEXT: dict[RunState, Text] = {
    RunState.UPLOADED: _("Match its columns"), RunState.PLANNING: _("Look how far it is"), RunState.PLANNED: _("Review what would change"),
    RunState.WAITING: _("Waits for another person"), RunState.APPLYING: _("Look how far it is"), RunState.FAILED: _("Look what happened"),
}
MOST_LISTED = 20


class ImportPages:
    """The page that an import begins with, for the plan of the view."""

    needs = "importable"
    plan: Plan
    render: Any

    @expose("/import", methods=("GET", "POST"))  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    @reads_its_own_form
    @reads_first
    def import_page(self) -> Any:
        """Take a file."""
        require(person(), Verb.IMPORT, self.plan)
        if request.method != "POST":
            return self._form()
        try:
            return on_to_columns(taken(self.plan, _options))
        except Unreadable as problem:
            return sent_back(problem, self._form)

    def _form(self, why: Text | None = None) -> str:
        columns = [one for one in guessing.writable(person(), self.plan) if not one.secret]
        return str(self.render(
            "exchange/import.html", plan=self.plan, why=why, columns=columns, keys=self.plan.key, given=request.form, most=runs.LARGEST_UPLOAD,
            unfinished=unfinished(self.plan), next=NEXT, moment=moment, layouts=layouts_of(self.plan),
        ))


def taken(target: Target, choose: Callable[[str], Options]) -> ImportRun:
    """The run of the file in the request, which waits for its columns; ``choose`` makes of its name what the form chooses. Raises :class:`Unreadable`."""
    incoming, name = received(BigForm(request) if request.mimetype == "multipart/form-data" else None)
    cells = surveying.cells_beside(incoming.path)
    try:
        options = choose(name)
        known = profiles.headers(db.session(), target.name)
        db.session.rollback()  # nobody waits for us while we read
        survey = surveying.look(surveying.opened(target, incoming.path, options, known), cells)
        choices = begun_with(target, survey, options)
        with writing():
            run = runs.begin(db.session(), person(), target, incoming, name)
            run.encoding, run.options = survey.encoding, choices
            surveying.keep(run.id, survey, cells)
    except BaseException:
        incoming.drop()
        cells.unlink(missing_ok=True)
        raise
    return run


def on_to_columns(run: ImportRun) -> Any:
    """The way on from a file that has arrived."""
    address = f"/imports/{run.id}/mapping"
    return jsonify({"next": address}) if wants_json() else redirect(address)


def sent_back(problem: Unreadable, form: Callable[[Text], str]) -> Any:
    """Why a file cannot be read: above the form, or for the script that sent it."""
    db.session.rollback()
    if wants_json():
        return jsonify({"error": {"code": problem.code, "message": str(problem.why)}}), 422
    return form(problem.why), 422


def begun_with(target: Target, survey: Survey, options: Options, remembered: ImportProfile | None = None, *, is_told: bool = False) -> dict[str, Any]:
    """The choices that a file begins with: those of a remembered source, and a guess for each other column.

    ``is_told``: the person says which source; else the one that fits best, if any does.
    """
    if not is_told:
        fits = profiles.fits(db.session(), target.name, [one.heading for one in survey.columns])
        remembered = next((fit.profile for fit in fits if fit.is_good), None)
    if remembered is not None:
        options = profiles.applied(remembered, options)
    guesses = guessing.guess(person(), target, [one.header for one in survey.columns], options.columns)
    columns = {one.heading: one.goal.word if one.goal else IGNORED for one in guesses}
    export = baseline.find(db.session(), target, survey.export_token) if isinstance(target, Plan) else None
    chosen = replace(options, columns=columns, export=export.token if export else None)
    return {**chosen.as_json(), "profile": remembered.id if remembered else None}


def layouts_of(plan: Plan) -> list[LayoutPlan]:
    """The flat layouts whose files tell of this noun, as far as the person may load them."""
    return [one for one in current_app.extensions["layouts"].values() if may_import(one) and any(part.plan is plan for part in one.parts)]


def begins_at(target: Target) -> str:
    """The page where files of this kind are chosen."""
    return f"/{target.name}/import" if isinstance(target, Plan) else f"/import/{target.name}"


def may_import(layout: LayoutPlan) -> bool:
    """Whether the person imports every noun of the layout."""
    return all(can(person(), Verb.IMPORT, part.plan) for part in layout.parts)


def received(form: BigForm | None) -> tuple[runs.Incoming, str]:
    """The file on the disk, and its name. What the form says before the file is checked before a byte of it is written."""
    try:
        name = form.file() if form is not None else None
        _set_form(form)
        current_app.extensions["csrf"].protect()
        if form is None or name is None:
            raise Unreadable("no_file", _("Choose a file first."))
        db.session.rollback()  # nobody waits for us while the file is written
        try:
            incoming = runs.receive(form.pieces(), runs.LARGEST_UPLOAD)
        finally:
            form.finish()
            _set_form(form)
    except ValueError:
        raise BadRequest(_("The form was cut off on its way. Send it again.")) from None
    return incoming, runs.plain_name(name)


def _set_form(form: BigForm | None) -> None:
    """Let the request have the fields that were read."""
    if form is not None:
        request.form, request.files = form.form(), ImmutableMultiDict()


def _options(name: str) -> Options:
    mode: Mode = next((one for one in MODES if one == request.form.get("mode")), "upsert")
    encoding = request.form.get("encoding", "").strip() or None
    return Options(mode=mode, encoding=encoding, clear_blank=request.form.get("blank") == "clear", file_name=name)


def unfinished(target: Target) -> list[ImportRun]:
    """The person's imports that still wait for something, the latest first."""
    query = select(ImportRun).where(ImportRun.user_id == person().id, ImportRun.resource == target.name, ImportRun.state.in_(NEXT))
    query = query.where(ImportRun.expires_at.is_not(None)).order_by(ImportRun.id.desc()).limit(MOST_LISTED)
    return list(db.session.scalars(query))
