"""The columns of an import at ``/imports/<id>/mapping``: matched by hand where the guess is wrong, remembered, and sent to be checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from backoffice.access import can, scoped_query
from backoffice.db import db, reads_first, writing
from backoffice.declare import Refused, Text, Verb, _
from backoffice.declare.journal import ImportRun, RunState
from backoffice.errors import BadRequest, NotFound, Stale
from backoffice.exchange import baseline, preparing, profiles, runs, surveying
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.preparing import Target
from backoffice.exchange.surveying import Survey
from backoffice.jobs import enqueue
from backoffice.plan import Plan
from backoffice.views import mapping_form
from backoffice.views.answers import moment
from backoffice.views.common import person, record_id
from backoffice.views.importing import begins_at, begun_with
from backoffice.views.mapping_board import MANY_ROWS, Board

mapping = Blueprint("mapping", __name__)
OPEN = (RunState.UPLOADED, RunState.PLANNED, RunState.FAILED)
"""As long as nothing is written or asked of another person, the columns may be matched anew."""
_GONE = _("The uploaded file is not here any more. Choose it again.")


@mapping.get("/imports/<number>/mapping")
def page(number: str) -> Any:
    """Show what each column is taken for."""
    run, target = _own(number)
    if target is None or run.state not in OPEN:
        return redirect(f"/imports/{run.id}")
    try:
        survey = _survey(target, run)
        why = run.receipt.get("message") if run.state is RunState.FAILED else None
        return _shown(Board(person(), target, run, survey, Options.from_json(run.options), why, is_late=survey.rows > MANY_ROWS))
    except Unreadable as problem:
        flash(str(problem), "error")
        return redirect(begins_at(target))


@mapping.post("/imports/<number>/mapping")
@reads_first
def send(number: str) -> Any:
    """Check the file as it is matched; or look again, read it otherwise, use what is remembered, remember."""
    run, target = _mine(number)
    step = STEPS.get(request.form.get("do", "check"))
    if step is None:
        raise BadRequest(_("Go back and use the buttons of the page."))
    board = _board(target, run)
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
    run, target = _mine(number)
    return render_template("exchange/mapping_live.html", board=_board(target, run))


@mapping.post("/imports/<number>/mapping/sources/<int:source>")
def source(number: str, source: int) -> Any:
    """Rename what is remembered of a source, or forget it."""
    run, target = _mine(number)
    found = profiles.find(db.session(), target.name, source)
    if request.form.get("do") == "delete":
        db.session.delete(found)
        flash(str(_("Forgotten.")), "success")
    else:
        profiles.rename(db.session(), found, request.form.get("name", ""))
        flash(str(_("Renamed.")), "success")
    db.session.commit()
    return redirect(f"/imports/{run.id}/mapping")


def _own(number: str) -> tuple[ImportRun, Target | None]:
    """The person's own run and what it is imported into; others who see imports are led to what there is to see."""
    run = db.session.get(ImportRun, record_id(number))
    if run is None:
        raise NotFound
    if run.user_id is None or run.user_id != person().id:
        imports = current_app.extensions["plans"].get("imports")
        if imports is None or not can(person(), Verb.READ, imports) or not _reaches(imports, run):
            raise NotFound
        return run, None
    target = preparing.target_named(run.resource)
    if target is not None:
        preparing.require(person(), target)
    return run, target


def _reaches(imports: Plan, run: ImportRun) -> bool:
    query = scoped_query(person(), imports, archived=None).where(imports.model.id == run.id)
    return db.session.scalars(query).first() is not None


def _mine(number: str) -> tuple[ImportRun, Target]:
    """The person's own run, to be changed; raises :class:`Stale` where it has gone further."""
    run, target = _own(number)
    if target is None:
        raise NotFound
    if run.state not in OPEN:
        raise Stale
    return run, target


def _board(target: Target, run: ImportRun) -> Board:
    """The page with the choices that the form sends."""
    options = Options.from_json(run.options)
    try:
        survey = _survey(target, run)
    except Unreadable:
        raise BadRequest(_GONE) from None
    return Board(person(), target, run, survey, mapping_form.chosen(person(), target, survey, options, request.form))


def _survey(target: Target, run: ImportRun) -> Survey:
    """What the file holds: as it was kept, or looked at again."""
    file = runs.file_of(run)
    survey = surveying.kept(run.id)
    if survey is None:
        cells = file.with_name("again.cells")
        survey = surveying.look(surveying.opened(target, file, Options.from_json(run.options)), cells)
        surveying.keep(run.id, survey, cells)
    return survey


def _shown(board: Board) -> str:
    export = baseline.find(db.session(), board.plan, board.survey.export_token) if board.plan is not None else None
    begins = begins_at(board.target)
    return render_template("exchange/mapping.html", board=board, run=board.run, plan=board.plan, export=export, moment=moment, begins=begins)


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
    known = profiles.headers(db.session(), board.target.name)
    db.session.rollback()
    cells = board.file.with_name("again.cells")
    survey = surveying.look(surveying.opened(board.target, board.file, replace(options, columns={}), known), cells)
    choices = begun_with(board.target, survey, options)
    _write(board, choices, survey.encoding)
    surveying.keep(board.run.id, survey, cells)
    return _again(board)


def _use(board: Board) -> Response:
    """Match the columns as those of a remembered source, or by guess alone."""
    number = record_id(request.form.get("profile")) if request.form.get("profile") else None
    found = profiles.find(db.session(), board.target.name, number) if number is not None else None
    options = Options.from_json(board.run.options)
    plain = Options(mode=options.mode, encoding=options.encoding, sheet=options.sheet, export=options.export, file_name=options.file_name, given=board.options.given)
    _write(board, begun_with(board.target, board.survey, plain, found, is_told=True), board.run.encoding)
    return _again(board)


def _remember(board: Board) -> Response:
    """Save the choices for the next file of this source."""
    name = profiles.plain_name(request.form.get("name", ""))
    headings = [one.heading for one in board.survey.columns]
    with writing():
        saved = profiles.save(db.session(), person(), board.target.name, name, headings, board.options)
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
