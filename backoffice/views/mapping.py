"""The columns of an import at ``/imports/<id>/mapping``: matched by hand where the guess is wrong, remembered, and sent to be checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from backoffice.access import can, require, scoped_query
from backoffice.db import db, reads_first, writing
from backoffice.declare import Refused, Text, Verb, _
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import BadRequest, NotFound, Stale
from backoffice.exchange import baseline, profiles, runs, surveying
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.surveying import Survey
from backoffice.jobs import enqueue
from backoffice.plan import Plan
from backoffice.views import mapping_form
from backoffice.views.answers import moment
from backoffice.views.common import person, record_id
from backoffice.views.importing import begun_with
from backoffice.views.mapping_board import MANY_ROWS, Board

mapping = Blueprint("mapping", __name__)
OPEN = (RunState.UPLOADED, RunState.PLANNED, RunState.FAILED)
"""As long as nothing is written or asked of another person, the columns may be matched anew."""
_GONE = _("The uploaded file is not here any more. Choose it again.")


@mapping.get("/imports/<number>/mapping")
def page(number: str) -> Any:
    """Show what each column is taken for."""
    run, plan = _own(number)
    if plan is None or run.state not in OPEN:
        return redirect(f"/imports/{run.id}")
    try:
        survey = _survey(plan, run)
        why = run.receipt.get("message") if run.state is RunState.FAILED else None
        return _shown(Board(person(), plan, run, survey, Options.from_json(run.options), why, is_late=survey.rows > MANY_ROWS))
    except Unreadable as problem:
        flash(str(problem), "error")
        return redirect(f"/{plan.name}/import")


@mapping.post("/imports/<number>/mapping")
@reads_first
def send(number: str) -> Any:
    """Check the file as it is matched; or look again, read it otherwise, use what is remembered, remember."""
    run, plan = _mine(number)
    step = STEPS.get(request.form.get("do", "check"))
    if step is None:
        raise BadRequest(_("Go back and use the buttons of the page."))
    board = _board(plan, run)
    try:
        return step(board)
    except (Unreadable, Refused) as problem:
        db.session.rollback()
        board.why = problem.why
        return _shown(board), 422


@mapping.post("/imports/<number>/mapping/live")
@reads_first
def live(number: str) -> str:
    """What follows from the choices so far, as a piece of the page; nothing is kept."""
    run, plan = _mine(number)
    return render_template("exchange/mapping_live.html", board=_board(plan, run))


@mapping.post("/imports/<number>/mapping/sources/<int:source>")
def source(number: str, source: int) -> Any:
    """Rename what is remembered of a source, or forget it."""
    run, plan = _mine(number)
    found = profiles.find(db.session(), plan.name, source)
    if request.form.get("do") == "delete":
        db.session.delete(found)
        flash(str(_("Forgotten.")), "success")
    else:
        profiles.rename(db.session(), found, request.form.get("name", ""))
        flash(str(_("Renamed.")), "success")
    db.session.commit()
    return redirect(f"/imports/{run.id}/mapping")


def _own(number: str) -> tuple[ImportRun, Plan | None]:
    """The person's own run and its noun, None where it has several; others who see imports are led to what there is to see."""
    run = db.session.get(ImportRun, record_id(number))
    if run is None:
        raise NotFound
    plans = current_app.extensions["plans"]
    plan: Plan | None = plans.get(run.resource)
    if run.user_id is None or run.user_id != person().id:
        imports = plans.get("imports")
        if imports is None or not can(person(), Verb.READ, imports) or not _reaches(imports, run):
            raise NotFound
        return run, None
    if plan is not None:
        require(person(), Verb.IMPORT, plan)
    return run, plan


def _reaches(imports: Plan, run: ImportRun) -> bool:
    query = scoped_query(person(), imports, archived=None).where(imports.model.id == run.id)
    return db.session.scalars(query).first() is not None


def _mine(number: str) -> tuple[ImportRun, Plan]:
    """The person's own run, to be changed; raises :class:`Stale` where it has gone further."""
    run, plan = _own(number)
    if plan is None:
        raise NotFound
    if run.state not in OPEN:
        raise Stale
    return run, plan


def _board(plan: Plan, run: ImportRun) -> Board:
    """The page with the choices that the form sends."""
    options = Options.from_json(run.options)
    try:
        survey = _survey(plan, run)
    except Unreadable:
        raise BadRequest(_GONE) from None
    return Board(person(), plan, run, survey, mapping_form.chosen(person(), plan, survey, options, request.form))


def _survey(plan: Plan, run: ImportRun) -> Survey:
    """What the file holds: as it was kept, or looked at again."""
    file = runs.file_of(run)
    survey = surveying.kept(run.id)
    if survey is None:
        cells = file.with_name("again.cells")
        survey = surveying.look(surveying.opened(plan, file, Options.from_json(run.options)), cells)
        surveying.keep(run.id, survey, cells)
    return survey


def _shown(board: Board) -> str:
    export = baseline.find(db.session(), board.plan, board.survey.export_token)
    return render_template("exchange/mapping.html", board=board, run=board.run, plan=board.plan, export=export, moment=moment)


def _check(board: Board) -> Response:
    """Let the file be compared with what is stored, in the background."""
    wrong: Text | None = next((sentence for tone, sentence in board.warnings if tone == "bad"), None)
    if wrong is not None:
        raise Unreadable("missing_key_column", wrong)
    _keep(board, state=RunState.PLANNING)
    return redirect(f"/imports/{board.run.id}")


def _look(board: Board) -> str:
    """Show the page again with what follows from the choices."""
    return _shown(board)


def _reread(board: Board) -> Response:
    """Read the file in another encoding, or another sheet of it."""
    encoding, sheet = (request.form.get(name, "").strip() or None for name in ("encoding", "sheet"))
    options = replace(board.options, encoding=encoding, sheet=sheet)
    known = profiles.headers(db.session(), board.plan.name)
    db.session.rollback()
    cells = board.file.with_name("again.cells")
    survey = surveying.look(surveying.opened(board.plan, board.file, replace(options, columns={}), known), cells)
    choices = begun_with(board.plan, survey, options)
    _write(board, choices, survey.encoding)
    surveying.keep(board.run.id, survey, cells)
    return _again(board)


def _use(board: Board) -> Response:
    """Match the columns as those of a remembered source, or by guess alone."""
    number = record_id(request.form.get("profile")) if request.form.get("profile") else None
    found = profiles.find(db.session(), board.plan.name, number) if number is not None else None
    options = Options.from_json(board.run.options)
    plain = Options(mode=options.mode, encoding=options.encoding, sheet=options.sheet, export=options.export, file_name=options.file_name)
    _write(board, begun_with(board.plan, board.survey, plain, found, is_told=True), board.run.encoding)
    return _again(board)


def _remember(board: Board) -> Response:
    """Save the choices for the next file of this source."""
    name = profiles.plain_name(request.form.get("name", ""))
    headings = [one.heading for one in board.survey.columns]
    with writing():
        saved = profiles.save(db.session(), person(), board.plan.name, name, headings, board.options)
        run = _locked(board)
        run.options = {**run.options, **board.options.as_json(), "profile": saved.id}
    flash(str(_("Saved as “{name}”. The next file with such columns is matched like this.", name=name)), "success")
    return _again(board)


def _keep(board: Board, state: RunState) -> None:
    with writing():
        run = _locked(board)
        run.options = {**run.options, **replace(board.options, take=(), leave=()).as_json()}  # what was decided was about other rows
        run.state, run.ended_at, run.expires_at = state, None, runs.until()
        if used := board.used:
            profiles.touch(db.session(), used.id)
        enqueue(db.session(), "import.plan", subject_id=run.id, user_id=run.user_id)


def _write(board: Board, choices: dict[str, Any], encoding: str) -> None:
    with writing():
        run = _locked(board)
        run.options, run.encoding = {**run.options, **choices}, encoding


def _locked(board: Board) -> ImportRun:
    """The run as it is now, for this transaction alone; raises :class:`Stale` where it has gone further."""
    run = db.session.get(ImportRun, board.run.id, populate_existing=True, with_for_update=True)
    if run is None or run.state not in OPEN:
        raise Stale
    return run


def _again(board: Board) -> Response:
    return redirect(f"/imports/{board.run.id}/mapping")


STEPS = {"check": _check, "look": _look, "reread": _reread, "use": _use, "save": _remember}
