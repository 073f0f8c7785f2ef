"""What a person decides about rows: cells corrected, one text taken for another, conflicts taken or left. Only those rows are checked again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request

from backoffice.db import db
from backoffice.declare import _
from backoffice.declare.journal import RunState
from backoffice.errors import BadRequest, NotFound, Stale
from backoffice.exchange import lifecycle
from backoffice.exchange import stage as staging
from backoffice.exchange.changes import ChangeSet, is_staged
from backoffice.exchange.options import Options
from backoffice.exchange.stage import DECIDE, REFUSE, Part
from backoffice.views.common import whole_number
from backoffice.views.imports import receipts
from backoffice.views.imports.checking import check
from backoffice.views.imports.looking import Look, own

LONGEST_TEXT = 20_000


@receipts.post("/imports/<number>/cells")
def correct(number: str) -> Any:
    """Take what was typed into a row instead of what its file says."""
    look = _open(number)
    with staging.opened(look.run.id) as stage:
        changes, options = _changes(look, stage)
        part, row = changes.part(request.form.get("part")), whole_number(request.form.get("row"))
        found = changes.one(part, row) if row is not None else None
        if found is None or found.raw is None or found.verdict not in (REFUSE, DECIDE):
            raise NotFound
        typed = {column.word: text for place, column in enumerate(part.mapped.columns) if (text := _typed(f"c{place}")) is not None}
        new = {word: text for word, text in typed.items() if text != _raw(found, part, word)}
        if not new:
            flash(str(_("Nothing was changed in row {row}.", row=found.number)), "message")
            return _back(look)
        cells = {**options.cells, found.number: {**options.cells.get(found.number, {}), **new}}
        return _checked(look, stage, [found.number], cells=cells)


@receipts.post("/imports/<number>/values")
def replace(number: str) -> Any:
    """Take one text for another in all rows of a column."""
    look = _open(number)
    with staging.opened(look.run.id) as stage:
        changes, options = _changes(look, stage)
        part, word = changes.part(request.form.get("part")), request.form.get("word", "")
        bad, instead = request.form.get("value", ""), (_typed("instead") or "").strip()
        rows = changes.with_text(part, word, bad)
        if not rows:
            raise NotFound
        values = {**options.values, word: {**options.values.get(word, {}), bad: instead}}
        return _checked(look, stage, rows, values=values)


@receipts.post("/imports/<number>/decide")
def decide(number: str) -> Any:
    """Take or leave a row that is to be decided, or all of one kind."""
    look = _open(number, RunState.APPLIED)
    choice = request.form.get("choice")
    if choice not in ("take", "leave"):
        raise BadRequest(_("Say what is to become of the row."))
    with staging.opened(look.run.id) as stage:
        changes, options = _changes(look, stage)
        part, row = changes.part(request.form.get("part")), whole_number(request.form.get("row"))
        if row is not None:
            found = changes.one(part, row)
            rows = [row] if found is not None and found.verdict == DECIDE else []
        else:
            rows = changes.numbers(part, "decide", code=request.form.get("code") or None)
        if not rows:
            raise NotFound
        other = "leave" if choice == "take" else "take"
        decided = {choice: sorted({*getattr(options, choice), *rows}), other: sorted(set(getattr(options, other)) - set(rows))}
        return _checked(look, stage, rows, **decided)


def _open(number: str, *also: RunState) -> Look:
    look = own(number)
    if look.run.state not in (RunState.PLANNED, *also) or not is_staged(look.run.id):
        raise Stale
    return look


def _changes(look: Look, stage: staging.Stage) -> tuple[ChangeSet, Options]:
    options = Options.from_json(look.run.options)
    return ChangeSet(stage, options.cells), options


def _raw(row: Any, part: Part, word: str) -> str:
    return str(next(row.raw_of(column) for column in part.mapped.columns if column.word == word))


def _typed(name: str) -> str | None:
    """What stands in an input; line ends as a file has them."""
    text = request.form.get(name)
    if text is not None and len(text) > LONGEST_TEXT:
        raise BadRequest(_("At most {most} characters fit here.", most=LONGEST_TEXT))
    return None if text is None else text.replace("\r\n", "\n")


def _checked(look: Look, stage: staging.Stage, rows: list[int], **chosen: Any) -> Any:
    """Keep the choice, and check these rows again."""
    lifecycle.change_options(look.run, **chosen)
    check(db.session(), look, stage, rows)
    db.session.commit()
    return _back(look)


def _back(look: Look) -> Any:
    """To the place in the list that the form was sent from."""
    place = request.form.get("place", "")
    return redirect(f"/imports/{look.run.id}" + (f"?{place}" if place.isascii() and place.isprintable() and " " not in place else "") + "#rows")
